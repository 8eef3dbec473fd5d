"""Whether the issuer's own document lists a key that one of the proofs names (Open Badges 3.0: key provenance).

Nothing is believed because the credential says so: not the key in a URL fragment, not a `jwk` header.
"""

from __future__ import annotations

from verifier.checks import jwt
from verifier.checks.run import Run
from verifier.checks.securing import claims
from verifier.errors import CouldNotCheck, VerifierError
from verifier.report import CheckId, CheckResult, Outcome
from verifier.resolvers import self_asserted_key

SECTION = "W3C Controlled Identifiers 1.0, section 3.3; Open Badges 3.0 implementation guide: key provenance"


def check(run: Run) -> CheckResult:
    if run.credential.jws is not None:
        return jwt.check_issuer(run, run.credential.jws)
    issuer = run.credential.issuer_id
    if issuer is None:
        return _result(Outcome.FAILED, "issuer_missing", "The credential does not say who issued it.", "")
    secured = claims(run)
    if not secured:
        return _result(Outcome.FAILED, "proof_missing", "Nobody has signed this credential.", issuer)
    failure: VerifierError | None = None
    unknown: CouldNotCheck | None = None
    for claim in secured:
        try:
            key = run.keys.find(issuer, claim.verification_method)
        except CouldNotCheck as error:
            unknown = unknown or error
        except VerifierError as error:
            failure = failure or error
        else:
            return CheckResult(
                CheckId.ISSUER,
                Outcome.PASSED,
                "issuer_key_listed",
                "The issuer's own document lists the key that signed this.",
                details={"issuer": issuer, "verificationMethod": key.id, "source": key.source},
                looked_at=f"the document of {issuer}",
                specification=SECTION,
            )
    if unknown is not None:
        only_self = all(self_asserted_key(claim.verification_method) for claim in secured)
        if only_self:
            return _result(
                Outcome.UNDETERMINED,
                "key_self_asserted",
                f"The credential brings its own key. Only the issuer's document could confirm it: {unknown.message}",
                issuer,
                cause=unknown.code,
            )
        return _result(Outcome.UNDETERMINED, unknown.code, unknown.message, issuer)
    if failure is not None:
        return _result(Outcome.FAILED, failure.code, failure.message, issuer)
    raise RuntimeError("no claim was looked at")


def _result(outcome: Outcome, code: str, message: str, issuer: str, cause: str = "") -> CheckResult:
    details = {"issuer": issuer} | ({"cause": cause} if cause else {})
    return CheckResult(
        CheckId.ISSUER,
        outcome,
        code,
        message,
        details=details,
        looked_at=f"the document of {issuer}" if issuer else "issuer",
        specification=SECTION,
    )
