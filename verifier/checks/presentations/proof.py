"""Whether the holder signed the presentation, for this occasion (W3C Data Integrity 1.0, sections 2.1 and 4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.presentations.presented import Presented, domains
from verifier.checks.proof import verify_embedded
from verifier.checks.reading import objects
from verifier.errors import CouldNotCheck, VerifierError
from verifier.proofs import chains
from verifier.report import CheckId, CheckResult, Finding, Outcome

SECTION = "W3C Data Integrity 1.0, section 4.4: verify proof; VCDM 2.0, section 4.13"
#: A proof by which a holder shows something. `assertionMethod` is met where nobody asked with a challenge.
_PURPOSES = ("authentication", "assertionMethod")


def _claims(presented: Presented) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Each proof made for showing: pointer, proof, verification method.

    Raises:
        VerifierError: `too_many_proofs`, `proof_malformed`, `proof_purpose`, `proof_missing`.
    """
    limits, request = presented.run.limits, presented.run.request
    asked = request is not None and bool(request.challenge or request.domain)
    allowed = _PURPOSES[:1] if asked else _PURPOSES
    found = list(objects(presented.run.credential.document.get("proof"), "/proof"))
    if len(found) > limits.proofs:
        raise VerifierError(
            "too_many_proofs", f"The presentation has more than {limits.proofs} proofs.", pointer="/proof"
        )
    usable = 0
    for pointer, proof in found:
        if not isinstance(proof, Mapping) or not isinstance(proof.get("type"), str):
            raise VerifierError("proof_malformed", "A proof is not an object with a type.", pointer=pointer)
        method = proof.get("verificationMethod")
        if not isinstance(method, str) or not method:
            raise VerifierError(
                "proof_malformed",
                "A proof does not say which key it was made with.",
                pointer=f"{pointer}/verificationMethod",
            )
        if proof.get("proofPurpose") in allowed:
            usable += 1
            yield pointer, proof, method
    if found and not usable:
        raise VerifierError(
            "proof_purpose", "The presentation is signed, but not for the purpose of showing it.", pointer="/proof"
        )
    if not found:
        raise VerifierError("proof_missing", "Nobody has signed this presentation.")


def check_holder(presented: Presented) -> CheckResult:
    """Whether the holder's own document lists a key that signed.

    Without a stated holder, the holder is whoever controls the key of the proof.

    Raises:
        VerifierError: no proof is by a key of the holder.
        CouldNotCheck: the holder's document could not be had.
    """
    failure: VerifierError | None = None
    for _, proof, method in _claims(presented):
        holder = presented.holder or method.partition("#")[0]
        try:
            key = presented.run.keys.find(holder, method, relationship=str(proof["proofPurpose"]))
        except VerifierError as error:
            if failure is None or isinstance(error, CouldNotCheck):
                failure = error
            continue
        presented.holder, presented.holder_found = holder, True
        return CheckResult(
            CheckId.ISSUER,
            Outcome.PASSED,
            "holder_key_listed",
            "The holder's own document lists the key that signed this presentation.",
            details={"holder": holder, "verificationMethod": key.id, "source": key.source},
            looked_at=f"the document of {holder}",
            specification="W3C Controlled Identifiers 1.0, section 3.3",
        )
    if failure is None:
        raise RuntimeError("no proof was looked at")
    raise failure


def check_proof(presented: Presented) -> CheckResult:
    """One good proof by the holder that names the challenge and the domain is enough.

    Raises:
        VerifierError: as `proofs.verify`; `challenge_mismatch`, `domain_mismatch`, `proof_not_by_holder`.
        CouldNotCheck: `proof_not_checked`.
    """
    run = presented.run
    signed = chains.signed_documents(run.credential.document, limits=run.limits)
    failures: list[VerifierError] = []
    for pointer, proof, method in _claims(presented):
        purpose = str(proof["proofPurpose"])
        try:
            key = run.keys.find(presented.holder or method.partition("#")[0], method, relationship=purpose)
        except CouldNotCheck as error:
            failures.append(
                CouldNotCheck(
                    "proof_not_checked",
                    "The signature could not be checked, because the holder's key could not be had.",
                    pointer=pointer,
                    details={"cause": error.code},
                )
            )
            continue
        except VerifierError as error:
            failures.append(
                VerifierError(
                    "proof_not_by_holder",
                    "The signature is not by a key of the holder.",
                    pointer=pointer,
                    details={"cause": error.code},
                )
            )
            continue
        try:
            _check_occasion(presented, proof)
            verify_embedded(run, proof, signed, key.method, purpose=purpose)
        except VerifierError as error:
            failures.append(error)
            continue
        suite = str(proof.get("cryptosuite", proof.get("type")))
        return CheckResult(
            CheckId.PROOF,
            Outcome.PASSED,
            "presentation_proof_valid",
            "The presentation is exactly what the holder signed.",
            details={
                "suite": suite,
                "verificationMethod": method,
                "created": proof.get("created"),
                "pointer": pointer,
                "challenge": proof.get("challenge"),
                "domain": proof.get("domain"),
            },
            looked_at=f"{pointer} ({suite})",
            specification=SECTION,
        )
    first = next((error for error in failures if isinstance(error, CouldNotCheck)), failures[0])
    return CheckResult(
        CheckId.PROOF,
        Outcome.UNDETERMINED if isinstance(first, CouldNotCheck) else Outcome.FAILED,
        first.code,
        first.message,
        details={**first.details, "pointer": first.pointer},
        findings=tuple(Finding(error.code, error.message, pointer=error.pointer) for error in failures),
        looked_at="proof",
        specification=SECTION,
    )


def _check_occasion(presented: Presented, proof: Mapping[str, Any]) -> None:
    request = presented.run.request
    if request is None:
        return
    if request.challenge and proof.get("challenge") != request.challenge:
        raise VerifierError(
            "challenge_mismatch", "The presentation was not made in answer to your question.", pointer="/proof"
        )
    if request.domain and request.domain not in domains(proof.get("domain")):
        raise VerifierError("domain_mismatch", "The presentation was made for somebody else.", pointer="/proof")
