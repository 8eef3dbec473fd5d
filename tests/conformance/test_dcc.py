"""Badges that the Digital Credentials Consortium signed with its own software, most of them with two proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verifier import proofs
from verifier.errors import VerifierError
from verifier.formats import multikey

BOTH = {"DataIntegrityProof", "Ed25519Signature2020"}
FILES = {
    "dcc-diploma.json": BOTH,
    "dcc-teamwork.json": BOTH,
    "dcc-degree-with-status.json": BOTH,
    "dcc-endorsement.json": BOTH,
    "dcc-wallet-experience.json": {"Ed25519Signature2020"},
}


@pytest.mark.parametrize("file", FILES)
def test_every_proof_verifies(vector: Callable[[str], Any], file: str) -> None:
    found = proofs.chains.signed_documents(vector(file))
    assert {proof["type"] for proof, _ in found} == FILES[file]
    for proof, signed in found:
        key = multikey.decode(proof["verificationMethod"].partition("#")[2])
        proofs.verify(signed, proof, key)
        with pytest.raises(VerifierError) as caught:
            proofs.verify({**signed, "name": "Another"}, proof, key)
        assert caught.value.code == "proof_invalid"
