"""ecdsa-sd-2023: W3C's base proof verifies, and what we derive from it is the derived proof that W3C publishes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from verifier import proofs
from verifier.errors import VerifierError
from verifier.formats import multikey
from verifier.proofs import sd_values
from verifier.proofs.sd_values import BaseProof

Read = Callable[[str], Any]
ISSUER = multikey.decode("zDnaepBuvsQ8cpsWrVKw8fbpGpvPeNSjVPTWoq6cRqaYzBKVP")
OWN = "zDnaeTHfhmSaQKBc7CmdL3K7oYg3D6SC7yowe2eBeVd2DH32r"


def only(document: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    ((proof, signed),) = proofs.chains.signed_documents(document)
    return signed, proof


def test_the_published_base_proof_reads_as_published(vector: Read) -> None:
    value = sd_values.read(vector("ecdsa-sd-2023-base-w3c.json")["proof"]["proofValue"])
    assert isinstance(value, BaseProof)
    assert value.public_key == multikey.bytes_of(multikey.decode(OWN))
    assert value.hmac_key.hex() == "00112233445566778899aabbccddeeff" * 2
    assert len(value.signatures) == 14
    assert value.mandatory_pointers == (
        "/issuer",
        "/credentialSubject/sailNumber",
        "/credentialSubject/sails/1",
        "/credentialSubject/boards/0/year",
        "/credentialSubject/sails/2",
    )


@pytest.mark.parametrize("file", ["ecdsa-sd-2023-base-w3c.json", "ecdsa-sd-2023-derived-w3c.json"])
def test_values_are_written_as_they_were_read(vector: Read, file: str) -> None:
    text = vector(file)["proof"]["proofValue"]
    assert sd_values.read(text).write() == text


def test_the_published_base_proof_verifies_for_its_holder_only(vector: Read) -> None:
    signed, proof = only(vector("ecdsa-sd-2023-base-w3c.json"))
    proofs.verify_base(signed, proof, ISSUER, inline_contexts_allowed=True)
    with pytest.raises(VerifierError) as caught:
        proofs.verify(signed, proof, ISSUER, inline_contexts_allowed=True)
    assert caught.value.code == "proof_not_derived"


def test_the_published_derived_proof_verifies(vector: Read) -> None:
    signed, proof = only(vector("ecdsa-sd-2023-derived-w3c.json"))
    proofs.verify(signed, proof, ISSUER, inline_contexts_allowed=True)


def test_what_we_derive_is_what_is_published(vector: Read) -> None:
    expected = vector("ecdsa-sd-2023-derived-w3c.json")
    pointers = ["/credentialSubject/boards/0", "/credentialSubject/boards/1"]
    found = proofs.derive(vector("ecdsa-sd-2023-base-w3c.json"), pointers, inline_contexts_allowed=True)
    assert found == {**expected, "proof": [expected["proof"]]}


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["credentialSubject"]["boards"].pop(),
        lambda d: d["credentialSubject"]["boards"][0].update(brand="Other"),
        lambda d: d["credentialSubject"].update(sailNumber="Earth102"),
        lambda d: d["credentialSubject"].update(more="x"),
        lambda d: d.update(issuer="https://vc.example/other"),
        lambda d: d["proof"].update(created="2023-08-15T23:36:39Z"),
    ],
    ids=["less", "another value", "another mandatory value", "more", "another issuer", "another time"],
)
def test_a_changed_derived_credential_does_not(vector: Read, change: Callable[[Any], object]) -> None:
    document = vector("ecdsa-sd-2023-derived-w3c.json")
    change(document)
    signed, proof = only(document)
    with pytest.raises(VerifierError) as caught:
        proofs.verify(signed, proof, ISSUER, inline_contexts_allowed=True)
    assert caught.value.code in ("proof_invalid", "proof_malformed")
