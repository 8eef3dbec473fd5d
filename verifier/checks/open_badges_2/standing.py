"""Dates, revocation and recipient of an Open Badges 2.0 badge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.checks.open_badges_2.older_badge import OlderBadge
from verifier.checks.open_badges_2.reading import SPECIFICATION, has_type
from verifier.checks.reading import many
from verifier.errors import VerifierError
from verifier.fetch import FetchFailed
from verifier.formats import datetimes
from verifier.report import CheckId, CheckResult, Outcome

#: Open Badges 2.0 names the kinds of identity otherwise than 3.0 does.
_IDENTITY_TYPES = {"email": "emailAddress", "url": "url", "telephone": "telephone", "id": "identifier"}


def check_validity(badge: OlderBadge) -> CheckResult:
    section = f"{SPECIFICATION}, Assertion: issuedOn, expires"
    now = badge.run.now
    issued = datetimes.parse(badge.assertion.get("issuedOn"), pointer="/issuedOn")
    details: dict[str, Any] = {"issuedOn": issued.isoformat()}
    if issued > now:
        return CheckResult(
            CheckId.VALIDITY,
            Outcome.FAILED,
            "not_yet_valid",
            "The badge is dated in the future.",
            details=details,
            looked_at="issuedOn",
            specification=section,
        )
    if badge.assertion.get("expires") is not None:
        expires = datetimes.parse(badge.assertion["expires"], pointer="/expires")
        details["expires"] = expires.isoformat()
        if now > expires:
            return CheckResult(
                CheckId.VALIDITY,
                Outcome.FAILED,
                "expired",
                "The badge has expired.",
                details=details,
                looked_at="issuedOn and expires",
                specification=section,
            )
    return CheckResult(
        CheckId.VALIDITY,
        Outcome.PASSED,
        "in_time",
        "The badge is within its time.",
        details=details,
        looked_at="issuedOn and expires",
        specification=section,
    )


def check_status(badge: OlderBadge) -> CheckResult:
    return _signed_status(badge) if badge.is_signed else _hosted_status(badge)


def _revoked(reason: Any, looked_at: str, section: str) -> CheckResult:
    text = f" The reason given: {reason[:300]}" if isinstance(reason, str) and reason else ""
    return CheckResult(
        CheckId.STATUS,
        Outcome.FAILED,
        "revoked",
        f"The issuer has revoked this badge.{text}",
        details={"reason": reason[:300]} if isinstance(reason, str) else {},
        looked_at=looked_at,
        specification=section,
    )


def _hosted_status(badge: OlderBadge) -> CheckResult:
    section = f"{SPECIFICATION}, hosted verification: revoked, HTTP 410"
    looked_at = "the copy that the issuer hosts"
    try:
        hosted = badge.hosted_copy
    except FetchFailed as error:
        # 410 Gone is how a host says "revoked" without keeping the badge.
        if error.details.get("status") == 410:
            return _revoked(None, looked_at, section)
        raise
    revoked = hosted.get("revoked", False)
    if revoked is not False:
        # Anything but a plain false is read as revoked: a mistake in this member must not make a badge good.
        return _revoked(hosted.get("revocationReason"), looked_at, section)
    return CheckResult(
        CheckId.STATUS,
        Outcome.PASSED,
        "not_revoked",
        "The issuer still hosts the badge and has not revoked it.",
        looked_at=looked_at,
        specification=section,
    )


def _signed_status(badge: OlderBadge) -> CheckResult:
    section = f"{SPECIFICATION}, RevocationList"
    address = badge.issuer.get("revocationList")
    if address is None:
        return CheckResult(
            CheckId.STATUS,
            Outcome.NOT_APPLICABLE,
            "status_not_offered",
            "The issuer publishes no list of revoked badges.",
            looked_at="the issuer's profile",
            specification=section,
        )
    if not isinstance(address, str):
        raise VerifierError("status_malformed", "The issuer's list of revoked badges has no usable address.")
    document = badge.fetch(address, "/badge")
    entries = document.get("revokedAssertions")
    if not has_type(document, "RevocationList") or not isinstance(entries, list):
        raise VerifierError("status_malformed", "The issuer's list of revoked badges cannot be read.")
    if document.get("issuer") != badge.issuer["id"]:
        raise VerifierError("status_list_issuer", "The list of revoked badges is by somebody else than the issuer.")
    mine = {value for value in (badge.assertion.get("id"), badge.assertion.get("uid")) if isinstance(value, str)}
    for entry in entries:
        names = [entry.get("id"), entry.get("uid")] if isinstance(entry, Mapping) else [entry]
        if any(isinstance(name, str) and name in mine for name in names):
            reason = entry.get("revocationReason") if isinstance(entry, Mapping) else None
            return _revoked(reason, f"the list at {address}", section)
    return CheckResult(
        CheckId.STATUS,
        Outcome.PASSED,
        "not_revoked",
        "The badge is not on its issuer's list of revoked badges.",
        details={"entries": len(entries)},
        looked_at=f"the list at {address}",
        specification=section,
    )


def check_recipient(badge: OlderBadge) -> CheckResult:
    section = f"{SPECIFICATION}, IdentityObject"
    expected = badge.run.recipient
    if expected is None:
        return CheckResult(
            CheckId.RECIPIENT,
            Outcome.NOT_APPLICABLE,
            "recipient_not_asked",
            "Nobody asked whose credential this is.",
            looked_at="the person the caller names, of whom there is none",
            specification=section,
        )
    matches = any(expected.matches(subject) for subject in map(_as_subject, many(badge.assertion.get("recipient"))))
    return CheckResult(
        CheckId.RECIPIENT,
        Outcome.PASSED if matches else Outcome.FAILED,
        "recipient_matches" if matches else "recipient_mismatch",
        "The badge is about the person you named."
        if matches
        else "The badge is about somebody else than the person you named.",
        looked_at="the recipient of the badge",
        specification=section,
    )


def _as_subject(recipient: Any) -> dict[str, Any]:
    """The recipient of 2.0 in the words of 3.0, whose rules for hashes and salts are the same."""
    if not isinstance(recipient, Mapping):
        return {}
    kind = recipient.get("type")
    return {
        "identifier": [
            {
                "identityType": _IDENTITY_TYPES.get(kind, kind) if isinstance(kind, str) else kind,
                "identityHash": recipient.get("identity"),
                "hashed": recipient.get("hashed"),
                "salt": recipient.get("salt"),
            }
        ]
    }
