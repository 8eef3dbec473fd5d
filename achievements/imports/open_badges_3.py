"""Open Badges 3.0 Achievements: one, an array of them, or the credentials that hold them.

The proof of a credential is not looked at here: what is read is a definition to work on, and nobody is believed.
"""

from __future__ import annotations

from typing import Any

from achievements.documents import from_document
from achievements.imports.result import ImportResult
from achievements.model import Achievement
from achievements.problems import Notes, Problem, pointer
from achievements.sources import source_id

FORMAT = "open-badges-3"
MAX_DOCUMENTS = 1000


def recognises(document: Any) -> bool:
    return any(_achievement(part) is not None for _, part in _parts(document))


def read_document(document: Any) -> ImportResult:
    notes = Notes()
    items: dict[str, Achievement] = {}
    parts = _parts(document)
    if len(parts) > MAX_DOCUMENTS:
        notes.error("too_many", f"At most {MAX_DOCUMENTS} achievements are read at once.")
        parts = []
    for where, part in parts:
        found = _achievement(part)
        if found is None:
            notes.error("ob3_not_an_achievement", "This is neither an Achievement nor holds one.", where)
            continue
        steps, achievement = found
        reading = from_document(achievement)
        notes.extend(
            Problem(each.code, each.message, where + steps + each.pointer, each.line, each.severity)
            for each in reading.problems
        )
        if reading.achievement is not None:
            made = reading.achievement
            identity = source_id(made)
            if items.get(identity, made) != made:
                notes.error("duplicate_id", "Two different achievements have the same id.", where)
            items.setdefault(identity, made)
    return ImportResult(tuple(items.values()), notes.result(), FORMAT)


def _parts(document: Any) -> list[tuple[str, Any]]:
    if isinstance(document, list):
        return [(pointer(index), part) for index, part in enumerate(document)]
    return [("", document)]


def _achievement(part: Any) -> tuple[str, Any] | None:
    """Where the Achievement stands in this object, and the Achievement."""
    if not isinstance(part, dict):
        return None
    types = part.get("type")
    if types == "Achievement" or (isinstance(types, list) and "Achievement" in types):
        return "", part
    subject = part.get("credentialSubject")
    if isinstance(subject, dict) and isinstance(subject.get("achievement"), dict):
        return pointer("credentialSubject", "achievement"), subject["achievement"]
    return None
