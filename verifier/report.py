"""What a verification found: one result per check, and one verdict made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Outcome(StrEnum):
    """Four answers, never two: "could not be checked" is neither good nor bad."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"


class CheckId(StrEnum):
    """The checks, in the order in which a report lists them."""

    STRUCTURE = "structure"
    SCHEMA = "schema"
    ISSUER = "issuer"
    PROOF = "proof"
    VALIDITY = "validity"
    STATUS = "status"
    RECIPIENT = "recipient"
    EVIDENCE = "evidence"
    ENDORSEMENTS = "endorsements"
    CONTENTS = "contents"
    HOLDER = "holder_is_subject"
    POLICY = "policy"


class Verdict(StrEnum):
    """The one-word answer. `UNRECOGNISED` is authentic, but from an issuer the caller's policy does not name."""

    VERIFIED = "verified"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    UNRECOGNISED = "unrecognised"


@dataclass(frozen=True, slots=True)
class Holder:
    """The presenter of a presentation: a key, never a known person.

    Attributes:
        id: as the presentation or its proof names it, "" if neither does.
        proven: the presentation is signed by a key that the holder's own document lists.
        is_subject: every credential inside is about `id`; None if there is none inside, or `id` is not proven.
    """

    id: str = ""
    proven: bool = False
    is_subject: bool | None = None


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check noticed. Warnings never change the outcome of a check."""

    code: str
    message: str
    severity: Severity = Severity.ERROR
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The answer of one check.

    `code` is stable and documented; `message` is a sentence a school secretary understands; `looked_at` says what was
    examined; `specification` names the section the rule comes from.
    """

    check: CheckId
    outcome: Outcome
    code: str = ""
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    findings: tuple[Finding, ...] = ()
    looked_at: str = ""
    specification: str = ""


#: The code of a policy that accepts whoever proves to be the issuer.
ANY_ISSUER = "any_issuer_accepted"

#: Without all of these a credential is never called verified, whatever else passed.
REQUIRED: tuple[CheckId, ...] = (
    CheckId.STRUCTURE,
    CheckId.ISSUER,
    CheckId.PROOF,
    CheckId.VALIDITY,
    CheckId.POLICY,
)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one verification found. `verdict` is computed from `results`, never stored beside them.

    Attributes:
        results: one per check, in the order of `CheckId`.
        checked_at: the moment that "now" meant (aware, UTC).
        credential: the decoded document, `None` if the input could not be read.
        media_type: the form the input came in, such as `application/vc+ld+json` or `image/png`.
        sha256: hex digest of the bytes handed in.
        contents: reports on credentials inside this one (transcript, presentation, endorsements).
        refreshed_from: the address of the newer credential that this report is about, "" if it was not refreshed;
            `sha256` and `media_type` are those of what was handed in all the same.
        holder: who shows it, for a presentation; None for a credential, which nobody shows but whoever has it.
    """

    results: tuple[CheckResult, ...]
    checked_at: datetime
    credential: Mapping[str, Any] | None = None
    media_type: str = ""
    sha256: str = ""
    contents: tuple[Report, ...] = ()
    refreshed_from: str = ""
    holder: Holder | None = None

    @property
    def is_presentation(self) -> bool:
        return self.holder is not None

    def result(self, check: CheckId) -> CheckResult | None:
        """The result of `check`, or `None` if it was never run (which counts as not passed)."""
        return next((r for r in self.results if r.check is check), None)

    def _outcome(self, check: CheckId) -> Outcome | None:
        found = self.result(check)
        return found.outcome if found else None

    @property
    def verdict(self) -> Verdict:
        """Verified only when every required check passed and nothing failed or was left open.

        A failure anywhere but in the policy outranks everything; then what could not be checked; then a policy that
        does not know the issuer.
        """
        others = [r for r in self.results if r.check is not CheckId.POLICY]
        if not others or any(r.outcome is Outcome.FAILED for r in others):
            return Verdict.FAILED
        required = [self._outcome(c) for c in REQUIRED if c is not CheckId.POLICY]
        status = self._outcome(CheckId.STATUS)
        if any(outcome is not Outcome.PASSED for outcome in required) or status not in (
            Outcome.PASSED,
            Outcome.NOT_APPLICABLE,
        ):
            return Verdict.UNDETERMINED
        if any(r.outcome is Outcome.UNDETERMINED for r in others):
            return Verdict.UNDETERMINED
        if self.is_presentation and self._outcome(CheckId.HOLDER) is not Outcome.PASSED:
            return Verdict.UNDETERMINED  # good credentials say nothing about the presenter
        policy = self._outcome(CheckId.POLICY)
        if policy is Outcome.PASSED:
            return Verdict.VERIFIED
        return Verdict.UNRECOGNISED if policy is Outcome.FAILED else Verdict.UNDETERMINED

    @property
    def verified(self) -> bool:
        return self.verdict is Verdict.VERIFIED

    @property
    def authentic(self) -> bool:
        """Whether everything holds, whoever issued it and whoever shows it. Nothing to decide by: see `verdict`."""
        apart = (CheckId.POLICY, CheckId.HOLDER)
        outcomes = {r.check: r.outcome for r in self.results if r.check not in apart}
        required = (outcomes.get(check) is Outcome.PASSED for check in REQUIRED if check not in apart)
        return all(required) and not {Outcome.FAILED, Outcome.UNDETERMINED} & set(outcomes.values())

    @property
    def about_somebody_else(self) -> bool:
        """Whether a credential is genuine and valid, and fails only because it is not about the person named."""
        recipient = self.result(CheckId.RECIPIENT)
        if self.is_presentation or recipient is None or recipient.outcome is not Outcome.FAILED:
            return False
        return self._unasked.verdict in (Verdict.VERIFIED, Verdict.UNRECOGNISED)

    @property
    def _unasked(self) -> Report:
        """The same, had nobody asked whose it is."""
        return replace(self, results=tuple(r for r in self.results if r.check is not CheckId.RECIPIENT))

    @property
    def summary(self) -> str:
        """The verdict as a sentence. It never claims that an issuer is recognised if any issuer would have been."""
        policy = self.result(CheckId.POLICY)
        if self.about_somebody_else:
            return f"{self._unasked.summary} {NOT_ABOUT_THE_PERSON}"
        if self.is_presentation:
            holder = self.result(CheckId.HOLDER)
            if self.authentic and holder is not None and holder.outcome is Outcome.UNDETERMINED:
                return UNKNOWN_HOLDER
            if self.verified and policy is not None and policy.code == ANY_ISSUER:
                return SHOWN_BY_SUBJECT_ANY_ISSUER
            return PRESENTATION_SENTENCES[self.verdict]
        if self.verified and policy is not None and policy.code == ANY_ISSUER:
            return "This credential is authentic and valid. Any issuer was accepted: whether to trust this one is open."
        return SENTENCES[self.verdict]

    @property
    def problems(self) -> Sequence[CheckResult]:
        """The results that keep the verdict from being "verified", gravest first, in the order that `verdict` has."""

        def rank(result: CheckResult) -> int:
            if result.outcome is Outcome.UNDETERMINED:
                return 1
            return 2 if result.check is CheckId.POLICY else 0

        found = (r for r in self.results if r.outcome in (Outcome.FAILED, Outcome.UNDETERMINED))
        return sorted(found, key=rank)


#: The verdict as a sentence for a person.
SENTENCES: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.VERIFIED: (
            "This credential is authentic and valid, and its issuer is on the list of recognised issuers."
        ),
        Verdict.FAILED: "This credential must not be relied upon.",
        Verdict.UNDETERMINED: "Neither confirmed nor refuted: something needed for the answer could not be had.",
        Verdict.UNRECOGNISED: (
            "This credential is authentic and valid, but its issuer is not on the list of recognised issuers."
        ),
    }
)
#: The same for a presentation. None of them says of the presentation what is true of the credentials in it.
PRESENTATION_SENTENCES: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.VERIFIED: (
            "Shown with the key of the person it is about. Every credential inside is authentic, valid and by an "
            "issuer that you recognise."
        ),
        Verdict.FAILED: "This presentation must not be relied upon. Each credential inside has an answer of its own.",
        Verdict.UNDETERMINED: (
            "Neither confirmed nor refuted: something needed for the answer could not be had. Each credential inside "
            "has an answer of its own."
        ),
        Verdict.UNRECOGNISED: (
            "Shown with the key of the person it is about, but you do not recognise every issuer of the credentials "
            "inside."
        ),
    }
)
#: After the sentence that holds but for the person: the credential is no forgery.
NOT_ABOUT_THE_PERSON = "But it is not about the person you named."
UNKNOWN_HOLDER = (
    "Shown by an unknown person: nothing proves that it is the person whom the credentials inside are about. Each of "
    "them has an answer of its own."
)
SHOWN_BY_SUBJECT_ANY_ISSUER = (
    "Shown with the key of the person it is about. Every credential inside is authentic and valid. Any issuer was "
    "accepted: whether to trust them is open."
)


def report_to_json(report: Report) -> dict[str, Any]:
    """A report as the JSON of the command line, the endpoint and the API; see `docs/verification-report.md`.

    The credential itself is not repeated, only its id and issuer as it states them. Nothing that a presentation says of
    itself is repeated: the presenter could have written anything.
    """
    document = {} if report.is_presentation else report.credential or {}
    issuer = document.get("issuer")
    return {
        "verdict": str(report.verdict),
        "verified": report.verified,
        "summary": report.summary,
        "kind": "presentation" if report.is_presentation else "credential",
        "checkedAt": report.checked_at.isoformat().replace("+00:00", "Z"),
        "mediaType": report.media_type,
        "sha256": report.sha256,
        "credentialId": document.get("id"),
        "issuer": issuer.get("id") if isinstance(issuer, Mapping) else issuer,
        "holder": _holder_to_json(report.holder) if report.holder is not None else None,
        "refreshedFrom": report.refreshed_from,
        "results": [_result_to_json(result) for result in report.results],
        "contents": [report_to_json(inner) for inner in report.contents],
    }


def _holder_to_json(holder: Holder) -> dict[str, Any]:
    return {"id": holder.id or None, "proven": holder.proven, "isSubject": holder.is_subject}


def _result_to_json(result: CheckResult) -> dict[str, Any]:
    return {
        "check": str(result.check),
        "outcome": str(result.outcome),
        "code": result.code,
        "message": result.message,
        "lookedAt": result.looked_at,
        "specification": result.specification,
        "details": dict(result.details),
        "findings": [
            {"code": f.code, "message": f.message, "severity": str(f.severity), "pointer": f.pointer}
            for f in result.findings
        ],
    }
