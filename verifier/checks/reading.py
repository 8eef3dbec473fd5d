"""Reading untyped JSON calmly: one value or many, types, pointers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

VCDM_2 = "https://www.w3.org/ns/credentials/v2"
VCDM_1 = "https://www.w3.org/2018/credentials/v1"
ACHIEVEMENT_CREDENTIAL = frozenset({"AchievementCredential", "OpenBadgeCredential"})
OPEN_BADGES_TYPES = ACHIEVEMENT_CREDENTIAL | {"EndorsementCredential", "ClrCredential"}


def many(value: Any) -> list[Any]:
    """`value` as a list: JSON-LD writes one value bare or in an array, and nothing as null."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def types(value: Any) -> list[Any]:
    """The `type` values of an object, [] if it is none."""
    return many(value.get("type")) if isinstance(value, Mapping) else []


def objects(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Each of the values at `pointer`, with the JSON Pointer to it."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{pointer}/{index}", item
    elif value is not None:
        yield pointer, value


def is_vcdm_1(document: Mapping[str, Any]) -> bool:
    """Whether the document is of data model 1.1 (and not of 2.0), by its first context."""
    contexts = many(document.get("@context"))
    return bool(contexts) and contexts[0] == VCDM_1
