"""Trust registries: our format, the DCC's, digests and signatures; and everything that must not make trust."""

from __future__ import annotations

import copy
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from verifier.cli import badgewright
from verifier.errors import VerifierError
from verifier.trust import read_registry

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OURS: dict[str, Any] = {
    "type": "BadgewrightTrustRegistry",
    "version": 1,
    "name": "Example State",
    "revision": "2026-02",
    "updated": "2026-02-01T00:00:00Z",
    "issuers": [{"id": "did:web:badges.example.org", "name": "Example District", "validFrom": "2025-01-01T00:00:00Z"}],
}
DCC: dict[str, Any] = {
    "meta": {"created": "2025-01-01T00:00:00+00:00", "updated": "2026-01-01T00:00:00+00:00"},
    "registry": {"did:web:badges.example.org": {"name": "Example District", "url": "https://example.org"}},
}


def data(document: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({**copy.deepcopy(document), **changes}).encode()


def code(content: bytes, **options: Any) -> str:
    with pytest.raises(VerifierError) as caught:
        read_registry(content, now=NOW, **options)
    return caught.value.code


def test_our_format() -> None:
    found = read_registry(data(OURS), now=NOW)
    assert (found.name, found.format, found.revision, len(found.policy)) == (
        "Example State",
        "badgewright",
        "2026-02",
        1,
    )
    assert found.signed_by == ""


def test_the_format_of_the_dcc() -> None:
    found = read_registry(data(DCC), now=NOW)
    assert (found.format, len(found.policy), found.updated) == ("dcc", 1, "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"type": "TrustList"}, "trust_registry_malformed"),
        ({"version": 2}, "trust_registry_version"),
        ({"version": True}, "trust_registry_version"),
        ({"name": " "}, "trust_registry_malformed"),
        ({"issuers": {}}, "trust_registry_malformed"),
        ({"validuntil": "2026-01-01T00:00:00Z"}, "trust_registry_malformed"),
        ({"validUntil": "2026-02-28T00:00:00Z"}, "trust_registry_expired"),
        ({"issuers": [{"id": "http://example.org"}]}, "trust_registry_malformed"),
        ({"issuers": [{"id": "did:web:a.example", "valid_until": "x"}]}, "trust_registry_malformed"),
        ({"issuers": [{"id": "did:web:a.example", "achievements": []}]}, "trust_registry_malformed"),
        ({"issuers": ["did:web:a.example"]}, "trust_registry_malformed"),
    ],
)
def test_what_a_registry_may_not_be(changes: dict[str, Any], expected: str) -> None:
    assert code(data(OURS, **changes)) == expected


@pytest.mark.parametrize(
    "registry", [{"badges.example.org": {"name": "x"}}, {"did:web:a.example": "x"}, {"did:web:a.example": {"name": 1}}]
)
def test_what_a_dcc_registry_may_not_be(registry: dict[str, Any]) -> None:
    assert code(data(DCC, registry=registry)) == "trust_registry_malformed"


def test_a_pinned_digest_holds_or_nothing_does() -> None:
    content = data(OURS)
    digest = hashlib.sha256(content).hexdigest()
    assert read_registry(content, now=NOW, sha256=digest.upper()).sha256 == digest
    assert code(content + b"\n", sha256=digest) == "trust_registry_digest"


@pytest.fixture
def signed(tmp_path: Path) -> tuple[bytes, str]:
    """A registry signed by the command line, and the DID it printed."""
    (tmp_path / "registry.json").write_bytes(data(OURS))
    run = CliRunner()
    made = run.invoke(badgewright, ["trust", "keygen", str(tmp_path / "key.pem")])
    assert made.exit_code == 0, made.output
    assert (tmp_path / "key.pem").stat().st_mode & 0o077 == 0
    arguments = ["trust", "sign", str(tmp_path / "registry.json"), "--key", str(tmp_path / "key.pem")]
    out = tmp_path / "signed.json"
    done = run.invoke(badgewright, [*arguments, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out.read_bytes(), made.output.strip()


def later(document: bytes) -> datetime:
    return datetime.fromisoformat(json.loads(document)["proof"][0]["created"])


def test_a_signed_registry_is_read_for_its_signer_alone(signed: tuple[bytes, str]) -> None:
    content, did = signed
    now = later(content)
    assert read_registry(content, now=now, signers=[did]).signed_by == did
    stranger = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    with pytest.raises(VerifierError, match="anybody you named"):
        read_registry(content, now=now, signers=[stranger])


def test_a_changed_or_unsigned_registry_is_not_the_signers(signed: tuple[bytes, str]) -> None:
    content, did = signed
    document = json.loads(content)
    document["issuers"].append({"id": "did:web:attacker.example"})
    with pytest.raises(VerifierError) as caught:
        read_registry(json.dumps(document).encode(), now=later(content), signers=[did])
    assert caught.value.code == "trust_registry_signature"
    assert code(data(OURS), signers=[did]) == "trust_registry_unsigned"
    assert code(data(OURS, proof=[]), signers=[did]) == "trust_registry_signature"


def test_a_claimed_verification_method_does_not_lend_its_name(signed: tuple[bytes, str]) -> None:
    content, _did = signed
    document = json.loads(content)
    other = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    document["proof"][0]["verificationMethod"] = f"{other}#{other.removeprefix('did:key:')}"
    with pytest.raises(VerifierError) as caught:
        read_registry(json.dumps(document).encode(), now=later(content), signers=[other])
    assert caught.value.code == "trust_registry_signature"


def test_a_signature_dated_in_the_future_is_refused(signed: tuple[bytes, str]) -> None:
    content, did = signed
    assert code(content, signers=[did]) in ("trust_registry_signature",)


def test_keygen_never_writes_over_a_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("precious")
    result = CliRunner().invoke(badgewright, ["trust", "keygen", str(path)])
    assert result.exit_code == 2
    assert path.read_text() == "precious"


def test_verify_needs_a_registry_to_ask_for_its_signer(tmp_path: Path) -> None:
    file = tmp_path / "badge.json"
    file.write_text("{}")
    result = CliRunner().invoke(badgewright, ["verify", str(file), "--trust-signer", "did:key:z6Mk"])
    assert result.exit_code == 2
    assert "--trust-signer" in result.output
