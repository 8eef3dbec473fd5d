"""Our own format, documented in `docs/trust-registry.md`. Members it does not know are refused: a misspelt
`validUntil` must not make an issuer trusted for ever."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from verifier.errors import VerifierError
from verifier.formats import datetimes
from verifier.policy import TrustedIssuer
from verifier.trust.listed import Listed, issuer_id, malformed, text

FORMAT = "badgewright"
TYPE = "BadgewrightTrustRegistry"
_MEMBERS = frozenset({"type", "version", "revision", "name", "updated", "validUntil", "issuers", "proof"})
_ISSUER_MEMBERS = frozenset({"id", "name", "validFrom", "validUntil", "achievements"})


def read(document: Mapping[str, Any], now: datetime) -> Listed:
    """Raises `VerifierError`: `trust_registry_malformed`, `trust_registry_version`, `trust_registry_expired`."""
    if document.get("type") != TYPE:
        raise malformed(f"It must say “type”: “{TYPE}”.", "/type")
    if document.get("version") != 1 or document.get("version") is True:
        raise VerifierError(
            "trust_registry_version",
            "This version of the trust registry's format is not known; it must be 1.",
            pointer="/version",
        )
    _refuse_unknown(document, _MEMBERS, "")
    name = text(document, "name", "")
    if not name.strip():
        raise malformed("It needs a name, so that a report can say who recognises an issuer.", "/name")
    if "updated" in document:
        datetimes.parse(document["updated"], pointer="/updated")
    until = datetimes.parse(document["validUntil"], pointer="/validUntil") if "validUntil" in document else None
    if until is not None and now > until:
        raise VerifierError(
            "trust_registry_expired",
            "The trust registry is past its time; get the current one from its publisher.",
            pointer="/validUntil",
        )
    issuers = document.get("issuers")
    if not isinstance(issuers, list):
        raise malformed("“issuers” must be a list.", "/issuers")
    entries = tuple(_issuer(entry, f"/issuers/{index}") for index, entry in enumerate(issuers))
    return Listed(FORMAT, name, text(document, "revision", ""), text(document, "updated", ""), entries, until)


def _refuse_unknown(document: Mapping[str, Any], known: frozenset[str], pointer: str) -> None:
    unknown = sorted(set(document) - known)
    if unknown:
        raise malformed(f"“{unknown[0]}” is not a member it may have.", f"{pointer}/{unknown[0]}")


def _issuer(entry: object, pointer: str) -> TrustedIssuer:
    if not isinstance(entry, Mapping):
        raise malformed("An issuer must be an object.", pointer)
    _refuse_unknown(entry, _ISSUER_MEMBERS, pointer)
    identifier = issuer_id(entry.get("id"), f"{pointer}/id")
    achievements = entry.get("achievements", [])
    if not isinstance(achievements, list) or not all(isinstance(a, str) and a for a in achievements):
        raise malformed("“achievements” must be a list of ids.", f"{pointer}/achievements")
    if "achievements" in entry and not achievements:
        raise malformed(
            "An empty list of achievements recognises nothing; leave it out for all.", f"{pointer}/achievements"
        )
    moments = [
        datetimes.parse(entry[name], pointer=f"{pointer}/{name}") if name in entry else None
        for name in ("validFrom", "validUntil")
    ]
    return TrustedIssuer(identifier, text(entry, "name", pointer), moments[0], moments[1], frozenset(achievements))
