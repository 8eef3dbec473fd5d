"""Importing on the command line: a dry run changes nothing, a second import neither."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from achievements import definitions as ours
from issuer.cli import commands


@pytest.fixture(autouse=True)
def _installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BADGEWRIGHT_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run("init", "--organisation", "Lakeside", "--admin", "a@example.org").exit_code == 0
    (tmp_path / "framework.json").write_bytes(ours.raw(ours.FRAMEWORK_FILE))
    (tmp_path / "definitions.json").write_bytes(ours.raw(ours.MICROCREDENTIALS_FILE))


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words)


def test_dry_run_import_and_again(tmp_path: Path) -> None:
    framework = ("import", "framework", str(tmp_path / "framework.json"), "--org", "lakeside")
    assert "Nothing has been changed" in run(*framework).output
    assert "Imported: 1 of 1 changed." in run(*framework, "--apply").output
    assert "Imported: 0 of 1 changed." in run(*framework, "--apply").output
    definitions = ("import", "definitions", str(tmp_path / "definitions.json"), "--org", "lakeside")
    assert "Imported: 3 of 3 changed. Published." in run(*definitions, "--apply", "--publish").output
    again = run(*definitions)
    assert again.output.count("as it was") == 3


def test_what_cannot_be_imported_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    bad = ("import", "definitions", str(tmp_path / "bad.json"), "--org", "lakeside")
    for words in (bad, (*bad, "--apply")):
        result = run(*words)
        assert (result.exit_code, "This file cannot be imported." in result.output) == (1, True)
    unknown = run("import", "framework", str(tmp_path / "framework.json"), "--org", "nowhere")
    assert (unknown.exit_code, "There is no such organisation." in unknown.output) == (1, True)
    assert run(*bad, "--publish").exit_code == 2
