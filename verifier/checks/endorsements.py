"""Endorsements of the credential, its issuer and its achievement, each verified as a credential of its own.

An endorsement that fails never sinks what it endorses (Open Badges 3.0, section 8.6), so this check only warns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.reading import many, objects
from verifier.checks.run import Run
from verifier.errors import VerifierError
from verifier.report import CheckId, CheckResult, Finding, Outcome, Severity, Verdict

SECTION = "Open Badges 3.0, section 8.6: endorsements"


def _found(value: Any, pointer: str) -> Iterator[tuple[str, Any, Any]]:
    """Every endorsement under `value`: pointer, endorsement, id of what it should endorse."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in ("endorsement", "endorsementJwt"):
                for at, endorsement in objects(inner, place):
                    yield at, endorsement, value.get("id")
            elif name != "proof":
                yield from _found(inner, place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _found(item, f"{pointer}/{index}")


def _may_have_some(run: Run) -> bool:
    """A quick no for nearly every badge: in JSON, the name can only be hidden by an escape."""
    text = run.credential.text
    return run.credential.jws is not None or b"endorsement" in text or b"\\u" in text


def check(run: Run) -> CheckResult:
    """Passed or not applicable, with a warning for each endorsement that does not hold.

    Raises:
        VerifierError: `too_many_inner_credentials`.
    """
    found = list(_found(run.credential.document, "")) if _may_have_some(run) else []
    if not found or run.depth > 1:
        return CheckResult(
            CheckId.ENDORSEMENTS,
            Outcome.NOT_APPLICABLE,
            "endorsements_none",
            "Nobody has endorsed this.",
            looked_at="endorsement and endorsementJwt, wherever they stand",
            specification=SECTION,
        )
    if len(found) > run.limits.nested_credentials:
        raise VerifierError(
            "too_many_inner_credentials", f"More than {run.limits.nested_credentials} credentials are inside this one."
        )
    findings: list[Finding] = []
    good = 0
    for pointer, endorsement, endorsed in found:
        if not isinstance(endorsement, Mapping | str):
            findings.append(_warning("endorsement_malformed", "An endorsement is not a credential.", pointer))
            continue
        report = run.verify_inner(endorsement)
        run.contents.append(report)
        document = report.credential or {}
        subjects = [s.get("id") for s in many(document.get("credentialSubject")) if isinstance(s, Mapping)]
        if "EndorsementCredential" not in many(document.get("type")):
            findings.append(
                _warning("endorsement_malformed", "An endorsement is not a credential of that kind.", pointer)
            )
        elif endorsed is not None and endorsed not in subjects:
            findings.append(_warning("endorsement_of_another", "An endorsement speaks about something else.", pointer))
        elif report.verdict is Verdict.VERIFIED:
            good += 1
        elif report.verdict is Verdict.UNRECOGNISED:
            findings.append(
                _warning("endorsement_by_unnamed", "An endorsement is by somebody you did not name.", pointer)
            )
        elif report.verdict is Verdict.UNDETERMINED:
            findings.append(_warning("endorsement_not_checked", "An endorsement could not be checked.", pointer))
        else:
            findings.append(_warning("endorsement_invalid", "An endorsement does not hold.", pointer))
    message = f"{good} of {len(found)} endorsements hold." + (
        " The others say nothing about this badge." if findings else ""
    )
    return CheckResult(
        CheckId.ENDORSEMENTS,
        Outcome.PASSED,
        "endorsements_read",
        message,
        details={"found": len(found), "verified": good},
        findings=tuple(findings),
        looked_at=", ".join(pointer for pointer, _, _ in found[:8]),
        specification=SECTION,
    )


def _warning(code: str, message: str, pointer: str) -> Finding:
    return Finding(code, message, Severity.WARNING, pointer)
