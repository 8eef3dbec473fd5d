"""What a credential claims about who signed it: one `Claim` for each proof, or one for its JWS. Not facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.checks.reading import objects
from verifier.checks.run import Run
from verifier.errors import VerifierError


@dataclass(frozen=True, slots=True)
class Claim:
    """`proof` is an embedded proof, as it stands in the document at `pointer`."""

    verification_method: str
    proof: Mapping[str, Any]
    pointer: str


def claims(run: Run) -> list[Claim]:
    """The proofs made for asserting, in the order of the document.

    Raises:
        VerifierError: `too_many_proofs`, `proof_malformed`, `proof_purpose`.
    """
    found: list[Claim] = []
    purposes = 0
    for pointer, proof in objects(run.credential.document.get("proof"), "/proof"):
        if len(found) >= run.limits.proofs:
            raise VerifierError(
                "too_many_proofs", f"The credential has more than {run.limits.proofs} proofs.", pointer="/proof"
            )
        if not isinstance(proof, Mapping) or not isinstance(proof.get("type"), str):
            raise VerifierError("proof_malformed", "A proof is not an object with a type.", pointer=pointer)
        if proof.get("proofPurpose") != "assertionMethod":
            purposes += 1
            continue
        method = proof.get("verificationMethod")
        if not isinstance(method, str) or not method:
            raise VerifierError(
                "proof_malformed",
                "A proof does not say which key it was made with.",
                pointer=f"{pointer}/verificationMethod",
            )
        found.append(Claim(verification_method=method, proof=proof, pointer=pointer))
    if purposes and not found:
        raise VerifierError(
            "proof_purpose", "The credential is signed, but not for the purpose of issuing it.", pointer="/proof"
        )
    return found
