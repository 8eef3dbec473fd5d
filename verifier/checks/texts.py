"""Names and descriptions: a text, or language value objects (VCDM 2.0, sections 4.6 and 11.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.reading import many
from verifier.report import Finding

_MEMBERS = frozenset({"@value", "@language", "@direction"})
_DIRECTIONS = frozenset({"ltr", "rtl"})


def text_findings(part: Any, place: str, what: str) -> Iterator[Finding]:
    """What is wrong with the `name` and `description` of `part`, which stands at `place`.

    Args:
        what: how a person calls the part, such as "issuer".
    """
    if not isinstance(part, Mapping):
        return
    for name in ("name", "description"):
        if name in part and not _is_text(part[name]):
            yield Finding("text_malformed", f"The {name} of the {what} is not a text.", pointer=f"{place}/{name}")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (bool(many(value)) and all(_is_language_value(item) for item in many(value)))


def _is_language_value(item: Any) -> bool:
    return (
        isinstance(item, Mapping)
        and item.keys() <= _MEMBERS
        and isinstance(item.get("@value"), str)
        and isinstance(item.get("@language", ""), str)
        and item.get("@direction", "ltr") in _DIRECTIONS
    )
