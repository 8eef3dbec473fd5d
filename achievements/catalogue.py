"""The dry run of an import: what would be new, changed, unchanged or retired, before anything happens.

Nothing here changes anything. A changed definition becomes a new version; "retired" only says that the import does not
mention what exists, and whoever imports decides what follows from that. Importing the same file twice is all unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from achievements.framework import Tree
from achievements.model import Achievement, Competency, Framework
from achievements.revision import Change, content_hash, diff, framework_hash

Thing = TypeVar("Thing")


class State(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Entry(Generic[Thing]):
    """One thing by its key: `before` is None where it is new, `after` where the import does not mention it."""

    key: str
    state: State
    before: Thing | None
    after: Thing | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameworkComparison:
    """`state` of the framework as a whole, and of each competency. `affected`: keys of achievements aligned to a
    competency that is changed or retired, by the URI of that competency."""

    state: State
    competencies: tuple[Entry[Competency], ...]
    affected: Mapping[str, tuple[str, ...]]


def compare(existing: Mapping[str, Achievement], incoming: Sequence[Achievement]) -> tuple[Entry[Achievement], ...]:
    """Incoming definitions against the newest version of each existing one, by key: those of the import in its order,
    then what it does not mention. Compare resolved definitions with resolved ones."""
    entries = [_entry(existing.get(each.key), each) for each in incoming]
    mentioned = {each.key for each in incoming}
    entries += [
        Entry(key, State.RETIRED, achievement, None) for key, achievement in existing.items() if key not in mentioned
    ]
    return tuple(entries)


def compare_framework(
    existing: Framework | None, incoming: Framework, achievements: Iterable[Achievement] = ()
) -> FrameworkComparison:
    """A framework against the one stored under the same URI (None if there is none), competency by competency."""
    if existing is None:
        new = tuple(Entry(item.uri, State.NEW, None, item) for item in incoming.competencies)
        return FrameworkComparison(State.NEW, new, {})
    before = {item.uri: item for item in existing.competencies}
    entries: list[Entry[Competency]] = []
    for item in incoming.competencies:
        known = before.pop(item.uri, None)
        if known is None:
            entries.append(Entry(item.uri, State.NEW, None, item))
        else:
            entries.append(Entry(item.uri, State.UNCHANGED if known == item else State.CHANGED, known, item))
    entries += [Entry(uri, State.RETIRED, item, None) for uri, item in before.items()]
    same = framework_hash(existing) == framework_hash(incoming)
    touched = {entry.key for entry in entries if entry.state in (State.CHANGED, State.RETIRED)}
    coverage = Tree(existing).coverage(achievements) if touched else ()
    affected = {each.competency.uri: each.direct for each in coverage if each.competency.uri in touched and each.direct}
    return FrameworkComparison(State.UNCHANGED if same else State.CHANGED, tuple(entries), affected)


def _entry(before: Achievement | None, after: Achievement) -> Entry[Achievement]:
    if before is None:
        return Entry(after.key, State.NEW, None, after)
    if content_hash(before) == content_hash(after):
        return Entry(after.key, State.UNCHANGED, before, after)
    return Entry(after.key, State.CHANGED, before, after, diff(before, after))
