"""A key counts only if the issuer's own document lists it for assertions."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Documents
from verifier.limits import DEFAULT_LIMITS
from verifier.resolvers import Keys, did_web_url, self_asserted_key

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ISSUER = "https://district.example/issuer"
MULTIBASE = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
KEY = f"{ISSUER}#{MULTIBASE}"


def method(**changes: Any) -> dict[str, Any]:
    return {"id": KEY, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": MULTIBASE, **changes}


def document(**changes: Any) -> dict[str, Any]:
    return {"id": ISSUER, "verificationMethod": [method()], "assertionMethod": [KEY], **changes}


def find(world: dict[str, Any], issuer: str = ISSUER, key: str = KEY, now: datetime = NOW) -> Any:
    pages = {url: page if isinstance(page, bytes) else json.dumps(page).encode() for url, page in world.items()}
    return Keys(Documents(pages), DEFAULT_LIMITS, now).find(issuer, key)


def code_of(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(VerifierError) as caught:
        find(*args, **kwargs)
    kind = "open" if isinstance(caught.value, CouldNotCheck) else "wrong"
    return f"{kind}:{caught.value.code}"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"assertionMethod": ["#" + MULTIBASE]},
        {"assertionMethod": [method()], "verificationMethod": []},
        {"assertionMethod": method()},
        {"verificationMethod": [method(id="#" + MULTIBASE)]},
        {"verificationMethod": [method(expires="2026-06-01T00:00:01Z")]},
    ],
)
def test_listed_keys_are_found(changes: dict[str, Any]) -> None:
    key = find({ISSUER: document(**changes)})
    assert (key.id, key.controller, key.source) == (KEY, ISSUER, ISSUER)
    assert key.method["publicKeyMultibase"] == MULTIBASE


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"assertionMethod": []}, "wrong:key_not_listed"),
        ({"assertionMethod": None}, "wrong:key_not_listed"),
        ({"assertionMethod": [], "authentication": [KEY]}, "wrong:key_not_listed"),
        ({"assertionMethod": [f"{ISSUER}#other"]}, "wrong:key_not_listed"),
        ({"verificationMethod": [method(controller="https://evil.example")]}, "wrong:key_controller_mismatch"),
        (
            {"verificationMethod": [{k: v for k, v in method().items() if k != "controller"}]},
            "wrong:key_controller_mismatch",
        ),
        ({"verificationMethod": [method(), method(publicKeyMultibase="z6Mkother")]}, "wrong:key_ambiguous"),
        ({"verificationMethod": [method(revoked="2026-06-01T00:00:00Z")]}, "wrong:key_revoked"),
        ({"verificationMethod": [method(expires="2026-06-01T00:00:00Z")]}, "wrong:key_expired"),
        ({"verificationMethod": [method(expires="soon")]}, "wrong:date_malformed"),
        ({"id": "https://evil.example"}, "wrong:controller_document_id_mismatch"),
        ({"id": None}, "wrong:controller_document_id_mismatch"),
    ],
)
def test_everything_else_is_refused(changes: dict[str, Any], code: str) -> None:
    assert code_of({ISSUER: document(**changes)}) == code


def test_what_cannot_be_had_stays_open() -> None:
    assert code_of({}) == "open:offline"
    assert code_of({ISSUER: b"<html>"}) == "open:controller_document_unreadable"
    assert code_of({ISSUER: b" " * 600_000}) == "open:response_too_large"
    assert code_of({}, issuer="did:ion:x") == "open:issuer_method_not_supported"
    assert code_of({}, issuer="http://district.example/issuer") == "open:issuer_method_not_supported"


def test_a_listed_key_with_an_address_of_its_own_is_fetched() -> None:
    key = "https://district.example/keys/1"
    lists = document(assertionMethod=[key])
    assert find({ISSUER: lists, key: method(id=key)}, key=key).method["id"] == key
    assert code_of({ISSUER: lists, key: method(id="https://x.example/k")}, key=key) == "wrong:key_malformed"
    assert code_of({ISSUER: lists, key: method(id=key, controller="x:y")}, key=key) == "wrong:key_controller_mismatch"
    assert code_of({ISSUER: lists}, key=key) == "open:offline"
    assert code_of({ISSUER: document(), key: method(id=key)}, key=key) == "wrong:key_not_listed"


def test_did_jwk() -> None:
    def did(jwk: dict[str, Any]) -> str:
        return "did:jwk:" + base64.urlsafe_b64encode(json.dumps(jwk).encode()).rstrip(b"=").decode()

    good = did({"kty": "OKP", "crv": "Ed25519", "x": "AA"})
    assert find({}, issuer=good, key=good + "#0").method["publicKeyJwk"]["crv"] == "Ed25519"
    assert code_of({}, issuer=good, key=good + "#1") == "wrong:key_not_listed"
    only_encrypts = did({"kty": "OKP", "crv": "X25519", "x": "AA", "use": "enc"})
    assert code_of({}, issuer=only_encrypts, key=only_encrypts + "#0") == "wrong:key_not_listed"
    private = did({"kty": "OKP", "crv": "Ed25519", "x": "AA", "d": "AA"})
    assert code_of({}, issuer=private, key=private + "#0") == "wrong:private_key_published"
    for bad in ("did:jwk:", "did:jwk:!!!", "did:jwk:W10", "did:jwk:e30=x"):
        assert code_of({}, issuer=bad, key=bad + "#0") in ("wrong:did_malformed", "wrong:key_not_listed")


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:example.com%3a3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:localhost%3A8443", "https://localhost:8443/.well-known/did.json"),
        ("did:web:example.com:a%20b", "https://example.com/a%20b/did.json"),
    ],
)
def test_did_web_addresses(did: str, url: str) -> None:
    assert did_web_url(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web:127.0.0.1",
        "did:web:2130706433",
        "did:web:example.1",
        "did:web:[%3A%3A1]",
        "did:web:example.com:",
        "did:web:example.com::a",
        "did:web:example.com:..:a",
        "did:web:example.com:%2e%2e:a",
        "did:web:example.com:a%2Fb",
        "did:web:example.com%2Fevil",
        "did:web:user@example.com",
        "did:web:user%40example.com",
        "did:web:example.com#key",
        "did:web:exa mple.com",
        "did:web:-a.example",
        "did:web:example.com%3Aport",
        "did:web:example.com:a?b",
        "did:web:" + "a." * 600 + "example",
    ],
)
def test_addresses_that_are_no_did_web(did: str) -> None:
    with pytest.raises(VerifierError) as caught:
        did_web_url(did)
    assert caught.value.code == "did_malformed"


def test_a_key_in_a_fragment_is_seen_but_means_nothing() -> None:
    assert self_asserted_key(KEY) == MULTIBASE
    assert self_asserted_key(f"{ISSUER}#key-1") is None
