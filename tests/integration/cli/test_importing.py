"""Importing on the command line: a dry run changes nothing, a second import neither."""

from __future__ import annotations

import json
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


def test_a_badge_is_completed_by_a_rubric_and_by_its_template(tmp_path: Path) -> None:
    from tests.integration.test_completing import RUBRIC, badge, package

    (tmp_path / "badge.json").write_text(json.dumps(badge()))
    (tmp_path / "package.json").write_text(json.dumps(package()))
    assert run("import", "framework", str(tmp_path / "package.json"), "--org", "lakeside", "--apply").exit_code == 0
    taken = ("import", "definitions", str(tmp_path / "badge.json"), "--org", "lakeside", "--apply")
    refused = run(*taken, "--publish")
    assert (refused.exit_code, "The rubric is missing" in refused.output) == (1, True)
    assert "missing  The rubric is missing" in run(*taken).output
    adopted = ("import", "rubric", RUBRIC, "--org", "lakeside", "--key", "robotics", "--level", "fair")
    planned = run(*adopted)
    assert "It finds its way: – → It finds its way: Poor, Fair, Good" in planned.output
    assert "Nothing has been changed." in planned.output
    assert "Adopted." in run(*adopted, "--apply").output
    assert "Nothing had to be changed." in run(*adopted, "--apply").output
    template = run("import", "template", "robotics", "--org", "lakeside").output
    assert json.loads(template)["microcredentials"][0]["rubric"] == {"uri": RUBRIC, "requiredLevel": "fair"}
    (tmp_path / "template.json").write_text(template)
    again = run("import", "definitions", str(tmp_path / "template.json"), "--org", "lakeside", "--apply", "--publish")
    assert "Published." in again.output
    assert run("import", "rubric", RUBRIC, "--org", "lakeside").exit_code == 2
    assert run("import", "rubric", "urn:x:y", "--org", "lakeside", "--key", "robotics").exit_code == 1
    assert run("import", "template", "nobody", "--org", "lakeside").exit_code == 1
