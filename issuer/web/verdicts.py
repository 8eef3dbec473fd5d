"""A verification for a person: four answers that cannot be mixed up, and what the credential says of itself.

The sentences are those of the report (`verifier.report.SENTENCES`, `CheckResult.message`), as on the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from issuer.web.words import day
from verifier.checks.open_badges_2 import is_older_badge
from verifier.errors import VerifierError
from verifier.formats import datetimes
from verifier.report import SENTENCES, CheckId, Finding, Outcome, Report, Severity, Verdict

HEADLINES = {
    Verdict.VERIFIED: "Verified",
    Verdict.FAILED: "Not valid",
    Verdict.UNDETERMINED: "Could not be checked",
    Verdict.UNRECOGNISED: "Authentic, issuer not recognised",
}
#: Of a presentation: they speak of the presenter, never of an issuer, who has signed what is inside and no more.
PRESENTATION_HEADLINES = {
    Verdict.VERIFIED: "Shown by the person it is about",
    Verdict.FAILED: "Not valid",
    Verdict.UNDETERMINED: "Could not be checked",
    Verdict.UNRECOGNISED: "Shown by the person it is about, issuer not recognised",
}
#: Of a genuine credential, which must not read as a forgery because somebody mistyped an address.
_ABOUT_ANOTHER = "Genuine, but not about the person you named"
#: Anybody can make a valid one of those, so that the big words do not call it genuine.
_UNKNOWN_ABOUT_ANOTHER = "Not about the person you named, issuer not recognised"
_ABOUT_NOBODY = "Genuine, but it does not say whom it is about"
_UNKNOWN_HOLDER = "Shown by an unknown person"
_EACH_INSIDE = "Each credential below has an answer of its own."
#: What is wrong, in a few words: by code where that says more, else by check. The first check that failed counts.
_WRONG_BY_CODE = {
    "proof_invalid": "Forged or changed",
    "jwt_claim_mismatch": "Forged or changed",
    "proof_missing": "Nobody has signed it",
    "key_revoked": "Signed with a key that its issuer no longer trusts",
    "proof_not_by_issuer": "Not signed by the issuer it names",
    "revoked": "Revoked by its issuer",
    "suspended": "Suspended by its issuer",
    "expired": "Expired",
    "not_yet_valid": "Not valid yet",
}
_WRONG = {
    CheckId.STRUCTURE: "Not a proper credential",
    CheckId.PROOF: "Its signature cannot be accepted",
    CheckId.ISSUER: "Not from the issuer it names",
    CheckId.VALIDITY: "Not within its dates",
    CheckId.STATUS: "No longer in force",
    CheckId.SCHEMA: "Not a proper credential",
    CheckId.RECIPIENT: "About somebody else",
    CheckId.EVIDENCE: "Not the same evidence",
    CheckId.CONTENTS: "Something inside it is not valid",
    CheckId.HOLDER: "Not shown by the person it is about",
}
_WRONG_PRESENTATION = {
    CheckId.STRUCTURE: "Not a proper presentation",
    CheckId.ISSUER: "Not presented by the holder it names",
}
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict in words.

    Attributes:
        kind: the verdict, or `another` for a genuine credential about somebody else; names the colours and the mark.
        headline: the big words, one of four; others for a presentation, and for a credential about somebody else.
        short: what it comes down to: who recognises the issuer, or what is wrong.
        sentence: the report's sentence.
        reasons: sentences of the gravest results, at most two.
        confirmed: what else was asked and is so.
    """

    kind: str
    headline: str
    short: str
    sentence: str
    reasons: tuple[str, ...]
    confirmed: tuple[str, ...] = ()


def answer(report: Report) -> Answer:
    if report.is_presentation:
        return _answer_presentation(report)
    if report.about_somebody_else:
        return _answer_about_another(report)
    verdict = report.verdict
    problems = [r for r in report.problems if r.check is not CheckId.POLICY or verdict is Verdict.UNRECOGNISED]
    return Answer(
        kind=str(verdict),
        headline=HEADLINES[verdict],
        short=_short(report),
        sentence=SENTENCES[verdict],
        reasons=tuple(dict.fromkeys(r.message for r in problems if r.message))[:2],
        confirmed=_confirmed(report) if verdict in (Verdict.VERIFIED, Verdict.UNRECOGNISED) else (),
    )


def _confirmed(report: Report) -> tuple[str, ...]:
    asked = (report.result(check) for check in (CheckId.RECIPIENT, CheckId.EVIDENCE))
    return tuple(r.message for r in asked if r is not None and r.outcome is Outcome.PASSED)


def _answer_about_another(report: Report) -> Answer:
    found, policy = report.result(CheckId.RECIPIENT), report.result(CheckId.POLICY)
    recognised = policy is not None and policy.outcome is Outcome.PASSED
    says_nobody = found is not None and found.code == "recipient_missing"
    genuine = _ABOUT_NOBODY if says_nobody else _ABOUT_ANOTHER
    return Answer(
        kind="another",
        headline=genuine if recognised else _UNKNOWN_ABOUT_ANOTHER,
        short="So it cannot be compared with the person you named"
        if says_nobody
        else "Look for a typing error in what you entered; else it is somebody else’s",
        sentence=report.summary,
        reasons=(),
    )


def _answer_presentation(report: Report) -> Answer:
    verdict = report.verdict
    failed: dict[CheckId, str] = {
        r.check: r.code for r in report.results if r.outcome is Outcome.FAILED and r.check is not CheckId.POLICY
    }
    shorts = {
        Verdict.VERIFIED: "With their own key. What they show is below.",
        Verdict.UNRECOGNISED: "Not every issuer below is on the list",
        Verdict.UNDETERMINED: "Nothing proves that it is the person in the credentials below"
        if unknown_holder(report)
        else "Neither a yes nor a no",
        Verdict.FAILED: _wrong(failed, _WRONG_PRESENTATION),
    }
    return Answer(
        kind=str(verdict),
        headline=_UNKNOWN_HOLDER if unknown_holder(report) else PRESENTATION_HEADLINES[verdict],
        short=shorts[verdict],
        sentence=_EACH_INSIDE if unknown_holder(report) else report.summary,
        reasons=()
        if unknown_holder(report)
        else tuple(dict.fromkeys(r.message for r in report.problems if r.message))[:2],
    )


def unknown_holder(report: Report) -> bool:
    """Whether all of a presentation holds, but for who shows it."""
    return report.is_presentation and report.authentic and report.verdict is Verdict.UNDETERMINED


def _short(report: Report) -> str:
    policy = report.result(CheckId.POLICY)
    match report.verdict:
        case Verdict.VERIFIED:
            return policy.message if policy else ""
        case Verdict.UNRECOGNISED:
            return "Valid, but from an issuer not on the list"
        case Verdict.UNDETERMINED:
            return "Neither a yes nor a no"
        case Verdict.FAILED:
            return _wrong({r.check: r.code for r in report.results if r.outcome is Outcome.FAILED})


def _wrong(failed: Mapping[CheckId, str], otherwise: Mapping[CheckId, str] | None = None) -> str:
    """`failed`: the code of each check that failed; `otherwise`: what to say instead where no code says more."""
    first = next((check for check in _WRONG if check in failed), None)
    if first is None:
        return ""
    if first is CheckId.VALIDITY and failed.get(CheckId.STATUS) in _WRONG_BY_CODE:
        first = CheckId.STATUS  # revoked says more than out of date
    if failed.get(CheckId.ISSUER) == "key_revoked":
        first = CheckId.ISSUER  # why the signature is by no key of the issuer
    return _WRONG_BY_CODE.get(failed[first], (otherwise or {}).get(first, _WRONG[first]))


@dataclass(frozen=True, slots=True)
class About:
    """The lines that a reader looks for. All of them are claims of the document; "" where it says nothing."""

    name: str = ""
    kind: str = ""
    issuer_name: str = ""
    issuer_id: str = ""
    recipient: str = ""
    valid_from: str = ""
    valid_until: str = ""
    id: str = ""


#: What a type of credential is called; the first that is among its types counts.
_KINDS = {
    "OpenBadgeCredential": "Open Badge 3.0",
    "AchievementCredential": "Open Badge 3.0",
    "EndorsementCredential": "Endorsement",
    "ClrCredential": "Comprehensive Learner Record",
    "VerifiableCredential": "Verifiable credential",
}


def about(report: Report) -> About | None:
    """None where there is nothing to repeat: what a presentation says of itself, anybody could have written."""
    if report.is_presentation:
        return None
    document = report.credential
    if document is None:
        return None
    if is_older_badge(document):
        return _about_older(report, document)
    subject = first(document.get("credentialSubject"))
    achievement = first(subject.get("achievement"))
    issuer = document.get("issuer")
    types = document.get("type")
    listed_types = types if isinstance(types, list) else [types]
    return About(
        name=plain_text(achievement.get("name")) or plain_text(document.get("name")),
        kind=next((words for name, words in _KINDS.items() if name in listed_types), ""),
        issuer_name=plain_text(issuer.get("name")) if isinstance(issuer, Mapping) else "",
        issuer_id=plain_text(issuer.get("id")) if isinstance(issuer, Mapping) else plain_text(issuer),
        recipient=_recipient(subject),
        valid_from=_day(document.get("validFrom") or document.get("issuanceDate")),
        valid_until=_day(document.get("validUntil") or document.get("expirationDate")),
        id=plain_text(document.get("id")),
    )


def _about_older(report: Report, document: Mapping[str, Any]) -> About:
    """Open Badges 2.0, Assertion. The issuer stands in a document of its own, which the check has read."""
    found = report.result(CheckId.ISSUER)
    issuer = found.details if found else {}
    recipient = first(document.get("recipient"))
    return About(
        name=plain_text(first(document.get("badge")).get("name")),
        kind="Open Badge 2.0",
        issuer_name=plain_text(issuer.get("name")),
        issuer_id=plain_text(issuer.get("issuer")),
        recipient=_HIDDEN if recipient.get("hashed") is True else plain_text(recipient.get("identity")),
        valid_from=_day(document.get("issuedOn")),
        valid_until=_day(document.get("expires")),
        id=plain_text(document.get("id")),
    )


def older(report: Report) -> bool:
    """Whether it is a badge of the older standard, Open Badges 2.0."""
    return report.credential is not None and is_older_badge(report.credential)


def inner_title(report: Report) -> str:
    """What a credential inside another is called. Only a proven one is called what it calls itself."""
    policy = report.result(CheckId.POLICY)
    if policy is not None and policy.code == "self_asserted":
        return "Only the presenter’s own word"
    says = about(report)
    proven = report.verdict in (Verdict.VERIFIED, Verdict.UNRECOGNISED) or report.about_somebody_else
    return (says.name if says and proven else "") or "A credential"


def notes(report: Report) -> list[Finding]:
    """Warnings: worth knowing, and no reason against the credential. Who shows it is no remark but the answer."""
    results = (result for result in report.results if result.check is not CheckId.HOLDER)
    return [f for result in results for f in result.findings if f.severity is Severity.WARNING]


def listed(value: object) -> list[Mapping[str, Any]]:
    """JSON-LD writes one thing alone and several as a list: both as a list, of objects only."""
    many = value if isinstance(value, list) else [value]
    return [each for each in many if isinstance(each, Mapping)]


def first(value: object) -> Mapping[str, Any]:
    """The first object of one or several, empty if there is none."""
    return next(iter(listed(value)), {})


def plain_text(value: object) -> str:
    """A text of a stranger's document, bounded; "" for anything else."""
    if isinstance(value, Mapping):  # a language map: any of its texts
        value = next((each for each in value.values() if isinstance(each, str)), "")
    return value[:_LONGEST] if isinstance(value, str) else ""


def _day(value: object) -> str:
    """`21 November 2026` for a date that can be read, anything else as it stands."""
    try:
        return day(datetimes.parse(value))
    except VerifierError:
        return plain_text(value)


_HIDDEN = "a person whose e-mail address is scrambled in the file"


def _recipient(subject: Mapping[str, Any]) -> str:
    if subject.get("id"):
        return plain_text(subject["id"])
    identifier = first(subject.get("identifier"))
    if not identifier:
        return ""
    if identifier.get("hashed") is True:
        return _HIDDEN
    return plain_text(identifier.get("identityHash"))
