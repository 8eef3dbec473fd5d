"""The credentials inside a presentation, each verified by itself under the caller's policy (VCDM 2.0, section 4.13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from verifier.checks import evidence, recipient
from verifier.checks.presentations.presented import Presented, inner_credentials
from verifier.checks.reading import types
from verifier.errors import VerifierError
from verifier.report import CheckId, CheckResult, Finding, Outcome, Report, Verdict

SECTION = "VCDM 2.0, sections 4.13 and 4.13.4: presentations including holder claims"
_ENVELOPED = "EnvelopedVerifiableCredential"


def check_status(_presented: Presented) -> CheckResult:
    """Never applicable: the credentials inside have a status, the presentation has none."""
    return CheckResult(
        CheckId.STATUS,
        Outcome.NOT_APPLICABLE,
        "status_none",
        "A presentation itself cannot be revoked; each credential in it was looked up.",
        looked_at="credentials inside",
        specification=SECTION,
    )


def check_recipient(presented: Presented) -> CheckResult:
    """Each credential inside was asked whether it is about the person; here is what they said together."""

    def result(outcome: Outcome, code: str, message: str) -> CheckResult:
        return CheckResult(
            CheckId.RECIPIENT, outcome, code, message, looked_at="credentials inside", specification=recipient.SECTION
        )

    reports = presented.run.contents
    if presented.run.recipient is None:
        return result(Outcome.NOT_APPLICABLE, "recipient_not_asked", "Nobody asked whose credential this is.")
    if not reports:
        return result(Outcome.FAILED, "recipient_missing", "The presentation shows nothing about anybody.")
    answers = [report.result(CheckId.RECIPIENT) for report in reports]
    if all(answer is not None and answer.outcome is Outcome.PASSED for answer in answers):
        return result(Outcome.PASSED, "recipient_matches", "Every credential inside is about the person you named.")
    return result(Outcome.FAILED, "recipient_mismatch", "Something inside is not about the person you named.")


def check_evidence(presented: Presented) -> CheckResult:
    """A file has to be evidence of one of the credentials inside."""
    return evidence.judge([report.credential or {} for report in presented.run.contents], presented.run.evidence)


def check(presented: Presented) -> CheckResult:
    """Failed if one inside must not be relied upon, open if one could not be checked.

    Raises:
        VerifierError: `too_many_inner_credentials`.
    """
    run = presented.run
    found = list(inner_credentials(run.credential.document))
    if len(found) > run.limits.nested_credentials:
        presented.inside.append(("/verifiableCredential", None))  # there are some, and none was read
        raise VerifierError(
            "too_many_inner_credentials", f"More than {run.limits.nested_credentials} credentials are inside this one."
        )
    problems: list[tuple[Outcome, Finding]] = []
    for place, inner in found:
        problem = _judge(presented, inner, place)
        if problem is not None:
            problems.append(problem)
    if not found:
        return _result(Outcome.PASSED, "presentation_empty", "The presentation shows no credential.", {"found": 0})
    details = {"found": len(found), "selfAsserted": presented.self_asserted}
    if not problems:
        message = f"All {len(found)} credentials inside hold." if len(found) > 1 else "The credential inside holds."
        return _result(Outcome.PASSED, "contents_good", message, details)
    worst, finding = min(problems, key=lambda problem: problem[0] is not Outcome.FAILED)
    return _result(
        worst,
        finding.code,
        finding.message,
        {**details, "pointer": finding.pointer},
        tuple(finding for _, finding in problems),
    )


def _judge(presented: Presented, inner: Any, place: str) -> tuple[Outcome, Finding] | None:
    """What is wrong with one credential inside, None if it holds."""
    run = presented.run
    if not isinstance(inner, Mapping | str) or "VerifiablePresentation" in types(inner):
        presented.inside.append((place, None))
        return Outcome.FAILED, Finding(
            "inner_not_credential", "Something in the presentation is no credential.", pointer=place
        )
    report = run.verify_inner(inner)
    if isinstance(inner, Mapping) and "proof" not in inner and _ENVELOPED not in types(inner):
        return _judge_self_asserted(presented, report, place)
    run.contents.append(report)
    presented.inside.append((place, report))
    if report.verdict is Verdict.FAILED:
        cause = report.problems[0].message if report.problems else ""
        return Outcome.FAILED, Finding(
            "inner_invalid", f"A credential inside must not be relied upon. {cause}".strip(), pointer=place
        )
    if report.verdict is Verdict.UNDETERMINED:
        return Outcome.UNDETERMINED, Finding(
            "inner_not_checked", "A credential inside could not be checked.", pointer=place
        )
    return None


def _judge_self_asserted(presented: Presented, report: Report, place: str) -> tuple[Outcome, Finding] | None:
    """A credential without a proof of its own is the holder's word, if the holder is stated and is its issuer."""
    document = report.credential or {}
    issuer = document.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if not presented.stated or issuer != presented.holder:
        presented.run.contents.append(report)
        presented.inside.append((place, report))
        return Outcome.FAILED, Finding(
            "inner_not_signed", "A credential inside is signed by nobody, and not the holder's own word.", pointer=place
        )
    told = replace(report, results=tuple(_as_told(result, presented) for result in report.results))
    presented.run.contents.append(told)
    presented.inside.append((place, told))
    failed = [r for r in told.results if r.check is not CheckId.POLICY and r.outcome is Outcome.FAILED]
    if failed:
        return Outcome.FAILED, Finding(
            "inner_invalid", f"A credential inside must not be relied upon. {failed[0].message}", pointer=place
        )
    if any(r.check is not CheckId.POLICY and r.outcome is Outcome.UNDETERMINED for r in told.results):
        return Outcome.UNDETERMINED, Finding(
            "inner_not_checked", "A credential inside could not be checked.", pointer=place
        )
    presented.self_asserted += 1
    return None


def _as_told(result: CheckResult, presented: Presented) -> CheckResult:
    """The presentation's own proof stands for the proof that such a credential does not have."""
    if result.check is CheckId.POLICY:
        return replace(
            result,
            outcome=Outcome.FAILED,
            code="self_asserted",
            message="It is the holder's own word: no issuer stands behind it.",
        )
    if result.check not in (CheckId.ISSUER, CheckId.PROOF) or result.code != "proof_missing":
        return result
    return CheckResult(
        result.check,
        Outcome.PASSED if presented.proven else Outcome.FAILED,
        "self_asserted",
        "The holder says this of themselves; the signature on the presentation covers it.",
        looked_at="the presentation around it",
        specification=SECTION,
    )


def _result(
    outcome: Outcome,
    code: str,
    message: str,
    details: Mapping[str, Any],
    findings: tuple[Finding, ...] = (),
) -> CheckResult:
    return CheckResult(
        CheckId.CONTENTS,
        outcome,
        code,
        message,
        details=details,
        findings=findings,
        looked_at="verifiableCredential",
        specification=SECTION,
    )
