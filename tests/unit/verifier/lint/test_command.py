"""`badgewright verify --lint`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from schemas.report import ReportShape
from tests.unit.verifier.lint.conftest import ISSUER, NOW, sign, status_list, unsigned
from verifier import cli


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "badge.json").write_text(json.dumps(sign(unsigned())))
    (tmp_path / "list.json").write_text(json.dumps(sign(status_list())))
    return [str(tmp_path / "badge.json"), "--status-list", str(tmp_path / "list.json")]


def run(*args: str) -> Result:
    return CliRunner().invoke(
        cli.badgewright, ["verify", "--offline", "--at", NOW.isoformat(), "--issuer", ISSUER, *args]
    )


def test_the_table_names_every_probe(files: list[str]) -> None:
    result = run(*files, "--lint")
    assert "may pass this" in result.output
    for name in ("CredentialParseProbe", "JsonSchemasProbe", "IssuerProbe", "EmbeddedProofProbe", "IssuanceProbe"):
        assert name in result.output
    assert "not_checked" in result.output


def test_the_json_holds_the_lint_beside_the_report(files: list[str]) -> None:
    answer = json.loads(run(*files, "--lint", "--json").output)
    assert answer["lint"]["passes"] is True
    assert answer["lint"]["complete"] is False
    assert [probe["number"] for probe in answer["lint"]["probes"]] == list(range(1, 15))
    del answer["source"]
    assert ReportShape().load(answer)
    assert "lint" not in json.loads(run(*files, "--json").output)


def test_a_lint_never_changes_the_verdict(files: list[str]) -> None:
    assert run(*files, "--lint").exit_code == run(*files).exit_code


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    path = tmp_path / "expired.json"
    endorsed = sign(
        {**unsigned(), "id": "urn:example:endorsement", "type": ["VerifiableCredential", "EndorsementCredential"]}
    )
    path.write_text(json.dumps(sign({**unsigned(), "validUntil": "2026-02-01T00:00:00Z", "endorsement": [endorsed]})))
    result = run(str(path), "--lint")
    assert "would not pass this (fatal)" in result.output
    assert "lint_expired" in result.output
    assert "endorsement /endorsement/0" in result.output
