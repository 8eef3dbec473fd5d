"""What every format of registry comes down to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from verifier.errors import VerifierError
from verifier.policy import TrustedIssuer


@dataclass(frozen=True, slots=True)
class Listed:
    """The content of a registry file. `updated` is a date-time as written, or ""."""

    format: str
    name: str
    revision: str
    updated: str
    issuers: tuple[TrustedIssuer, ...]
    valid_until: datetime | None = None


def malformed(message: str, pointer: str) -> VerifierError:
    return VerifierError("trust_registry_malformed", f"The trust registry cannot be read. {message}", pointer=pointer)


def text(document: Mapping[str, Any], name: str, pointer: str) -> str:
    """A member that is a text, "" if it is absent."""
    value = document.get(name, "")
    if not isinstance(value, str):
        raise malformed(f"“{name}” must be a text.", f"{pointer}/{name}")
    return value


def issuer_id(value: object, pointer: str) -> str:
    """A DID or https URL. Anything else could never stand in a credential that verifies."""
    if not isinstance(value, str) or not value.startswith(("did:", "https://")) or value.strip() != value:
        raise malformed("An issuer's id is a DID or an https URL.", pointer)
    return value
