"""What a badge that is imported again does to the microcredential that its first import began."""

from __future__ import annotations

from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

from achievements.model import Achievement, Rubric
from achievements.narrative import written_narrative

_PLAIN = Achievement(key="", name="", description="", criteria_narrative="", rubric=Rubric(()))
#: Decided below, or by the district alone.
_APART = frozenset({"key", "rubric", "criteria_narrative", "extensions"})


def refreshed(existing: Achievement, incoming: Achievement, *, typed: bool) -> Achievement:
    """`existing` with what `incoming` says, and everything of which `incoming` says nothing as it was: a badge knows no
    prompts, and one of Open Badges 2.0 no rubric, and neither may take away what a district added.

    Args:
        typed: the format of `incoming` has achievement types; Open Badges 2.0 has none.
    """
    said: dict[str, Any] = {}
    for each in fields(Achievement):
        value = getattr(incoming, each.name)
        if each.name not in _APART and value != getattr(_PLAIN, each.name):
            said[each.name] = value
    if not typed:
        said.pop("achievement_type", None)
    if incoming.rubric.criteria:
        said["rubric"] = incoming.rubric
    said["criteria_narrative"] = incoming.criteria_narrative or written_narrative(existing)
    said["extensions"] = MappingProxyType({**existing.extensions, **incoming.extensions})
    return replace(existing, **said)
