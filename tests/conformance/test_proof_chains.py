"""A set of two proofs and a chain of two more on top of it, as W3C publishes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verifier import proofs
from verifier.errors import VerifierError
from verifier.formats import multikey
from verifier.formats.multikey import PublicKey


def key_of(proof: Any) -> PublicKey:
    return multikey.decode(proof["verificationMethod"].partition("#")[2])


def test_every_proof_signs_what_it_should(vector: Callable[[str], Any]) -> None:
    found = proofs.chains.signed_documents(vector("proof-chain-w3c.json"))
    assert [len(signed.get("proof", [])) for _, signed in found] == [0, 0, 2, 1]
    for proof, signed in found:
        proofs.verify(signed, proof, key_of(proof))


def test_without_its_earlier_proof_a_later_one_is_worth_nothing(vector: Callable[[str], Any]) -> None:
    document = vector("proof-chain-w3c.json")
    del document["proof"][2]["previousProof"]
    (proof, signed) = proofs.chains.signed_documents(document)[2]
    with pytest.raises(VerifierError) as caught:
        proofs.verify(signed, proof, key_of(proof))
    assert caught.value.code == "proof_invalid"
