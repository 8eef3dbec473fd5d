"""Whether the content is signed by a key of the issuer (W3C Data Integrity 1.0, section 4).

Only proofs by a key that the issuer's own document lists count. One good one of them is enough; proofs by others prove
nothing about the issuer and are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from verifier import proofs
from verifier.checks import jwt
from verifier.checks.reading import OPEN_BADGES_TYPES, types
from verifier.checks.run import Run
from verifier.checks.securing import Claim, claims
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import datetimes, multikey
from verifier.proofs import chains
from verifier.report import CheckId, CheckResult, Finding, Outcome
from verifier.resolvers import self_asserted_key

SECTION = "W3C Data Integrity 1.0, section 4.4: verify proof; Open Badges 3.0, section 8.2.2"


@dataclass(slots=True)
class _Found:
    """What became of the proofs that did not pass."""

    failures: list[VerifierError] = field(default_factory=list)
    open: list[VerifierError] = field(default_factory=list)
    strangers: list[VerifierError] = field(default_factory=list)
    #: id() of proofs of a chain that hold, so that each is checked once however many others build on it.
    held: set[int] = field(default_factory=set)


def check(run: Run) -> CheckResult:
    """Failed only if no proof could turn out to be good; open if one still could."""
    if run.credential.jws is not None:
        return jwt.check_proof(run, run.credential.jws)
    issuer = run.credential.issuer_id
    secured = claims(run)
    if issuer is None or not secured:
        return _result(Outcome.FAILED, "proof_missing", "Nobody has signed this credential.")
    signed = chains.signed_documents(run.credential.document, limits=run.limits)
    found = _Found()
    for claim in secured:
        if _holds(run, issuer, claim, signed, found):
            suite = str(claim.proof.get("cryptosuite", claim.proof.get("type")))
            return _result(
                Outcome.PASSED,
                "proof_valid",
                "The content is exactly what the issuer signed.",
                details={
                    "suite": suite,
                    "verificationMethod": claim.verification_method,
                    "created": claim.proof.get("created"),
                    "pointer": claim.pointer,
                },
                looked_at=f"{claim.pointer} ({suite})",
            )
    looked_at = ", ".join(claim.pointer for claim in secured)
    errors = found.open or found.failures or found.strangers
    outcome = Outcome.UNDETERMINED if found.open else Outcome.FAILED
    return _result(
        outcome,
        errors[0].code,
        errors[0].message,
        details={**errors[0].details, "pointer": errors[0].pointer},
        looked_at=looked_at,
        findings=tuple(Finding(e.code, e.message, pointer=e.pointer) for e in errors),
    )


def _result(
    outcome: Outcome,
    code: str,
    message: str,
    *,
    details: Mapping[str, Any] | None = None,
    looked_at: str = "proof",
    findings: tuple[Finding, ...] = (),
) -> CheckResult:
    return CheckResult(
        CheckId.PROOF,
        outcome,
        code,
        message,
        details=details or {},
        findings=findings,
        looked_at=looked_at,
        specification=SECTION,
    )


def _holds(
    run: Run,
    issuer: str,
    claim: Claim,
    signed: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    found: _Found,
) -> bool:
    try:
        proofs.suite_of(claim.proof)
    except VerifierError as error:
        # A kind of proof that is not known here may be good all the same; somebody else could tell.
        found.open.append(_at(claim, error))
        return False
    confirmed = True
    try:
        method = run.keys.find(issuer, claim.verification_method).method
    except CouldNotCheck as error:
        asserted = self_asserted_key(claim.verification_method)
        if asserted is None:
            found.open.append(
                VerifierError(
                    "proof_not_checked",
                    "The signature could not be checked, because the issuer's key could not be had.",
                    pointer=claim.pointer,
                    details={"cause": error.code},
                )
            )
            return False
        method, confirmed = {"publicKeyMultibase": asserted}, False
    except VerifierError as error:
        found.strangers.append(
            VerifierError(
                "proof_not_by_issuer",
                "The signature is not by a key of the issuer.",
                pointer=claim.pointer,
                details={"cause": error.code},
            )
        )
        return False
    try:
        verify_embedded(run, claim.proof, signed, method, held=found.held)
    except CouldNotCheck as error:
        found.open.append(_at(claim, error))
        return False
    except VerifierError as error:
        found.failures.append(_at(claim, error))
        return False
    if not confirmed:
        found.open.append(
            VerifierError(
                "proof_by_unconfirmed_key",
                "The content fits the key that the credential brings along, but nobody has confirmed that key.",
                pointer=claim.pointer,
            )
        )
    return confirmed


def verify_embedded(
    run: Run,
    proof: Mapping[str, Any],
    signed: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    method: Mapping[str, Any],
    *,
    purpose: str = "assertionMethod",
    held: set[int] | None = None,
) -> None:
    """Nothing, if `proof` holds with the key in `method`, and so do all the proofs that it builds on.

    Args:
        signed: of `chains.signed_documents`.
        held: id() of earlier proofs of `signed` that were found to hold, so that each is checked once; more are added.

    Raises:
        VerifierError: as `proofs.verify`, `proof_expired`, and what finding the keys of earlier proofs raises.
    """
    _verify(run, proof, _document_of(proof, signed), method, purpose)
    _verify_earlier(run, proof, signed, set() if held is None else held)


def _document_of(
    proof: Mapping[str, Any], signed: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> Mapping[str, Any]:
    return next(document for other, document in signed if other is proof)


def _verify_earlier(
    run: Run,
    proof: Mapping[str, Any],
    signed: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    held: set[int],
) -> None:
    """The proofs that this one builds on must hold as well, each by a key of whoever it names. There are no circles."""
    for identifier in chains.previous_ids(proof):
        earlier = next(other for other, _ in signed if other.get("id") == identifier)
        if id(earlier) in held:
            continue
        method = str(earlier.get("verificationMethod"))
        key = run.keys.find(method.partition("#")[0], method)
        _verify(run, earlier, _document_of(earlier, signed), key.method, "assertionMethod")
        _verify_earlier(run, earlier, signed, held)
        held.add(id(earlier))


def _verify(
    run: Run, proof: Mapping[str, Any], document: Mapping[str, Any], method: Mapping[str, Any], purpose: str
) -> None:
    is_badge = bool(OPEN_BADGES_TYPES & {t for t in types(document) if isinstance(t, str)})
    proofs.verify(
        document,
        proof,
        multikey.of_method(method),
        purpose=purpose,
        limits=run.limits,
        inline_contexts_allowed=not is_badge,
    )
    expires = proof.get("expires")
    if expires is not None and run.now - timedelta(seconds=run.limits.clock_skew) > datetimes.parse(expires):
        raise VerifierError("proof_expired", "The signature is past the time that it was made for.", pointer="/expires")


def _at(claim: Claim, error: VerifierError) -> VerifierError:
    """Errors of the suites point into the proof; for the report they point into the credential."""
    inside_proof = error.pointer.startswith(("/proofValue", "/created", "/expires", "/cryptosuite", "/proofPurpose"))
    pointer = claim.pointer + error.pointer if inside_proof or not error.pointer else error.pointer
    return VerifierError(error.code, error.message, pointer=pointer, details=error.details)
