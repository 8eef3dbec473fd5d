"""The suites with one signature, against more of W3C's vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verifier import proofs
from verifier.errors import VerifierError
from verifier.formats import multikey

FILES = [
    "eddsa-rdfc-2022-employment-w3c.json",
    "eddsa-jcs-2022-w3c.json",
    "ed25519-signature-2020-w3c.json",
    "ecdsa-rdfc-2019-p256-w3c.json",
    "ecdsa-rdfc-2019-p384-w3c.json",
    "ecdsa-jcs-2019-p256-w3c.json",
    "ecdsa-jcs-2019-p384-w3c.json",
]


@pytest.mark.parametrize("file", FILES)
def test_the_published_proof_verifies_and_no_other(vector: Callable[[str], Any], file: str) -> None:
    document = vector(file)
    ((proof, signed),) = proofs.chains.signed_documents(document)
    key = multikey.decode(proof["verificationMethod"].partition("#")[2])
    proofs.verify(signed, proof, key)
    for changed, of in (({**signed, "name": "x"}, proof), (signed, {**proof, "created": "2024-01-01T00:00:00Z"})):
        with pytest.raises(VerifierError) as caught:
            proofs.verify(changed, of, key)
        assert caught.value.code == "proof_invalid"
