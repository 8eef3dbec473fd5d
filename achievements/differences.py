"""What differs between two definitions, in words for a person: which field, what it says now, what it would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from achievements.model import Achievement
from achievements.revision import diff
from achievements.serialise import dump

MAX_TEXT = 400
_LABELS = {
    "name": "Name",
    "description": "Description",
    "criteria_narrative": "Criteria",
    "rubric": "Rubric",
    "evidence": "Evidence asked for",
    "overview": "Overview questions",
    "reflection": "Reflection questions",
    "alignment": "Alignment",
    "achievement_type": "Type",
    "key_method": "Key method",
    "hours": "Hours",
    "expires_after_months": "Months valid",
    "human_code": "Code",
    "field_of_study": "Field of study",
    "specialization": "Specialization",
    "tags": "Tags",
    "language": "Language",
    "version": "Version",
    "resources": "Resources",
    "research": "Research",
    "audience": "For whom",
    "extensions": "Further fields",
    "uri": "Framework rubric",
    "required_level": "Level that passes",
    "passing": "Passes",
    "weight": "Weight",
    "points": "Points",
    "feedback": "Feedback",
}
# Lists whose name says nothing beside that of the part.
_SILENT = frozenset({"criteria", "levels"})


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` or `after` is "" where there is nothing. `pointer` is into the stored form."""

    pointer: str
    field: str
    before: str
    after: str


def describe(old: Achievement, new: Achievement) -> tuple[Difference, ...]:
    """Field by field, in the order of the model."""
    before, after = dump(old), dump(new)
    return tuple(
        Difference(each.pointer, _label(each.pointer, before, after), _text(each.before), _text(each.after))
        for each in diff(old, new)
    )


def _label(pointer: str, old: Any, new: Any) -> str:
    labels: list[str] = []
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        old, new, inside_list = _step(old, name), _step(new, name), isinstance(old, list) or isinstance(new, list)
        if inside_list:
            labels.append(_title(new if new is not None else old))
        elif name not in _SILENT:
            labels.append(_LABELS.get(name) or name.replace("_", " ").capitalize())
    return " · ".join(labels)


def _step(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list):
        return next((part for part in value if isinstance(part, Mapping) and name in _names(part)), None)
    return None


def _names(part: Mapping[str, Any]) -> tuple[Any, ...]:
    return part.get("id"), part.get("key"), part.get("target_url")


def _title(part: Any) -> str:
    if not isinstance(part, Mapping):
        return _short(str(part))
    for name in ("name", "title", "text", "target_name", "target_url", "key", "id"):
        if isinstance(part.get(name), str) and part[name].strip():
            return _short(part[name], 80)
    return "…"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return _short("; ".join(_text(part) for part in value))
    if isinstance(value, Mapping):
        levels = value.get("levels")
        if isinstance(levels, list):
            return _short(f"{_title(value)}: {', '.join(_title(each) for each in levels)}")
        return _title(value)
    return _short(str(value))


def _short(text: str, most: int = MAX_TEXT) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
