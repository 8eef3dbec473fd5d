"""Blocks of README.md that are marked `run` are run: in order, in one folder, with a live server beside them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from issuer import clock
from issuer.db import make_engine, make_sessions, unit_of_work
from issuer.queries.credentials import organisation_by_slug
from issuer.services import api_keys
from issuer.services.access import Actor
from tests.integration.cli.test_serving import free_port, serving

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- run(?P<server>: server)? -->\n```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")


def blocks() -> Iterator[tuple[bool, str, str]]:
    for match in BLOCK.finditer(README):
        yield bool(match["server"]), match["language"], match["text"]


def run(command: list[str], folder: Path, environ: dict[str, str]) -> str:
    result = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, f"{command[-1]}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.mark.network
def test_what_is_marked_runs(tmp_path: Path) -> None:
    assert [language for _, language, _ in blocks()] == ["sh", "python", "sh"]
    port, said = free_port(), []
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for variable in [name for name in environ if name.startswith("BADGEWRIGHT_") or name == "DATABASE_URL"]:
        del environ[variable]
    with serving(tmp_path, port, "--demo"):
        environ |= {"BASE": f"http://127.0.0.1:{port}", "KEY": demo_key(tmp_path)}
        for _, language, text in blocks():
            command = ["bash", "-euo", "pipefail", "-c", text] if language == "sh" else [sys.executable, "-c", text]
            said.append(run(command, tmp_path, environ))
    assert "VERIFIED" in said[0]
    assert said[1].startswith("undetermined")
    assert '"exit-tickets"' in said[2]
    assert '"verdict"' in said[2]


def demo_key(tmp_path: Path) -> str:
    engine = make_engine(f"sqlite:///{tmp_path / 'var' / 'badgewright.sqlite3'}")
    with unit_of_work(make_sessions(engine)) as session:
        _, text = api_keys.create(
            session,
            organisation_id=organisation_by_slug(session, "maple-county").id,
            name="README",
            scopes=["achievements:read"],
            actor=Actor.command(),
            now=clock.now(),
        )
    engine.dispose()
    return text


def test_links_lead_to_files() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    missing = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists() and not target.startswith("docs/images/")
    ]
    assert not missing
