"""A Comprehensive Learner Record (CLR 2.0): every credential in it, each verified by itself under the caller's policy.

The record's own signature says that its publisher put these credentials together; it says nothing about whether one of
them was forged, has expired or was revoked by its own issuer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.reading import many, objects, types
from verifier.checks.run import Run
from verifier.errors import VerifierError
from verifier.report import CheckId, CheckResult, Finding, Outcome, Severity, Verdict

SECTION = "CLR 2.0, sections 5.2 (ClrSubject) and 8 (verification)"


def inner_credentials(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each credential of a record, with the JSON Pointer to it."""
    for place, subject in objects(document.get("credentialSubject"), "/credentialSubject"):
        if isinstance(subject, Mapping):
            yield from objects(subject.get("verifiableCredential"), f"{place}/verifiableCredential")


def check(run: Run) -> CheckResult:
    """Failed if one inside must not be relied upon, open if one could not be checked; not applicable if this is none.

    An inner credential whose issuer the caller does not name is told as a warning: the record says who issued it.

    Raises:
        VerifierError: `too_many_inner_credentials`, `nested_too_deep`.
    """
    document = run.credential.document
    found = list(inner_credentials(document)) if "ClrCredential" in types(document) else []
    if not found:
        return _result(Outcome.NOT_APPLICABLE, "contents_none", "There are no further credentials inside.")
    if len(found) > run.limits.nested_credentials:
        raise VerifierError(
            "too_many_inner_credentials", f"More than {run.limits.nested_credentials} credentials are inside this one."
        )
    if run.depth > 1:
        raise VerifierError("nested_too_deep", "Records are packed into records too many times.")
    problems: list[tuple[Outcome, Finding]] = []
    warnings: list[Finding] = []
    for place, inner in found:
        problem = _problem(run, inner, place)
        if problem is None:
            continue
        if problem[0] is Outcome.PASSED:
            warnings.append(problem[1])
        else:
            problems.append(problem)
    details = {"found": len(found), "pointers": [place for place, _ in found]}
    if not problems:
        message = f"All {len(found)} credentials inside hold." if len(found) > 1 else "The credential inside holds."
        if warnings:
            message += f" {len(warnings)} of them by an issuer that you did not name."
        return _result(Outcome.PASSED, "contents_good", message, details, tuple(warnings))
    worst, finding = min(problems, key=lambda problem: problem[0] is not Outcome.FAILED)
    findings = (*(finding for _, finding in problems), *warnings)
    return _result(worst, finding.code, finding.message, {**details, "pointer": finding.pointer}, findings)


def _problem(run: Run, inner: Any, place: str) -> tuple[Outcome, Finding] | None:
    """What is wrong with one credential inside, None if it holds; `PASSED` for what is only to be told."""
    if not isinstance(inner, Mapping | str):
        return Outcome.FAILED, Finding("inner_not_credential", "Something inside is no credential.", pointer=place)
    report = run.verify_inner(inner)
    run.contents.append(report)
    if report.verdict is Verdict.VERIFIED:
        return None
    cause = next((problem.message for problem in report.problems), "")
    if report.verdict is Verdict.FAILED:
        return Outcome.FAILED, Finding(
            "inner_invalid", f"A credential inside must not be relied upon. {cause}", pointer=place
        )
    if report.verdict is Verdict.UNDETERMINED:
        return Outcome.UNDETERMINED, Finding(
            "inner_not_checked", f"A credential inside could not be checked. {cause}", pointer=place
        )
    return Outcome.PASSED, Finding(
        "inner_unrecognised",
        "A credential inside is authentic, but by an issuer that you did not name.",
        Severity.WARNING,
        place,
    )


def record_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What a record must have beyond other Open Badges credentials (CLR 2.0, section 5.2)."""
    if not document.get("name"):
        yield Finding("record_without_name", "The learner record has no name.", pointer="/name")
    subjects = many(document.get("credentialSubject"))
    subject = subjects[0] if len(subjects) == 1 else None
    if not isinstance(subject, Mapping) or "ClrSubject" not in types(subject):
        yield Finding(
            "subject_type",
            "A part of the record should be of type ClrSubject, but does not say so.",
            pointer="/credentialSubject",
        )
        return
    if not subject.get("id") and not many(subject.get("identifier")):
        yield Finding(
            "subject_not_identified", "The record does not say whom it is about.", pointer="/credentialSubject"
        )
    if not many(subject.get("verifiableCredential")):
        yield Finding(
            "record_empty",
            "The learner record holds no credential.",
            pointer="/credentialSubject/verifiableCredential",
        )


def _result(
    outcome: Outcome,
    code: str,
    message: str,
    details: Mapping[str, Any] | None = None,
    findings: tuple[Finding, ...] = (),
) -> CheckResult:
    return CheckResult(
        CheckId.CONTENTS,
        outcome,
        code,
        message,
        details=details or {},
        findings=findings,
        looked_at="credentialSubject.verifiableCredential",
        specification=SECTION,
    )
