from __future__ import annotations

from datetime import UTC, datetime

import pytest

from issuer.credentials.status_list import status_list
from issuer.signing import Keyring, OwnOutput, OwnOutputNotVerified, encode, secure, secure_and_self_verify
from issuer.signing.signer import Signer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DID = "did:web:badges.example.org:orgs:maple"


@pytest.fixture(scope="module")
def signer() -> Signer:
    keyring = Keyring("k" * 40)
    key = keyring.create()
    return keyring.signer(key, f"{DID}#{key.public_multibase}")


def test_a_proof_is_an_array_of_one_with_the_members_that_readers_expect(signer: Signer) -> None:
    document = secure(status_list("https://badges.example.org/status/1", DID, "revocation", [], NOW), signer, NOW)
    (proof,) = document["proof"]
    assert proof.pop("proofValue").startswith("z")
    assert proof == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
    }


def test_a_document_with_an_undefined_term_is_refused_before_anything_is_signed(signer: Signer) -> None:
    unsigned = status_list("https://badges.example.org/status/1", DID, "revocation", [], NOW)
    with pytest.raises(OwnOutputNotVerified) as caught:
        secure_and_self_verify({**unsigned, "favouriteColour": "green"}, signer, OwnOutput(), {}, NOW)
    assert "undefined" in caught.value.details["cause"]


def test_bytes_keep_letters_as_they_are() -> None:
    assert encode({"name": "教師 ®"}) == '{"name":"教師 ®"}'.encode()
