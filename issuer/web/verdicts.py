"""What a credential says of itself, for the page that shows a verification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.report import Report, Verdict

HEADLINES = {
    Verdict.VERIFIED: "Verified",
    Verdict.FAILED: "Not valid",
    Verdict.UNDETERMINED: "Could not be checked",
    Verdict.UNRECOGNISED: "Authentic, issuer not recognised",
}
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class About:
    """The lines that a reader looks for. All of them are claims of the document; "" where it says nothing."""

    name: str = ""
    issuer_name: str = ""
    issuer_id: str = ""
    recipient: str = ""
    valid_from: str = ""
    valid_until: str = ""
    id: str = ""


def about(report: Report) -> About | None:
    document = report.credential
    if document is None:
        return None
    subject = _first(document.get("credentialSubject"))
    achievement = _first(subject.get("achievement"))
    issuer = document.get("issuer")
    return About(
        name=_text(achievement.get("name")) or _text(document.get("name")),
        issuer_name=_text(issuer.get("name")) if isinstance(issuer, Mapping) else "",
        issuer_id=_text(issuer.get("id")) if isinstance(issuer, Mapping) else _text(issuer),
        recipient=_recipient(subject),
        valid_from=_text(document.get("validFrom")) or _text(document.get("issuanceDate")),
        valid_until=_text(document.get("validUntil")) or _text(document.get("expirationDate")),
        id=_text(document.get("id")),
    )


def listed(value: object) -> list[Mapping[str, Any]]:
    """JSON-LD writes one thing alone and several as a list: both as a list, of objects only."""
    many = value if isinstance(value, list) else [value]
    return [each for each in many if isinstance(each, Mapping)]


def _first(value: object) -> Mapping[str, Any]:
    return next(iter(listed(value)), {})


def _text(value: object) -> str:
    if isinstance(value, Mapping):  # a language map: any of its texts
        value = next((each for each in value.values() if isinstance(each, str)), "")
    return value[:_LONGEST] if isinstance(value, str) else ""


def _recipient(subject: Mapping[str, Any]) -> str:
    if subject.get("id"):
        return _text(subject["id"])
    identifier = _first(subject.get("identifier"))
    if not identifier:
        return ""
    if identifier.get("hashed") is True:
        return "a person whose e-mail address is scrambled in the file"
    return _text(identifier.get("identityHash"))
