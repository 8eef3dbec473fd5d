"""`pip install badgewright` without extras, in an empty environment: the verifier and its command line work."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build_assets import FOLDER
from tests.simulator import World

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel and the libraries of its plain dependencies only."""
    folder = tmp_path_factory.mktemp("bare")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("badgewright-*.whl")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    install = [
        python,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--quiet",
        "install",
        "-c",
        ROOT / "constraints.txt",
        wheel,
    ]
    subprocess.run(install, check=True)
    return python.parent


def run(environment: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
    # Nothing of this checkout may be importable.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [environment / "badgewright", *args], cwd=environment, env=clean, capture_output=True, text=True, timeout=120
    )


def test_no_web_framework_and_no_database_came_along(environment: Path) -> None:
    listed = subprocess.run(
        [environment / "python", "-m", "pip", "list", "--format=freeze"], check=True, capture_output=True, text=True
    )
    names = {line.partition("==")[0].lower() for line in listed.stdout.splitlines()}
    assert "badgewright" in names
    assert not {"flask", "sqlalchemy", "dbos", "alembic"} & names


def test_a_badge_is_verified_and_a_changed_one_is_not(environment: Path) -> None:
    issuer = World().issuer("did:key").id
    at = ("--offline", "--at", "2026-06-01T12:00:00Z", "--json")
    good = run(environment, "verify", FOLDER / "good_did_key_issuer.json", "--issuer", issuer, *at)
    assert good.returncode == 0, good.stdout + good.stderr
    assert json.loads(good.stdout)["verdict"] == "verified"
    changed = run(environment, "verify", FOLDER / "changed_after_signing.json", "--any-issuer", *at)
    assert changed.returncode == 1, changed.stdout + changed.stderr
    nobody = run(environment, "verify", FOLDER / "good_did_key_issuer.json", *at)
    assert nobody.returncode == 4


def test_the_handed_in_documents_are_enough(environment: Path, tmp_path: Path) -> None:
    pages = json.loads((FOLDER / "pages.json").read_bytes())
    (tmp_path / "did.json").write_text(pages["https://school.example/.well-known/did.json"])
    (tmp_path / "list.json").write_text(pages["https://school.example/status/1"])
    given = ("--did-document", tmp_path / "did.json", "--status-list", tmp_path / "list.json", "--offline")
    at = ("--issuer", "did:web:school.example", "--at", "2026-06-01T12:00:00Z")
    assert run(environment, "verify", FOLDER / "good_not_revoked.json", *given, *at).returncode == 0
    assert run(environment, "verify", FOLDER / "revoked.json", *given, *at).returncode == 1


def test_help_works_and_the_service_fails_with_a_sentence(environment: Path) -> None:
    shown = run(environment, "--help")
    assert shown.returncode == 0
    assert "verify" in shown.stdout
    serve = run(environment, "serve")
    assert serve.returncode != 0
    assert "Traceback" not in serve.stderr
