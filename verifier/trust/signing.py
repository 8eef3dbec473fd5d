"""A registry's signature: a Data Integrity proof (eddsa-jcs-2022) by a did:key that the caller names.

JCS, because a registry is plain JSON without a vocabulary; did:key, because the key that vouches for a list of issuers
must not itself have to be looked up somewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from verifier.canonical import Algorithm
from verifier.errors import VerifierError
from verifier.formats import datetimes, multibase, multikey
from verifier.proofs import Signer, chains
from verifier.proofs.eddsa_jcs_2022 import EddsaJcs2022
from verifier.proofs.jcs import canonical_json
from verifier.proofs.suite import Reading, check_proof


class _PlainJson(EddsaJcs2022):
    """The suite for a document that is not JSON-LD: nothing to expand, so that every member counts as it is written."""

    def transform(
        self, document: Mapping[str, Any], proof_config: Mapping[str, Any], hashed_by: Algorithm, reading: Reading
    ) -> tuple[bytes, bytes]:
        return canonical_json(proof_config), canonical_json(document)


_SUITE = _PlainJson()
_PURPOSE = "assertionMethod"


def check_signature(document: Mapping[str, Any], signers: Collection[str], now: datetime) -> str:
    """The DID that signed the registry, if the caller named signers; else "", and a proof in the file is passed over.

    Raises:
        VerifierError: `trust_registry_unsigned`, `trust_registry_signature`.
    """
    if not signers:
        return ""
    if document.get("proof") is None:
        raise VerifierError(
            "trust_registry_unsigned", "The trust registry is not signed, and you asked for a signed one."
        )
    failure: VerifierError | None = None
    try:
        signed = chains.signed_documents(document)
    except VerifierError as error:
        raise _bad(error) from error
    for proof, unsecured in signed:
        method = proof.get("verificationMethod")
        did = method.partition("#")[0] if isinstance(method, str) else ""
        if did not in signers:
            continue
        try:
            _check(unsecured, proof, did, now)
        except VerifierError as error:
            failure = failure or error
        else:
            return did
    if failure is not None:
        raise _bad(failure) from failure
    raise VerifierError(
        "trust_registry_signature",
        "The trust registry is not signed by anybody you named.",
        details={"signers": sorted(signers)},
    )


def _check(unsecured: Mapping[str, Any], proof: Mapping[str, Any], did: str, now: datetime) -> None:
    text = did.removeprefix("did:key:")
    stated = (proof.get("type"), proof.get("cryptosuite"), proof.get("verificationMethod"))
    if stated != ("DataIntegrityProof", _SUITE.name, f"{did}#{text}") or not did.startswith("did:key:"):
        raise VerifierError("cryptosuite_unsupported", f"A registry is signed with {_SUITE.name} and a did:key.")
    check_proof(proof, _PURPOSE)
    _SUITE.verify(unsecured, proof, multikey.decode(text), Reading())
    if "created" in proof and datetimes.parse(proof["created"]) > now:
        raise VerifierError("proof_malformed", "The signature is dated in the future.", pointer="/proof/created")
    if "expires" in proof and datetimes.parse(proof["expires"]) < now:
        raise VerifierError("proof_malformed", "The signature is past its time.", pointer="/proof/expires")


def _bad(cause: VerifierError) -> VerifierError:
    return VerifierError(
        "trust_registry_signature",
        f"The signature of the trust registry does not hold. {cause.message}",
        pointer=cause.pointer,
        details={"cause": cause.code},
    )


def sign_registry(document: Mapping[str, Any], signer: Signer, now: datetime) -> dict[str, Any]:
    """`document` with a signature in place of any that it had. `signer` is an Ed25519 key with a did:key method."""
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    options = {
        "created": datetimes.render(now),
        "verificationMethod": signer.verification_method,
        "proofPurpose": _PURPOSE,
    }
    proof = _SUITE.configure(unsigned, options)
    payload = _SUITE.signing_input(unsigned, proof, "Ed25519", Reading())
    return {**unsigned, "proof": [{**proof, "proofValue": multibase.encode_base58(signer.sign(payload))}]}
