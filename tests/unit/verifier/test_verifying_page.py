"""The example in docs/verifying.md runs as it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import verifier
from tests.build_assets import FOLDER
from tests.simulator import World

PAGE = Path(__file__).parents[3] / "docs" / "verifying.md"


def example() -> str:
    section = PAGE.read_text("utf-8").split("**In Python.**", 1)[1]
    found = re.search(r"```python\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_has_at_most_five_lines() -> None:
    assert len([line for line in example().splitlines() if line.strip()]) <= 5


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(FOLDER / "good_did_key_issuer.json", tmp_path / "badge.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(verifier, "HttpsFetcher", World)
    exec(compile(example(), str(PAGE), "exec"), {})  # noqa: S102 - the page's own example
    # The badge is good, and not by the issuer that the example names.
    assert capsys.readouterr().out.startswith("unrecognised ")
