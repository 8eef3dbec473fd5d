"""What an Open Badges 2.0 document looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.checks.reading import VCDM_1, VCDM_2, many

CONTEXT = "https://w3id.org/openbadges/v2"
SPECIFICATION = "Open Badges 2.0"


def is_older_badge(document: Mapping[str, Any]) -> bool:
    """Whether the document is written in Open Badges 2.0. One that also claims to be a credential of today is not."""
    contexts = [context for context in many(document.get("@context")) if isinstance(context, str)]
    return (
        CONTEXT in contexts and not {VCDM_1, VCDM_2} & set(contexts) and not has_type(document, "VerifiableCredential")
    )


def has_type(document: Mapping[str, Any], *names: str) -> bool:
    return any(name in many(document.get("type")) for name in names)


def address_of(value: Any) -> str | None:
    """The address of a linked document: a URL, or an embedded object with an `id`."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return value if isinstance(value, str) else None
