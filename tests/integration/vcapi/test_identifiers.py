"""DID resolution, as the did:key suite of W3C's community group asks it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.vcapi.conftest import DIDS, Suite, sees
from tests.simulator import World

DID = "did:key:z6MktKwz7Ge1Yxzr4JHavN33wiwa8y81QdcMRLXQsrH9T53b"
KEY = DID.removeprefix("did:key:")
AGREEMENT = f"{DID}#z6LSfHfAMAopsuBxaBzvp51GXrPf38Az13j2fmwqadbwwrzJ"
RESULT = 'application/ld+json;profile="https://w3id.org/did-resolution"'


def get(suite: Suite, did: str, accept: str = RESULT, **query: str) -> tuple[int, Any, str]:
    address = f"/vc-api/identifiers/{quote(did, safe='')}"
    got = suite.client.get(address, headers={"Accept": accept}, query_string=query)
    assert got.status_code < 500
    return got.status_code, json.loads(got.get_data()), got.content_type


@pytest.mark.parametrize("did", [DID, *DIDS.values()])
def test_a_did_key(suite: Suite, did: str) -> None:
    status, result, media_type = get(suite, did)
    key = did.removeprefix("did:key:")
    assert status == 200
    assert media_type == RESULT
    assert result["@context"] == "https://w3id.org/did-resolution/v1"
    assert result["didResolutionMetadata"] == {"contentType": "application/did+ld+json"}
    assert result["didDocumentMetadata"] == {}
    document = result["didDocument"]
    assert document["id"] == did
    assert document["verificationMethod"] == [
        {"id": f"{did}#{key}", "type": "Multikey", "controller": did, "publicKeyMultibase": key}
    ]
    for relationship in ("authentication", "assertionMethod", "capabilityDelegation", "capabilityInvocation"):
        assert document[relationship] == [f"{did}#{key}"]
    status, bare, media_type = get(suite, did, "application/did+ld+json")
    assert (status, bare, media_type) == (200, document, "application/did+ld+json")


@pytest.mark.parametrize(
    ("did", "error"),
    [
        (DID.replace("did:", "notDid:", 1), "invalidDid"),
        (DID.removeprefix("did:"), "invalidDid"),
        (f"did:experimental:{KEY}", "invalidDid"),
        (f"did:{KEY}", "invalidDid"),
        (f"did:key:-4:{KEY}", "invalidDid"),
        (f"did:key:1.1:{KEY[1:]}", "invalidDid"),
        (f"did:key:{KEY[1:]}", "invalidDid"),
        ("did:key:@", "invalidDid"),
        ("did:key:", "invalidDid"),
        ("did", "invalidDid"),
        ("did:key:z" + "1" * 5000, "invalidDid"),
        ("did:key:zTjsVPtY", "invalidPublicKeyLength"),
        ("did:jwk:e30", "invalidDid"),
        ("did:jwk:!!!", "invalidDid"),
        ("did:web:127.0.0.1", "invalidDid"),
        ("did:web:a.example:..:b", "invalidDid"),
        ("\u0000", "invalidDid"),
    ],
)
def test_what_is_no_did(suite: Suite, did: str, error: str) -> None:
    status, result, media_type = get(suite, did)
    assert status == 400
    assert media_type == RESULT
    assert result["didDocument"] == {}
    assert "didDocumentMetadata" in result
    assert result["didResolutionMetadata"]["error"] == error
    assert result["didResolutionMetadata"]["problemDetails"]["type"].startswith("https://www.w3.org/ns/did#")


def test_a_did_url(suite: Suite) -> None:
    status, result, _ = get(suite, f"{DID}#{KEY}")
    assert status == 200
    assert result["didDocument"]["id"] == f"{DID}#{KEY}"
    assert result["didDocument"]["controller"] == DID
    assert result["didDereferencingMetadata"]["contentType"] == "application/did+ld+json"
    status, result, _ = get(suite, f"{DID}#nothing")
    assert (status, result["didDereferencingMetadata"]["error"]) == (404, "notFound")
    status, result, _ = get(suite, f"{DID}/^bar^/?query=`#{KEY}")
    assert (status, result["didDereferencingMetadata"]["error"]) == (400, "invalidDidUrl")


def test_forms_of_keys(suite: Suite) -> None:
    status, result, _ = get(suite, DID, publicKeyFormat="unknown")
    assert (status, result["didResolutionMetadata"]["error"]) == (400, "unsupportedPublicKeyType")
    for address in (f"{DID}#{KEY}", AGREEMENT):
        query = {"publicKeyFormat": "Ed25519VerificationKey2018", "enableExperimentalPublicKeyTypes": "false"}
        status, result, _ = get(suite, address, **query)
        assert (status, result["didDereferencingMetadata"]["error"]) == (400, "invalidPublicKeyType")
    assert get(suite, DID, publicKeyFormat="Multikey")[0] == 200


def test_a_did_web(suite: Suite) -> None:
    world = World()
    school = world.issuer("did:web:school.example")
    sees(suite, world)
    status, result, _ = get(suite, school.id)
    assert (status, result["didDocument"]["id"]) == (200, school.id)
    world.down.add(school.url)
    status, result, _ = get(suite, school.id)
    assert (status, result["didResolutionMetadata"]["error"]) == (404, "notFound")
    world.down.clear()
    world.publish(school.url, school.document(id="did:web:another.example"))
    status, result, _ = get(suite, school.id)
    assert (status, result["didResolutionMetadata"]["error"]) == (400, "invalidDidDocument")


def test_our_own_did(suite: Suite) -> None:
    status, result, _ = get(suite, suite.did)
    assert (status, result["didDocument"]["id"]) == (200, suite.did)
