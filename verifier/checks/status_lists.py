"""Status lists that are credentials: having one, verifying it, and reading the bits in it.

A list that its issuer signed but that is too short, of another purpose or otherwise unfit fails the credential; one
that could not be had, is out of date or is by a stranger leaves the question open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.checks.reading import many, types
from verifier.checks.run import Run
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import bitstring
from verifier.report import CheckId, Outcome, Report, Verdict


@dataclass(frozen=True, slots=True)
class Kind:
    """One standard's names. `multibase`: `encodedList` starts with `u`."""

    entry: str
    credential: str
    subject: str
    purposes: frozenset[str]
    multibase: bool


def purpose_of(entry: Mapping[str, Any], kind: Kind, pointer: str) -> str:
    """Raises `VerifierError` `status_malformed`."""
    purpose = entry.get("statusPurpose")
    if not isinstance(purpose, str) or purpose not in kind.purposes:
        raise VerifierError(
            "status_malformed", "The status entry has no known purpose.", pointer=f"{pointer}/statusPurpose"
        )
    return purpose


def whole_number(value: Any, pointer: str) -> int:
    """The standards write an index as a string; numbers are met and read. Raises `VerifierError` `status_malformed`."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise VerifierError("status_malformed", "A number in the status entry is not one.", pointer=pointer)


def address_of(entry: Mapping[str, Any], pointer: str) -> str:
    """Raises `VerifierError` `status_malformed`."""
    url = entry.get("statusListCredential")
    if not isinstance(url, str):
        raise VerifierError(
            "status_malformed",
            "The status entry does not say where its list is.",
            pointer=f"{pointer}/statusListCredential",
        )
    return url


def fetch(run: Run, url: str) -> Report:
    """The list at `url`, verified.

    Raises:
        VerifierError: `status_list_not_verified`.
        CouldNotCheck: `status_list_unavailable`, `status_list_not_checked`, `status_list_expired`,
            `status_list_by_stranger`, `status_list_about_another`.
    """
    report = run.verify_list(body_at(run, url))
    facts = {"url": url, "listSha256": report.sha256}
    cause = next((problem for problem in report.problems), None)
    if report.verdict is Verdict.FAILED and cause is not None:
        failed = [problem for problem in report.problems if problem.outcome is Outcome.FAILED]
        if all(problem.check is CheckId.VALIDITY and problem.code == "expired" for problem in failed):
            raise CouldNotCheck(
                "status_list_expired",
                "The status list is out of date, so it no longer says what is revoked.",
                details=facts,
            )
        raise VerifierError(
            "status_list_not_verified",
            f"The list of revoked credentials is not authentic or not sound: {cause.message}",
            details={**facts, "cause": cause.code},
        )
    if report.verdict is Verdict.UNDETERMINED:
        raise CouldNotCheck(
            "status_list_not_checked",
            "The list of revoked credentials could not be checked." + (f" {cause.message}" if cause else ""),
            details={**facts, "cause": cause.code if cause else ""},
        )
    if report.verdict is Verdict.UNRECOGNISED:
        raise CouldNotCheck(
            "status_list_by_stranger",
            "The list of revoked credentials was signed by somebody else than the issuer, whom you did not name.",
            details=facts,
        )
    stated = report.credential.get("id") if report.credential else None
    if stated is not None and stated != url:
        raise CouldNotCheck(
            "status_list_about_another",
            "The list that was found is another one than the credential names.",
            details=facts,
        )
    return report


def body_at(run: Run, url: str) -> bytes:
    """The bytes at `url`. Raises `CouldNotCheck` `status_list_unavailable`."""
    try:
        # Which addresses may be fetched is the fetcher's rule: a caller who holds the list may have it from anywhere,
        # such as from an installation on this machine that has no https.
        return run.fetcher.get(url, max_bytes=run.limits.status_list_bytes).body
    except CouldNotCheck as error:
        raise CouldNotCheck(
            "status_list_unavailable",
            f"Whether the credential was revoked could not be checked. {error.message}",
            details={"url": url, "cause": error.code},
        ) from error


def subject_of(report: Report, kind: Kind, purpose: str) -> Mapping[str, Any]:
    """The list's one subject. Raises `VerifierError` `status_list_malformed`, `status_list_wrong_purpose`."""
    document = report.credential or {}
    subjects = many(document.get("credentialSubject"))
    subject = subjects[0] if len(subjects) == 1 else None
    if (
        kind.credential not in types(document)
        or not isinstance(subject, Mapping)
        or kind.subject not in types(subject)
        or not isinstance(subject.get("encodedList"), str)
    ):
        raise VerifierError("status_list_malformed", "What the credential names as its status list is none.")
    if purpose not in many(subject.get("statusPurpose")):
        raise VerifierError(
            "status_list_wrong_purpose",
            "The status list was made for another purpose than the credential says.",
            details={"expected": purpose, "found": str(subject.get("statusPurpose"))[:200]},
        )
    return subject


def value_at(run: Run, kind: Kind, subject: Mapping[str, Any], index: int, size: int, url: str) -> int:
    """The status at `index`. Raises `VerifierError` `status_list_too_short` and those of `bitstring`."""
    bits = bitstring.decode(subject["encodedList"], max_bytes=run.limits.inflated_list_bytes, multibase=kind.multibase)
    if len(bits) * 8 // size < bitstring.MINIMUM_ENTRIES:
        raise VerifierError(
            "status_list_too_short",
            "The status list is too short to be allowed: it would tell which credential is asked about.",
            details={"url": url, "entries": len(bits) * 8 // size},
        )
    return bitstring.get(bits, index, size)


def refuse_if_set(value: int, purpose: str, pointer: str, details: Mapping[str, Any]) -> None:
    """Raises `VerifierError` `revoked` or `suspended`."""
    if value and purpose == "revocation":
        raise VerifierError("revoked", "The issuer has revoked this credential.", pointer=pointer, details=details)
    if value and purpose == "suspension":
        raise VerifierError(
            "suspended", "The issuer has suspended this credential for now.", pointer=pointer, details=details
        )
