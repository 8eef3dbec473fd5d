"""Badges that the Digital Credentials Consortium signed with its own software, each with two proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verifier import proofs
from verifier.errors import VerifierError
from verifier.formats import multikey


@pytest.mark.parametrize("file", ["dcc-diploma.json", "dcc-teamwork.json", "dcc-degree-with-status.json"])
def test_both_proofs_verify(vector: Callable[[str], Any], file: str) -> None:
    found = proofs.chains.signed_documents(vector(file))
    assert {proof["type"] for proof, _ in found} == {"DataIntegrityProof", "Ed25519Signature2020"}
    for proof, signed in found:
        key = multikey.decode(proof["verificationMethod"].partition("#")[2])
        proofs.verify(signed, proof, key)
        with pytest.raises(VerifierError) as caught:
            proofs.verify({**signed, "name": "Another"}, proof, key)
        assert caught.value.code == "proof_invalid"
