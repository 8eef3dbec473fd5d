"""Every suite: signed here, verified here, and everything that does not fit is refused with its code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tests.unit.verifier.proofs.conftest import KEYS, NOW, Key
from verifier import proofs
from verifier.errors import VerifierError
from verifier.formats import multibase
from verifier.formats.multikey import from_cryptography
from verifier.proofs import chains

PAIRS = [
    (name, kind)
    for name, suite in proofs.SUITES.items()
    for kind in KEYS
    if kind in suite.kinds and name[-4:] != "2023"
]


OTHERS = {
    "Ed25519": from_cryptography(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x02" * 32).public_key()),
    "P-256": from_cryptography(ec.derive_private_key(8, ec.SECP256R1()).public_key()),
    "P-384": from_cryptography(ec.derive_private_key(8, ec.SECP384R1()).public_key()),
}


def in_terms_of(name: str, badge: dict[str, Any]) -> dict[str, Any]:
    """The older suite needs its context; the others' terms are in the one of VCDM 2.0."""
    more = ["https://w3id.org/security/suites/ed25519-2020/v1"] if name == "Ed25519Signature2020" else []
    return {**badge, "@context": [*badge["@context"], *more]}


def check(document: dict[str, Any], key: Key, **more: Any) -> None:
    for proof, signed in chains.signed_documents(document):
        proofs.verify(signed, proof, key.public, **more)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_signed_and_verified(badge: dict[str, Any], name: str, kind: str) -> None:
    badge = in_terms_of(name, badge)
    secured = proofs.secure(badge, KEYS[kind], NOW, cryptosuite=name)
    assert len(secured["proof"]) == 1
    assert secured["proof"][0]["created"] == "2026-01-01T00:00:00Z"
    check(secured, KEYS[kind])
    assert "proof" not in badge


@pytest.mark.parametrize(("name", "kind"), PAIRS)
@pytest.mark.parametrize("part", ["document", "proof", "signature", "key"])
def test_changed_afterwards(badge: dict[str, Any], name: str, kind: str, part: str) -> None:
    badge = in_terms_of(name, badge)
    secured = proofs.secure(badge, KEYS[kind], NOW, cryptosuite=name)
    key = KEYS[kind].public
    proof = secured["proof"][0]
    if part == "document":
        secured["credentialSubject"] = {**badge["credentialSubject"], "id": "did:example:thief"}
    elif part == "proof":
        proof["created"] = "2026-01-01T00:00:01Z"
    elif part == "signature":
        data = bytearray(multibase.decode(proof["proofValue"]))
        data[5] ^= 1
        proof["proofValue"] = multibase.encode_base58(bytes(data))
    else:
        key = OTHERS[kind]
    ((proof, signed),) = chains.signed_documents(secured)
    with pytest.raises(VerifierError) as caught:
        proofs.verify(signed, proof, key)
    assert caught.value.code == "proof_invalid"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "Ed25519Signature2018"}, "cryptosuite_unsupported"),
        ({"type": ["DataIntegrityProof"]}, "cryptosuite_unsupported"),
        ({"cryptosuite": "none"}, "cryptosuite_unsupported"),
        ({"cryptosuite": ["eddsa-rdfc-2022"]}, "proof_malformed"),
        ({"cryptosuite": "ecdsa-rdfc-2019"}, "key_type_mismatch"),
        ({"proofPurpose": "authentication"}, "proof_purpose"),
        ({"proofPurpose": None}, "proof_malformed"),
        ({"verificationMethod": {"id": "x"}}, "proof_malformed"),
        ({"proofValue": None}, "proof_malformed"),
        ({"proofValue": ""}, "proof_malformed"),
        ({"proofValue": "z0"}, "proof_malformed"),
        ({"proofValue": "z2"}, "proof_malformed"),
        ({"proofValue": multibase.encode_base64url(b"1" * 64)}, "proof_malformed"),
        ({"created": "yesterday"}, "proof_malformed"),
        ({"created": "2026-01-01T00:00:00"}, "proof_malformed"),
        ({"expires": 7}, "proof_malformed"),
        ({"unheardOf": 7}, "undefined_term"),
        ({"id": "relative"}, "relative_iri"),
    ],
)
def test_malformed_proofs(badge: dict[str, Any], change: dict[str, Any], code: str) -> None:
    secured = proofs.secure(badge, KEYS["Ed25519"], NOW)
    secured["proof"][0].update(change)
    with pytest.raises(VerifierError) as caught:
        check(secured, KEYS["Ed25519"])
    assert caught.value.code == code


def test_the_purpose_is_the_callers(badge: dict[str, Any]) -> None:
    secured = proofs.secure(badge, KEYS["Ed25519"], NOW, purpose="authentication")
    check(secured, KEYS["Ed25519"], purpose="authentication")


def test_raw_ecdsa_signatures_only(badge: dict[str, Any]) -> None:
    class Der:
        verification_method = KEYS["P-256"].verification_method
        algorithm = "P-256"

        @staticmethod
        def sign(payload: bytes) -> bytes:
            return bytes(KEYS["P-256"].private.sign(payload, ec.ECDSA(hashes.SHA256())))

    with pytest.raises(VerifierError) as caught:
        check(proofs.secure(badge, Der(), NOW), KEYS["P-256"])
    assert caught.value.code == "proof_malformed"


def test_a_suite_needs_its_kind_of_key(badge: dict[str, Any]) -> None:
    with pytest.raises(VerifierError) as caught:
        proofs.secure(badge, KEYS["P-256"], NOW, cryptosuite="eddsa-rdfc-2022")
    assert caught.value.code == "key_type_mismatch"


def test_callers_mistakes_are_python_errors(badge: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        proofs.secure(badge, KEYS["Ed25519"], datetime(2026, 1, 1))  # noqa: DTZ001  # the mistake
    with pytest.raises(ValueError, match="no such kind"):
        proofs.secure(badge, Key("HS256", None), NOW)


class TestSeveralProofs:
    def test_a_set_signs_the_same_document_twice(self, badge: dict[str, Any]) -> None:
        once = proofs.secure(badge, KEYS["Ed25519"], NOW)
        twice = proofs.secure(once, KEYS["P-256"], NOW)
        assert [proof["cryptosuite"] for proof in twice["proof"]] == ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]
        found = chains.signed_documents(twice)
        assert all("proof" not in signed for _, signed in found)
        for (proof, signed), kind in zip(found, ("Ed25519", "P-256"), strict=True):
            proofs.verify(signed, proof, KEYS[kind].public)

    def test_a_chain_signs_the_earlier_proof_too(self, badge: dict[str, Any]) -> None:
        once = proofs.secure(badge, KEYS["Ed25519"], NOW, options={"id": "urn:uuid:1"})
        twice = proofs.secure(once, KEYS["P-256"], NOW, options={"previousProof": "urn:uuid:1"})
        (_, first), (proof, second) = chains.signed_documents(twice)
        assert "proof" not in first
        assert second["proof"] == [once["proof"][0]]
        proofs.verify(second, proof, KEYS["P-256"].public)
        twice["proof"][0]["created"] = "2026-01-02T00:00:00Z"
        _, (proof, second) = chains.signed_documents(twice)
        with pytest.raises(VerifierError) as caught:
            proofs.verify(second, proof, KEYS["P-256"].public)
        assert caught.value.code == "proof_invalid"

    @pytest.mark.parametrize(
        ("found", "code"),
        [
            (None, "proof_missing"),
            ([], "proof_missing"),
            ("text", "proof_malformed"),
            ([{}, None], "proof_malformed"),
            ([{}] * 17, "too_many_proofs"),
            ({"previousProof": "urn:x"}, "previous_proof_missing"),
            ([{"previousProof": "urn:x"}, {"id": "urn:x"}, {"id": "urn:x"}], "previous_proof_missing"),
            ({"previousProof": 7}, "proof_malformed"),
            ([{"previousProof": ["urn:x", "urn:x"]}, {"id": "urn:x"}], "proof_malformed"),
            ({"id": "urn:x", "previousProof": "urn:x"}, "proof_malformed"),
            ([{"id": "urn:x", "previousProof": "urn:y"}, {"id": "urn:y", "previousProof": "urn:x"}], "proof_malformed"),
        ],
    )
    def test_chains_that_lead_nowhere(self, found: object, code: str) -> None:
        with pytest.raises(VerifierError) as caught:
            chains.signed_documents({"name": "x", "proof": found})
        assert caught.value.code == code
