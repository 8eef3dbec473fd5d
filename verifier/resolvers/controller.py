"""Controller documents (W3C Controlled Identifiers 1.0; DID documents are the same thing): finding a key in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from verifier.errors import VerifierError
from verifier.formats import datetimes


@dataclass(frozen=True, slots=True)
class ControllerDocument:
    """What an issuer says of itself. `source`: the URL it came from, or the DID itself if it needs no fetching."""

    id: str
    document: Mapping[str, Any]
    source: str


@dataclass(frozen=True, slots=True)
class ResolvedKey:
    """A key that the issuer's own document lists for assertions.

    Attributes:
        id: the verification method, absolute.
        controller: equal to the issuer's id.
        method: the verification method object with `publicKeyMultibase` or `publicKeyJwk`; never private parts.
        source: the document that lists it.
    """

    id: str
    controller: str
    method: Mapping[str, Any]
    source: str


_NOT_LISTED: Mapping[str, str] = {
    "assertionMethod": "The issuer's own document does not list the key that signed this for issuing credentials.",
    "authentication": "The holder's own document does not list the key that signed this for showing credentials.",
}


def absolute(reference: object, base: str) -> str | None:
    """`reference` as an absolute id; `#key-1` belongs to the document `base`."""
    if not isinstance(reference, str):
        return None
    return base + reference if reference.startswith("#") else reference


def find_key(
    controller: ControllerDocument,
    verification_method: str,
    *,
    now: datetime,
    fetch_method: Callable[[str], Mapping[str, Any]],
    relationship: str = "assertionMethod",
) -> ResolvedKey:
    """The key `verification_method`, if the document allows it for `relationship`.

    Args:
        fetch_method: gets a verification method that the document lists but that has an https address of its own.

    Raises:
        VerifierError: `key_not_listed`, `key_controller_mismatch`, `key_ambiguous`, `key_malformed`, `key_expired`,
            `key_revoked`.
        CouldNotCheck: from `fetch_method`.
    """
    listed = _many(controller.document.get(relationship))
    embedded = [entry for entry in listed if _is(entry, verification_method, controller.id)]
    referenced = any(absolute(entry, controller.id) == verification_method for entry in listed)
    defined = [
        entry
        for entry in _many(controller.document.get("verificationMethod"))
        if _is(entry, verification_method, controller.id)
    ]
    if not embedded and not referenced:
        # A revoked key is usually taken off the list as well: that it was revoked says more.
        for entry in defined:
            _check_times(entry, now, verification_method)
        raise VerifierError(
            "key_not_listed",
            _NOT_LISTED.get(relationship, "The signer's own document does not list the key that signed this."),
            details={
                "verificationMethod": verification_method,
                "source": controller.source,
                "relationship": relationship,
            },
        )
    candidates = embedded + [entry for entry in defined if entry not in embedded]
    if len(candidates) > 1:
        raise VerifierError(
            "key_ambiguous",
            "The issuer's document describes two keys under one name.",
            details={"verificationMethod": verification_method},
        )
    method = candidates[0] if candidates else fetch_method(verification_method)
    if absolute(method.get("id"), controller.id) != verification_method:
        raise VerifierError(
            "key_malformed",
            "The document of the key is about another key.",
            details={"verificationMethod": verification_method},
        )
    if method.get("controller") != controller.id:
        raise VerifierError(
            "key_controller_mismatch",
            "The key that signed this belongs to somebody else than the issuer.",
            details={"verificationMethod": verification_method, "controller": str(method.get("controller"))[:200]},
        )
    _check_times(method, now, verification_method)
    return ResolvedKey(id=verification_method, controller=controller.id, method=method, source=controller.source)


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is(entry: Any, verification_method: str, base: str) -> bool:
    return isinstance(entry, Mapping) and absolute(entry.get("id"), base) == verification_method


def _check_times(method: Mapping[str, Any], now: datetime, verification_method: str) -> None:
    """No proof is accepted at or after either moment (Controlled Identifiers 1.0, section 2.2): a thief of an old key
    can write any date into a proof."""
    if "revoked" in method and now >= datetimes.parse(method["revoked"]):
        raise VerifierError(
            "key_revoked",
            "The issuer has withdrawn the key that signed this.",
            details={"verificationMethod": verification_method, "revoked": str(method["revoked"])[:64]},
        )
    if "expires" in method and now >= datetimes.parse(method["expires"]):
        raise VerifierError(
            "key_expired",
            "The key that signed this is past its time.",
            details={"verificationMethod": verification_method, "expires": str(method["expires"])[:64]},
        )
