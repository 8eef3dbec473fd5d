"""Reads typed fields out of JSON objects, noting what is wrong with its pointer. null counts as absent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from achievements.problems import Notes, pointer

JsonObject = Mapping[str, Any]


class Fields:
    """One JSON object being read. `code` begins the codes of the problems: `<code>_wrong_type` and so on.

    Each accessor remembers the name it was asked for, so that `rest()` is what no accessor wanted.
    """

    def __init__(self, value: JsonObject, where: str, notes: Notes) -> None:
        self.value = value
        self.where = where
        self.notes = notes
        self._asked: set[str] = set()

    def at(self, *steps: str | int) -> str:
        return self.where + pointer(*steps)

    def has(self, name: str) -> bool:
        return self.value.get(name) is not None

    def raw(self, name: str) -> Any:
        self._asked.add(name)
        return self.value.get(name)

    def text(self, name: str, default: str = "") -> str:
        found = self.raw(name)
        if found is None:
            return default
        if not isinstance(found, str):
            self.wrong(name, "a text")
            return default
        return found

    def required_text(self, name: str) -> str:
        if not self.has(name):
            self._asked.add(name)
            self.notes.error("field_missing", f"“{name}” is missing.", self.at(name))
            return ""
        found = self.text(name)
        if isinstance(self.value[name], str) and not found.strip():
            self.notes.error("field_empty", f"“{name}” is empty.", self.at(name))
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; a single text stands for a list of one, as older exports write it."""
        found = self.raw(name)
        if found is None:
            return ()
        if isinstance(found, str):
            return (found,) if found else ()
        if not isinstance(found, list) or not all(isinstance(part, str) for part in found):
            self.wrong(name, "a list of texts")
            return ()
        return tuple(found)

    def flag(self, name: str, default: bool) -> bool:
        found = self.raw(name)
        if found is None:
            return default
        if not isinstance(found, bool):
            self.wrong(name, "true or false")
            return default
        return found

    def count(self, name: str, default: int, *, least: int = 0, most: int) -> int:
        found = self.raw(name)
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, (int, float)) or found != int(found):
            self.wrong(name, "a whole number")
            return default
        if not least <= found <= most:
            self.out_of_range(name, least, most)
            return default
        return int(found)

    def number(self, name: str) -> float | None:
        """A finite number, or None where there is none or it is not one."""
        found = self.raw(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, float)) or not math.isfinite(found):
            self.wrong(name, "a number")
            return None
        return float(found)

    def objects(self, name: str) -> Iterator[Fields]:
        """The objects in a list; what is not an object is noted and left out."""
        found = self.raw(name)
        if found is None:
            return
        if not isinstance(found, list):
            self.wrong(name, "a list")
            return
        for index, part in enumerate(found):
            if isinstance(part, dict):
                yield Fields(part, self.at(name, index), self.notes)
            else:
                self.notes.error("wrong_type", f"“{name}” must hold objects.", self.at(name, index))

    def bounded(self, name: str, most: int) -> tuple[Fields, ...]:
        """The objects in a list of at most `most`; a longer list is an error and gives none."""
        found = self.value.get(name)
        if isinstance(found, list) and len(found) > most:
            self.raw(name)
            self.notes.error("too_many", f"“{name}” may hold at most {most}; there are {len(found)}.", self.at(name))
            return ()
        return tuple(self.objects(name))

    def child(self, name: str) -> Fields | None:
        found = self.raw(name)
        if found is None:
            return None
        if not isinstance(found, dict):
            self.wrong(name, "an object")
            return None
        return Fields(found, self.at(name), self.notes)

    def rest(self) -> dict[str, Any]:
        """What nobody asked for, nulls left out."""
        return {name: value for name, value in self.value.items() if name not in self._asked and value is not None}

    def wrong(self, name: str, wanted: str) -> None:
        self.notes.error("wrong_type", f"“{name}” must be {wanted}.", self.at(name))

    def out_of_range(self, name: str, least: float, most: float | str) -> None:
        self.notes.error("out_of_range", f"“{name}” must lie between {least} and {most}.", self.at(name))


def tell_rest(kind: str, objects: Iterable[Fields], notes: Notes) -> None:
    """One warning for all objects of a kind: which of their fields are kept but not used."""
    names: dict[str, str] = {}
    for fields in objects:
        for name in fields.rest():
            names.setdefault(name, fields.where + pointer(name))
    if names:
        listed = ", ".join(name[:40] for name in list(names)[:30])
        message = f"{kind}: kept as they are, but not used: {listed}."
        notes.warning("not_mapped", message, next(iter(names.values())))
