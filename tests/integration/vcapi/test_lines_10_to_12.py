"""What W3C's suites send and expect: status, envelopes, and what VC-JOSE-COSE material carries."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.vcapi.conftest import DIDS, VCDM_2, WITH_STATUS, Suite, older, plain
from tests.simulator import TestEcSigner, TestSigner
from verifier.formats import bitstring, jws, multibase

# -- line 10: status


def listed(suite: Suite, vc: Any) -> Any:
    entry = vc["credentialStatus"]
    got = suite.client.get(entry["statusListCredential"].removeprefix("http://localhost:8000"))
    assert got.status_code == 200
    return json.loads(got.get_data())


@pytest.mark.parametrize("name", ["identity", "organisation"])
def test_line_10_the_issuer_adds_a_status(suite: Suite, name: str) -> None:
    """An identity's list is signed by another DID than the badge: the organisation that keeps it."""
    credential = plain(issuer=WITH_STATUS if name == "identity" else suite.did)
    vc = suite.issue(credential, token=suite.key).vc
    entry = vc["credentialStatus"]
    assert entry["type"] == "BitstringStatusListEntry"
    assert entry["statusPurpose"] == "revocation"
    assert isinstance(entry["statusListIndex"], str)
    assert entry["id"] != entry["statusListCredential"]
    assert vc["credentialSubject"] == credential["credentialSubject"]
    document = listed(suite, vc)
    assert "BitstringStatusListCredential" in document["type"]
    assert document["issuer"] == suite.did
    encoded = document["credentialSubject"]["encodedList"]
    assert encoded.startswith("u")
    assert len(bitstring.decode(encoded, max_bytes=1 << 24)) >= 16_384
    assert suite.verify(vc).status == 200
    assert suite.verify(document).status == 200


def test_line_10_two_credentials_have_two_places(suite: Suite) -> None:
    places = {suite.issue(plain(issuer=WITH_STATUS)).vc["credentialStatus"]["statusListIndex"] for _ in range(5)}
    assert len(places) == 5


def test_line_10_the_status_can_be_left_out_or_brought_along(suite: Suite) -> None:
    assert "credentialStatus" not in suite.issue(plain(issuer=WITH_STATUS), status="none").vc
    assert "credentialStatus" not in suite.issue(older(issuer=WITH_STATUS)).vc
    assert suite.issue(older(issuer=WITH_STATUS), status="revocation").code == "status_not_available"
    own = {"type": "ExampleStatus", "id": "https://a.example/s"}
    contexts = [VCDM_2, "https://www.w3.org/ns/credentials/examples/v2"]
    vc = suite.issue(plain(**{"@context": contexts}, issuer=WITH_STATUS, credentialStatus=own)).vc
    assert vc["credentialStatus"] == own
    asked = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    assert "credentialStatus" in suite.issue(plain(issuer=WITH_STATUS), credentialStatus=asked).vc


@pytest.mark.parametrize(
    "change",
    [
        {"statusListIndex": True},
        {"statusListIndex": 4},
        {"statusListIndex": "-1"},
        {"statusListCredential": None},
        {"statusPurpose": None},
        {"id": "https://a.example/list"},
        {"statusSize": 0},
        {"statusSize": 2},
    ],
)
def test_line_10_a_malformed_entry_is_refused(suite: Suite, change: dict[str, Any]) -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://a.example/list",
    } | change
    entry = {name: value for name, value in entry.items() if value is not None}
    assert suite.issue(plain(credentialStatus=entry)).code == "status_malformed"


def test_line_10_revoked(suite: Suite) -> None:
    """Its bit is set by the organisation, and the next verification says so."""
    vc = suite.issue(plain(issuer=WITH_STATUS)).vc
    assert suite.verify(vc).status == 200
    body = {"credentialStatus": vc["credentialStatus"], "status": True}
    assert suite.post("/credentials/status", body).status == 401
    assert suite.post("/credentials/status", {**body, "status": False}, suite.key).code == "option_malformed"
    elsewhere = {**vc["credentialStatus"], "statusListCredential": "https://a.example/list"}
    assert suite.post("/credentials/status", {"credentialStatus": elsewhere}, suite.key).code == "not_found"
    assert suite.post("/credentials/status", body, suite.key).status == 200
    assert suite.post("/credentials/status", body, suite.key).code == "already_revoked"
    answer = suite.verify(vc)
    assert answer.code == "revoked"
    assert answer.body["problemDetails"][0]["type"].startswith("https://www.w3.org/ns/credentials/status-list#")
    other = suite.issue(plain(issuer=WITH_STATUS)).vc
    assert suite.verify(other).status == 200


# -- line 11: envelopes and older tokens; `typ` decides


def token(payload: dict[str, Any], signer: Any, **header: Any) -> bytes:
    head = {"alg": "EdDSA" if signer.algorithm == "Ed25519" else "ES256", "kid": signer.verification_method, **header}
    parts = (multibase.base64url_encode(json.dumps(part).encode()) for part in (head, payload))
    text = ".".join(parts).encode()
    return jws.join(text, signer.sign(text))


def enveloped(data: bytes, kind: str = "Credential", media_type: str = "vc+jwt", **members: Any) -> dict[str, Any]:
    address = f"data:application/{media_type},{data.decode()}"
    return {"@context": VCDM_2, "id": address, "type": f"EnvelopedVerifiable{kind}", **members}


@pytest.mark.parametrize("envelope", ["jwt", "vc+jwt"])
@pytest.mark.parametrize("kind", DIDS)
def test_line_11_issued_in_an_envelope(suite: Suite, kind: str, envelope: str) -> None:
    vc = suite.issue(plain(validFrom="2026-01-01T00:00:00Z"), kind, envelope=envelope).vc
    assert vc["type"] == "EnvelopedVerifiableCredential"
    assert vc["id"].startswith("data:application/" + envelope)
    payload = json.loads(multibase.base64url_decode(vc["id"].partition(",")[2].split(".")[1]))
    assert payload["credentialSubject"] == {"id": "did:example:subject"}
    assert suite.verify(vc).status == 200
    for change in (
        {"@context": []},
        {"@context": "https://www.w3.org/ns/credentials/examples/v2"},
        {"id": vc["id"].partition(",")[2]},
        {"type": "VerifiableCredential"},
        {"type": None},
        {"name": "Unsigned"},
    ):
        changed = {name: value for name, value in (vc | change).items() if value is not None}
        assert suite.verify(changed).code
    assert suite.verify({**vc, "id": vc["id"][:-4] + ("AAAA" if vc["id"][-4:] != "AAAA" else "BBBB")}).code


def test_line_11_older_tokens_and_where_they_are_refused(suite: Suite) -> None:
    signer = TestSigner("line 11")
    credential = plain(issuer=signer.did)
    claims = {"iss": signer.did, "sub": "did:example:subject", "vc": credential}
    for header in ({"typ": "JWT"}, {}):
        assert suite.verify(enveloped(token(claims, signer, **header), media_type="jwt")).status == 200
    refused = suite.verify(enveloped(token(claims, signer, typ="vc+jwt")))
    assert refused.code == "jws_claims_malformed"
    with_both = credential | {"vc": credential}
    assert suite.verify(enveloped(token(with_both, signer, typ="vc+jwt"))).code
    for bad in ({"alg": "none"}, {"alg": "HS256"}, {"crit": ["exp"]}, {"typ": "at+jwt"}):
        assert suite.verify(enveloped(token(credential, signer, **({"typ": "vc+jwt"} | bad)))).code


def test_line_11_older_presentations(suite: Suite) -> None:
    """As the suite's fixtures are: a token with `vp`, in it an envelope with a token with `vc`, arrays in arrays."""
    holder, issuer = TestSigner("holder"), TestEcSigner("issuer")
    credential = plain(issuer=issuer.did, credentialSubject={"id": "did:example:alice", "name": "Alice"})
    inner = token({"iss": issuer.did, "sub": "did:example:alice", "vc": credential}, issuer)
    vp = {
        "@context": [VCDM_2],
        "type": ["VerifiablePresentation"],
        "holder": holder.did,
        "verifiableCredential": [[enveloped(inner, media_type="jwt")]],
    }
    claims = {"iss": holder.did, "aud": "example.com", "nonce": "123456789", "vp": vp}
    document = enveloped(token(claims, holder, typ="JWT"), "Presentation", "jwt")
    assert suite.present(document, challenge="123456789", domain="example.com").status == 200
    assert suite.present(document).status == 200
    assert suite.present(document, challenge="987654321").code == "challenge_mismatch"
    assert suite.verify(document).code == "credential_expected"
    for change in ({"@context": []}, {"type": ["VerifiablePresentation"]}, {"id": document["id"].split(",")[1]}):
        assert suite.present({**document, **change}).code
    assert suite.present(enveloped(token(claims, holder, typ="vp+jwt"), "Presentation", "vp+jwt")).code


# -- line 12: what VC-JOSE-COSE material carries


def test_line_12_iat_as_a_text_and_a_newline_after_the_id(suite: Suite) -> None:
    signer = TestSigner("line 12")
    payload = plain(issuer=signer.did) | {"iat": "2026-01-01T00:00:00Z"}
    document = enveloped(token(payload, signer, typ="vc+jwt", cty="vc"))
    assert suite.verify(document).status == 200
    assert suite.verify({**document, "id": document["id"] + "\n"}).status == 200


@pytest.mark.parametrize("members", [{"unknown": "member"}, {"credentialSubject": {"id": "did:example:a", "x": 1}}])
def test_line_12_unknown_members_are_refused(suite: Suite, members: dict[str, Any]) -> None:
    signer = TestSigner("line 12")
    payload = plain(issuer=signer.did) | members
    assert suite.verify(enveloped(token(payload, signer, typ="vc+jwt"))).code == "undefined_term"
