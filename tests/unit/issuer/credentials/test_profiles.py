from __future__ import annotations

from issuer.credentials.profiles import Issuer, did_document, profile


def test_what_is_not_known_is_left_out() -> None:
    assert profile(Issuer("did:web:x.example", "Maple", url="https://maple.example")) == {
        "id": "did:web:x.example",
        "type": ["Profile"],
        "name": "Maple",
        "url": "https://maple.example",
    }


def test_a_did_document_lists_every_key_as_multikey_and_as_string() -> None:
    document = did_document("did:web:x.example:orgs:maple", ["z6MkNew", "z6MkOld"])
    assert document["assertionMethod"] == [
        "did:web:x.example:orgs:maple#z6MkNew",
        "did:web:x.example:orgs:maple#z6MkOld",
    ]
    assert document["verificationMethod"][1] == {
        "id": "did:web:x.example:orgs:maple#z6MkOld",
        "type": "Multikey",
        "controller": "did:web:x.example:orgs:maple",
        "publicKeyMultibase": "z6MkOld",
    }
