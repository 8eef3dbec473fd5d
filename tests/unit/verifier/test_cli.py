"""The command line: exit codes scripts can rely on, sentences people can read."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.build_assets import FOLDER
from tests.simulator import RECIPIENT, TestEcSigner, World
from verifier import cli
from verifier.formats import multikey
from verifier.proofs.jwt import secure_jwt

SCHOOL = "did:web:school.example"
AT = ("--at", "2026-06-01T12:00:00Z", "--offline")


@pytest.fixture
def handed_in(tmp_path: Path) -> list[str]:
    """The issuer's document and its status list as files."""
    pages = json.loads((FOLDER / "pages.json").read_bytes())
    (tmp_path / "did.json").write_text(pages["https://school.example/.well-known/did.json"])
    (tmp_path / "list.json").write_text(pages["https://school.example/status/1"])
    return ["--did-document", str(tmp_path / "did.json"), "--status-list", str(tmp_path / "list.json")]


def run(*args: str, **kwargs: object) -> Result:
    result = CliRunner().invoke(cli.badgewright, ["verify", *AT, *args], **kwargs)
    assert "Traceback" not in result.output
    return result


def asset(name: str) -> str:
    return str(FOLDER / name)


@pytest.mark.parametrize(
    ("name", "args", "code"),
    [
        ("good.json", ["--issuer", SCHOOL], 0),
        ("good.png", ["--issuer", SCHOOL], 0),
        ("good_not_revoked.json", ["--issuer", SCHOOL], 0),
        ("revoked.json", ["--issuer", SCHOOL], 1),
        ("changed_after_signing.json", ["--any-issuer"], 1),
        ("not_json.json", ["--any-issuer"], 1),
        ("good.json", [], 4),
        ("good.json", ["--issuer", "did:web:else.example"], 4),
        ("good.json", ["--any-issuer"], 0),
        ("status_list_unreachable.json", ["--issuer", SCHOOL], 3),
        ("good.json", ["--issuer", SCHOOL, "--recipient", RECIPIENT], 0),
        ("good.json", ["--issuer", SCHOOL, "--recipient", "other@school.example"], 1),
        ("good.json", ["--issuer", SCHOOL, "--evidence", asset("good.png")], 1),
    ],
)
def test_exit_codes(name: str, args: list[str], code: int, handed_in: list[str]) -> None:
    result = run(asset(name), *args, *handed_in)
    assert result.exit_code == code, result.output


def test_a_genuine_badge_about_somebody_else_is_no_forgery_in_words(handed_in: list[str]) -> None:
    result = run(asset("good.json"), "--issuer", SCHOOL, "--recipient", "other@school.example", *handed_in)
    assert (
        "is authentic and valid, and its issuer is on the list of recognised issuers. But it is not about the person"
        in " ".join(result.output.split())
    )
    assert "must not be relied upon" not in result.output
    forged = run(asset("changed_after_signing.json"), "--any-issuer", "--recipient", "other@school.example", *handed_in)
    assert "must not be relied upon" in forged.output


def test_without_the_issuers_document_nobody_can_tell() -> None:
    assert run(asset("good.json"), "--issuer", SCHOOL).exit_code == 3


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["no-such-file.json"],
        [asset("good.json"), "--at", "tomorrow"],
        [asset("good.json"), "--trust", asset("good.json")],
        [asset("good.json"), "--did-document", asset("not_json.json")],
        [asset("good.json"), "--status-list", asset("not_json.json")],
        [asset("good.json"), "--any-issuer", "--issuer", SCHOOL],
        [asset("good.json"), "--recipient", " "],
    ],
)
def test_wrong_usage_is_2(args: list[str]) -> None:
    assert run(*args).exit_code == 2


def test_standard_input_and_several_files(handed_in: list[str]) -> None:
    good = Path(asset("good.json")).read_bytes()
    assert run("-", "--issuer", SCHOOL, *handed_in, input=good).exit_code == 0
    several = run(asset("good.json"), asset("revoked.json"), "--issuer", SCHOOL, "--json", *handed_in)
    assert several.exit_code == 1
    assert [report["verdict"] for report in json.loads(several.stdout)] == ["verified", "failed"]


def test_a_trust_registry(tmp_path: Path, handed_in: list[str]) -> None:
    registry = {
        "type": "BadgewrightTrustRegistry",
        "version": 1,
        "name": "State",
        "issuers": [{"id": SCHOOL, "name": "School"}],
    }
    (tmp_path / "trust.json").write_text(json.dumps(registry))
    result = run(asset("good.json"), "--trust", str(tmp_path / "trust.json"), *handed_in)
    assert result.exit_code == 0
    assert "recognised by State" in result.output


def test_accepting_anybody_says_so(handed_in: list[str]) -> None:
    result = run(asset("good.json"), "--any-issuer", *handed_in)
    assert "UNSAFE" in result.stderr
    assert "recognised" not in result.stdout
    assert "whether to trust this one is open" in " ".join(result.stdout.split())


def test_json_has_the_documented_shape(handed_in: list[str]) -> None:
    report = json.loads(run(asset("revoked.json"), "--issuer", SCHOOL, "--json", *handed_in).stdout)
    assert report["verdict"] == "failed"
    assert report["checkedAt"] == "2026-06-01T12:00:00Z"
    assert report["issuer"] == SCHOOL
    status = next(result for result in report["results"] if result["check"] == "status")
    assert (status["outcome"], status["code"]) == ("failed", "revoked")
    assert status["details"]["index"] == 94_567


def test_explain_names_codes_and_rules(handed_in: list[str]) -> None:
    output = run(asset("good_not_revoked.json"), "--issuer", SCHOOL, "--explain", *handed_in).stdout
    for word in ("code: proof_valid", "rule: ", "looked at: ", "VERIFIED"):
        assert word in output


def test_a_hostile_name_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    bad = tmp_path / "x.json"
    bad.write_text(
        json.dumps(
            {"type": "x", "@context": [], "credentialStatus": {"type": "\x1b[2J[bold]"}, "issuer": "urn:\x1b]0;x\x07"}
        )
    )
    output = run(str(bad), "--any-issuer", "--explain").stdout
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", output)


def test_a_url_is_not_fetched_offline() -> None:
    assert run("https://badges.example.org/1.json", "--any-issuer").exit_code == 3


def test_a_url_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    key = world.issuer("did:key")
    world.publish("https://badges.example.org/1.json", key.sign(key.badge()))
    monkeypatch.setattr(cli, "HttpsFetcher", lambda: world)
    result = CliRunner().invoke(
        cli.badgewright,
        ["verify", "https://badges.example.org/1.json", "--issuer", key.id, "--at", "2026-06-01T12:00:00Z"],
    )
    assert result.exit_code == 0


def test_any_document_can_be_handed_in_by_its_address(tmp_path: Path) -> None:
    """A key set has no id of its own."""
    issuer = "https://college.example/issuer"
    signer = TestEcSigner("key set", issuer)
    (tmp_path / "badge.jws").write_bytes(secure_jwt(World().issuer(issuer).badge(), signer, key_id="k1"))
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [{**multikey.to_jwk(signer.public), "kid": "k1"}]}))
    given = f"https://college.example/.well-known/jwks.json={tmp_path / 'keys.json'}"
    badge = str(tmp_path / "badge.jws")
    assert run(badge, "--issuer", issuer, "--document", given).exit_code == 0
    assert run(badge, "--issuer", issuer).exit_code == 3
    for wrong in ("keys.json", "http://x.example/=x", "https://x.example/=no-such-file"):
        assert run(badge, "--issuer", issuer, "--document", wrong).exit_code == 2
