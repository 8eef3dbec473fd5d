"""`badgewright verify` with many inputs: the gravest verdict ends it, the files hold every row."""

import csv
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.build_assets import FOLDER
from verifier import cli

SCHOOL = "did:web:school.example"


@pytest.fixture
def handed_in(tmp_path: Path) -> list[str]:
    """The issuer's document and its status list as files."""
    pages = json.loads((FOLDER / "pages.json").read_bytes())
    (tmp_path / "did.json").write_text(pages["https://school.example/.well-known/did.json"])
    (tmp_path / "list.json").write_text(pages["https://school.example/status/1"])
    return ["--did-document", str(tmp_path / "did.json"), "--status-list", str(tmp_path / "list.json")]


@pytest.fixture
def badges(tmp_path: Path) -> Path:
    folder = tmp_path / "badges"
    folder.mkdir()
    for name in ("good.json", "good.png", "revoked.json"):
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(FOLDER / "good_not_revoked.json", "inside.json")
    return folder


def run(*args: object) -> Result:
    fixed = ["verify", "--at", "2026-06-01T12:00:00Z", "--offline", "--issuer", SCHOOL]
    result = CliRunner().invoke(cli.badgewright, [*fixed, *map(str, args)])
    assert "Traceback" not in result.output
    return result


@pytest.mark.parametrize("jobs", ["0", "1"])
def test_a_folder_with_everything(badges: Path, handed_in: list[str], tmp_path: Path, jobs: str) -> None:
    files = tmp_path / "out.csv", tmp_path / "out.jsonl"
    result = run(badges, *handed_in, "--csv", files[0], "--jsonl", files[1], "--jobs", jobs)
    assert result.exit_code == 1, result.output
    with files[0].open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["name"], row["verdict"], row["code"]) for row in rows] == [
        ("good.json", "verified", ""),
        ("good.png", "verified", ""),
        ("more.zip: inside.json", "verified", ""),
        ("revoked.json", "failed", "revoked"),
    ]
    reports = [json.loads(line) for line in files[1].read_text().splitlines()]
    assert [(report["source"], report["verdict"]) for report in reports] == [
        (row["name"], row["verdict"]) for row in rows
    ]
    assert reports[0]["results"]
    assert "revoked.json" in result.output
    assert "good.png" not in result.output
    assert "4  in all" in result.output


def test_the_gravest_verdict_counts(badges: Path, handed_in: list[str], tmp_path: Path) -> None:
    (badges / "revoked.json").unlink()
    assert run(badges, *handed_in).exit_code == 0
    (badges / "away.json").write_bytes((FOLDER / "changed_issuer_away.json").read_bytes())
    (badges / "stranger.csv").write_text("id\nurn:uuid:1\n")
    assert run(badges, "--jobs", "0").exit_code == 1
    assert run(badges / "stranger.csv", "--jobs", "0").exit_code == 3


def test_a_list_of_reports_on_standard_output(badges: Path, handed_in: list[str]) -> None:
    result = run(badges, *handed_in, "--json", "--jobs", "0")
    assert [report["verdict"] for report in json.loads(result.stdout)] == ["verified"] * 3 + ["failed"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["nowhere", "--jobs", "1"], "no such file"),
        (["-", "--jobs", "1"], "Standard input"),
        (["EMPTY"], "nothing to verify"),
        (["EMPTY", "--explain"], "one credential at a time"),
    ],
)
def test_wrong_usage(args: list[str], sentence: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    result = run(*[str(empty) if arg == "EMPTY" else arg for arg in args])
    assert result.exit_code == 2
    assert sentence in result.output


def test_a_few_plain_files_are_shown_one_by_one(badges: Path, handed_in: list[str]) -> None:
    result = run(badges / "good.json", badges / "good.png", *handed_in)
    assert result.exit_code == 0
    assert result.output.count("VERIFIED") == 2
    assert "in all" not in result.output
