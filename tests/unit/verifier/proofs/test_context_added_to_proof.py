"""A context that was added to a good proof after signing: others would read the proof by words that nobody signed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.verifier.proofs.conftest import KEYS, NOW
from tests.unit.verifier.proofs.test_proofs import PAIRS, in_terms_of
from verifier import proofs
from verifier.errors import VerifierError
from verifier.proofs import chains

ALL = [*PAIRS, ("ecdsa-sd-2023", "P-256")]
VCDM = "https://www.w3.org/ns/credentials/v2"
ADDED: dict[str, Any] = {
    "another": "https://w3id.org/security/data-integrity/v2",
    "fewer": [VCDM],
    "inline": {"created": "https://words.example/#created"},
    "inline in a list": [VCDM, {"challenge": "https://words.example/#challenge"}],
    "nothing": None,
    "empty": [],
    "number": 4,
}


def secured(badge: dict[str, Any], name: str, kind: str) -> dict[str, Any]:
    made = proofs.secure(in_terms_of(name, badge), KEYS[kind], NOW, cryptosuite=name)
    return proofs.derive(made, ["/name"]) if name == "ecdsa-sd-2023" else made


def verify(document: dict[str, Any], kind: str, **changes: Any) -> None:
    changed = {**document, "proof": [{**document["proof"][0], **changes}]}
    ((proof, signed),) = chains.signed_documents(changed)
    proofs.verify(signed, proof, KEYS[kind].public)


@pytest.mark.parametrize(("name", "kind"), ALL)
@pytest.mark.parametrize("added", ADDED)
def test_a_context_added_to_a_good_proof(badge: dict[str, Any], name: str, kind: str, added: str) -> None:
    document = secured(badge, name, kind)
    verify(document, kind)
    with pytest.raises(VerifierError) as refused:
        verify(document, kind, **{"@context": ADDED[added]})
    expected = (
        ("proof_context_mismatch", "proof_invalid", "relative_type") if "-jcs-" in name else ("proof_context_unsigned",)
    )
    assert refused.value.code in expected


def test_a_context_taken_from_a_jcs_proof(badge: dict[str, Any]) -> None:
    """There it was signed, so that it cannot be left out either."""
    document = secured(badge, "eddsa-jcs-2022", "Ed25519")
    del document["proof"][0]["@context"]
    with pytest.raises(VerifierError) as refused:
        verify(document, "Ed25519")
    assert refused.value.code == "proof_invalid"


@pytest.mark.parametrize(("name", "kind"), ALL)
def test_the_documents_own_context_in_the_proof_says_nothing_new(badge: dict[str, Any], name: str, kind: str) -> None:
    """Some signers write it there. It is what the proof is read with, so that nothing is added."""
    document = secured(badge, name, kind)
    verify(document, kind, **{"@context": document["@context"]})


def test_a_base_proof_too(badge: dict[str, Any]) -> None:
    made = proofs.secure(badge, KEYS["P-256"], NOW, cryptosuite="ecdsa-sd-2023")
    unsecured = {name: value for name, value in made.items() if name != "proof"}
    proofs.verify_base(unsecured, made["proof"][0], KEYS["P-256"].public)
    with pytest.raises(VerifierError) as refused:
        proofs.verify_base(unsecured, {**made["proof"][0], "@context": VCDM}, KEYS["P-256"].public)
    assert refused.value.code == "proof_context_unsigned"
