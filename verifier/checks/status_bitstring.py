"""BitstringStatusListEntry (W3C Bitstring Status List v1.0, section 3.2 "Validate Algorithm").

The list is a credential itself and is verified like one: its own proof, issuer and validity. A list that its issuer
signed but that is too short, of another purpose or otherwise unfit fails the credential; one that could not be had, is
out of date or is by a stranger leaves the question open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.checks.reading import many, types
from verifier.checks.run import Run
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import bitstring
from verifier.report import CheckId, Outcome, Report, Verdict

_PURPOSES = ("revocation", "suspension", "refresh", "message")
_MAX_SIZE = 64


def read(run: Run, entry: Mapping[str, Any], pointer: str) -> tuple[str, Mapping[str, Any]]:
    """What the list says at the entry's index.

    Raises:
        VerifierError: `revoked`, `suspended`, and `status_…` for an entry or list that is unfit.
        CouldNotCheck: `status_list_unavailable`, `status_list_not_checked`, `status_list_expired`,
            `status_list_by_stranger`, `status_list_about_another`.
    """
    # (1) The entry
    purpose = entry.get("statusPurpose")
    if purpose not in _PURPOSES:
        raise VerifierError(
            "status_malformed", "The status entry has no known purpose.", pointer=f"{pointer}/statusPurpose"
        )
    index = _integer(entry.get("statusListIndex"), f"{pointer}/statusListIndex")
    size = _integer(entry.get("statusSize", 1), f"{pointer}/statusSize")
    if not 1 <= size <= _MAX_SIZE:
        raise VerifierError(
            "status_malformed", "The size of a status is out of range.", pointer=f"{pointer}/statusSize"
        )
    url = entry.get("statusListCredential")
    if not isinstance(url, str):
        raise VerifierError(
            "status_malformed",
            "The status entry does not say where its list is.",
            pointer=f"{pointer}/statusListCredential",
        )
    # (2) The list, verified as a credential
    report = _list(run, url)
    # (3) Its subject
    subject = _subject(report, purpose)
    # (4) Its bits
    bits = bitstring.decode(subject["encodedList"], max_bytes=run.limits.inflated_list_bytes)
    if len(bits) * 8 // size < bitstring.MINIMUM_ENTRIES:
        raise VerifierError(
            "status_list_too_short",
            "The status list is too short to be allowed: it would tell which credential is asked about.",
            details={"url": url, "entries": len(bits) * 8 // size},
        )
    value = bitstring.get(bits, index, size)
    details = {
        "type": "BitstringStatusListEntry",
        "url": url,
        "index": index,
        "purpose": purpose,
        "value": value,
        "listSha256": report.sha256,
    }
    if value and purpose == "revocation":
        raise VerifierError("revoked", "The issuer has revoked this credential.", pointer=pointer, details=details)
    if value and purpose == "suspension":
        raise VerifierError(
            "suspended", "The issuer has suspended this credential for now.", pointer=pointer, details=details
        )
    return _sentence(entry, purpose, value), details


def _integer(value: Any, pointer: str) -> int:
    """The standard writes the index as a string; numbers are met and read."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise VerifierError("status_malformed", "A number in the status entry is not one.", pointer=pointer)


def _list(run: Run, url: str) -> Report:
    try:
        # Which addresses may be fetched is the fetcher's rule: a caller who holds the list may have it from anywhere,
        # such as from an installation on this machine that has no https.
        fetched = run.fetcher.get(url, max_bytes=run.limits.status_list_bytes)
    except CouldNotCheck as error:
        raise CouldNotCheck(
            "status_list_unavailable",
            f"Whether the credential was revoked could not be checked. {error.message}",
            details={"url": url, "cause": error.code},
        ) from error
    report = run.verify_list(fetched.body)
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


def _subject(report: Report, purpose: str) -> Mapping[str, Any]:
    document = report.credential or {}
    subjects = many(document.get("credentialSubject"))
    subject = subjects[0] if len(subjects) == 1 else None
    if (
        "BitstringStatusListCredential" not in types(document)
        or not isinstance(subject, Mapping)
        or "BitstringStatusList" not in types(subject)
        or not isinstance(subject.get("encodedList"), str)
    ):
        raise VerifierError("status_list_malformed", "What the credential names as its status list is none.")
    if purpose not in many(subject.get("statusPurpose")):
        raise VerifierError(
            "status_list_wrong_purpose",
            "The status list was made for another purpose than the credential says.",
            details={"expected": purpose, "found": subject.get("statusPurpose")},
        )
    return subject


def _sentence(entry: Mapping[str, Any], purpose: str, value: int) -> str:
    if purpose == "revocation":
        return "The issuer has not revoked this credential."
    if purpose == "suspension":
        return "The issuer has not suspended this credential."
    if purpose == "refresh":
        return "The issuer offers a newer credential." if value else "The issuer offers no newer credential."
    for message in many(entry.get("statusMessage")):
        if isinstance(message, Mapping) and message.get("status") == hex(value):
            return f"The issuer says: {message.get('message')}"
    return f"The issuer's message about this credential is number {value}."
