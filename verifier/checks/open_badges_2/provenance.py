"""Shape of an Open Badges 2.0 assertion, and whether its issuer stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from verifier.checks.open_badges_2.older_badge import OlderBadge
from verifier.checks.open_badges_2.reading import SPECIFICATION, address_of, has_type
from verifier.checks.reading import many
from verifier.report import CheckId, CheckResult, Finding, Outcome

_HOSTED = ("HostedBadge", "hosted")
_SIGNED = ("SignedBadge", "signed")


def _findings(assertion: Mapping[str, Any], *, signed: bool) -> Iterator[Finding]:
    if not has_type(assertion, "Assertion"):
        yield Finding("type_missing", "The document does not call itself a badge (Assertion).", pointer="/type")
    if not isinstance(assertion.get("id"), str):
        yield Finding("id_missing", "The badge has no id.", pointer="/id")
    recipient = assertion.get("recipient")
    if not isinstance(recipient, Mapping) or not isinstance(recipient.get("identity"), str):
        yield Finding("subject_not_identified", "The badge does not say whom it is about.", pointer="/recipient")
    if address_of(assertion.get("badge")) is None:
        yield Finding("badge_class_missing", "The badge does not say what was achieved.", pointer="/badge")
    if not isinstance(assertion.get("issuedOn"), str):
        yield Finding("valid_from_missing", "The badge does not say when it was given.", pointer="/issuedOn")
    verification = assertion.get("verification")
    stated = verification.get("type") if isinstance(verification, Mapping) else None
    wanted = _SIGNED if signed else _HOSTED
    if not any(name in wanted for name in many(stated)):
        how = "signed" if signed else "hosted"
        yield Finding(
            "verification_type",
            f"The badge came as a {how} one, but does not say that it is to be checked that way.",
            pointer="/verification/type",
        )


def check_structure(badge: OlderBadge) -> CheckResult:
    findings = tuple(_findings(badge.assertion, signed=badge.is_signed))
    section = f"{SPECIFICATION}, Assertion"
    if findings:
        first = findings[0]
        return CheckResult(
            CheckId.STRUCTURE,
            Outcome.FAILED,
            first.code,
            first.message,
            details={"pointer": first.pointer, "standard": SPECIFICATION},
            findings=findings,
            looked_at="id, type, recipient, achievement, date and kind of verification",
            specification=section,
        )
    return CheckResult(
        CheckId.STRUCTURE,
        Outcome.PASSED,
        "structure_open_badges_2",
        "This is an Open Badges 2.0 badge, the older standard. It can only be checked while its issuer's site answers.",
        details={"standard": SPECIFICATION, "verification": "signed" if badge.is_signed else "hosted"},
        looked_at="id, type, recipient, achievement, date and kind of verification",
        specification=section,
    )


def check_issuer(badge: OlderBadge) -> CheckResult:
    """The chain assertion, BadgeClass, Profile; and that the assertion lies where its issuer hosts badges."""
    issuer = badge.issuer
    address = str(issuer["id"])
    details: dict[str, Any] = {"issuer": address, "name": str(issuer.get("name", ""))[:200]}
    if not badge.is_signed and not _in_scope(str(badge.assertion.get("id", "")), issuer):
        return CheckResult(
            CheckId.ISSUER,
            Outcome.FAILED,
            "hosted_elsewhere",
            "The badge is not hosted where its issuer says that its badges are.",
            details=details,
            looked_at=f"the profile at {address}",
            specification=f"{SPECIFICATION}, Verification: allowedOrigins, startsWith",
        )
    return CheckResult(
        CheckId.ISSUER,
        Outcome.PASSED,
        "issuer_profile_found",
        "The achievement and its issuer were found at their own addresses.",
        details=details,
        looked_at=f"the profile at {address}",
        specification=f"{SPECIFICATION}, Assertion verification",
    )


def _in_scope(assertion: str, issuer: Mapping[str, Any]) -> bool:
    """`startsWith` and `allowedOrigins` of the profile; without them the origin of the profile itself."""
    verification = issuer.get("verification")
    rules = verification if isinstance(verification, Mapping) else {}
    prefixes = [prefix for prefix in many(rules.get("startsWith")) if isinstance(prefix, str) and prefix]
    if prefixes:
        # A prefix without a path would also match `https://example.org.attacker.example`.
        return any(assertion.startswith(p) and _authority(p) == _authority(assertion) for p in prefixes)
    origins = [origin for origin in many(rules.get("allowedOrigins")) if isinstance(origin, str)]
    allowed = {_host(origin) for origin in origins} if origins else {_authority(str(issuer.get("id", "")))}
    return bool(_authority(assertion)) and _authority(assertion) in allowed


def _authority(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme in ("https", "http") else ""


def _host(origin: str) -> str:
    """An allowed origin is written as a host, or as scheme and host."""
    return _authority(origin) if "://" in origin else origin.lower().rstrip("/")
