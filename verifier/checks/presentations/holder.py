"""Whether the presenter is the person the credentials are about, and whom the caller recognises of their issuers.

A signature around somebody's genuine badge proves a key, and nothing about a person: anybody who ever had the badge can
make one. Only the issuer's own word, the subject's id in the signed credential, ties the two together.
"""

from __future__ import annotations

from collections.abc import Iterator

from verifier.checks.presentations.presented import Presented, holder_of, subject_ids
from verifier.report import ANY_ISSUER, CheckId, CheckResult, Finding, Outcome, Severity

SECTION = "VCDM 2.0, section 4.13 and appendix on subject-holder relationships"
TRUST = "Open Badges 3.0 implementation guide: issuer trust"


def check(presented: Presented) -> CheckResult:
    """Failed only where the caller demands that the holder is the subject; otherwise a difference stays open."""
    request = presented.run.request
    demanded = request is not None and request.holder_is_subject
    holder = holder_of(presented)
    otherwise = Outcome.FAILED if demanded else Outcome.UNDETERMINED
    if not presented.inside:
        outcome = Outcome.FAILED if demanded else Outcome.NOT_APPLICABLE
        return _result(outcome, "presentation_empty", "The presentation shows no credential.", holder.id)
    if not holder.proven:
        return _result(otherwise, "holder_not_proven", "Who shows this is not proven, so it may be anybody.", holder.id)
    if holder.is_subject:
        return _result(
            Outcome.PASSED,
            "holder_is_subject",
            "It is shown with the key of the person whom every credential inside is about.",
            holder.id,
        )
    severity = Severity.ERROR if demanded else Severity.WARNING
    findings = tuple(_differences(presented, severity))
    if any(finding.code == "subject_is_another" for finding in findings):
        return _result(
            otherwise,
            "holder_not_subject",
            "The presenter is not the person named by the credentials inside.",
            holder.id,
            findings,
        )
    return _result(
        otherwise,
        "holder_subject_unknown",
        "Nothing proves that the presenter is the person the credentials inside are about.",
        holder.id,
        findings,
    )


def _differences(presented: Presented, severity: Severity) -> Iterator[Finding]:
    for place, report in presented.inside:
        ids = subject_ids(report)
        pointer = f"{place}/credentialSubject"
        if ids is None:
            yield Finding("subject_not_read", "Whom this credential is about cannot be read.", severity, place)
        elif any(each is not None and each != presented.holder for each in ids):
            yield Finding(
                "subject_is_another", "This credential names someone other than the presenter.", severity, pointer
            )
        elif None in ids:
            yield Finding(
                "subject_without_id",
                "This credential names no key or address of the person, so nobody can prove to be that person.",
                severity,
                pointer,
            )


def judge_issuers(presented: Presented) -> CheckResult:
    """Whether the caller recognises every issuer inside. It says nothing about the presenter."""
    if not presented.inside:
        return _policy(Outcome.NOT_APPLICABLE, "presentation_empty", "The presentation shows no credential.")
    findings: list[Finding] = []
    outcomes: set[Outcome] = set()
    codes: set[str] = set()
    for place, report in presented.inside:
        judged = report.result(CheckId.POLICY) if report is not None else None
        if judged is None:
            outcomes.add(Outcome.UNDETERMINED)
            findings.append(Finding("inner_not_read", "A credential inside could not be read.", pointer=place))
            continue
        outcomes.add(judged.outcome)
        codes.add(judged.code)
        if judged.outcome is not Outcome.PASSED:
            findings.append(Finding(judged.code, judged.message, pointer=place))
    if Outcome.FAILED in outcomes:
        return _policy(
            Outcome.FAILED,
            "inner_issuer_not_recognised",
            "You do not recognise every issuer of the credentials inside.",
            tuple(findings),
        )
    if outcomes != {Outcome.PASSED}:
        return _policy(
            Outcome.UNDETERMINED,
            "inner_issuers_not_judged",
            "Whether you recognise every issuer of the credentials inside was not judged.",
            tuple(findings),
        )
    if ANY_ISSUER in codes:
        return _policy(
            Outcome.PASSED, ANY_ISSUER, "Any issuer was accepted: whether to trust those inside is for you to judge."
        )
    return _policy(Outcome.PASSED, "inner_issuers_accepted", "You recognise every issuer of the credentials inside.")


def _result(outcome: Outcome, code: str, message: str, holder: str, findings: tuple[Finding, ...] = ()) -> CheckResult:
    return CheckResult(
        CheckId.HOLDER,
        outcome,
        code,
        message,
        details={"holder": holder},
        findings=findings,
        looked_at="the holder, and the subject of each credential inside",
        specification=SECTION,
    )


def _policy(outcome: Outcome, code: str, message: str, findings: tuple[Finding, ...] = ()) -> CheckResult:
    return CheckResult(
        CheckId.POLICY,
        outcome,
        code,
        message,
        findings=findings,
        looked_at="the issuers of the credentials inside",
        specification=TRUST,
    )
