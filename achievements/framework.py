"""A competency framework as a tree that can be walked: look-up, children in order, ancestors, coverage.

Nothing here recurses: an imported tree may be as deep as it has items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from achievements.model import Achievement, Alignment, Competency, Framework


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which achievements (by key) are aligned to a competency: directly, or to something below it."""

    competency: Competency
    direct: tuple[str, ...]
    below: tuple[str, ...]

    @property
    def covered(self) -> bool:
        return bool(self.direct or self.below)


class Tree:
    """An index over one framework. Built once, then only read.

    A parent that is not in the framework counts as the top, and where parents form a ring, its members are reached
    from the first of them in file order: every competency is walked exactly once.
    """

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self._by_uri = {item.uri: item for item in framework.competencies}
        self._by_identifier = {item.identifier: item for item in framework.competencies if item.identifier}
        children: dict[str, list[tuple[int, int, Competency]]] = {}
        for position, item in enumerate(self._by_uri.values()):
            parent = item.parent if item.parent in self._by_uri and item.parent != item.uri else ""
            children.setdefault(parent, []).append((item.sequence, position, item))
        self._children = {
            parent: tuple(item for _, _, item in sorted(below, key=lambda each: each[:2]))
            for parent, below in children.items()
        }
        self._roots = self._find_roots()

    @property
    def roots(self) -> tuple[Competency, ...]:
        return self._roots

    def find(self, uri: str) -> Competency | None:
        return self._by_uri.get(uri)

    def find_identifier(self, identifier: str) -> Competency | None:
        """By the CASE identifier (a UUID), which stays the same when a server moves and its URIs change."""
        return self._by_identifier.get(identifier)

    def children(self, uri: str) -> tuple[Competency, ...]:
        """Directly below, by sequence number and then by the order in the file."""
        return self._children.get(uri, ()) if uri else self._roots

    def ancestors(self, uri: str) -> tuple[Competency, ...]:
        """From the one directly above up to the top; empty for an unknown URI."""
        found: list[Competency] = []
        seen = {uri}
        item = self._by_uri.get(uri)
        while item is not None and item.parent in self._by_uri and item.parent not in seen:
            seen.add(item.parent)
            item = self._by_uri[item.parent]
            found.append(item)
        return tuple(found)

    def walk(self) -> Iterator[tuple[int, Competency]]:
        """Every competency with its depth (0 at the top), parents before children."""
        yield from self._walk(self._roots, set())

    def leaves(self) -> tuple[Competency, ...]:
        return tuple(item for _, item in self.walk() if not self._children.get(item.uri))

    def alignment(self, competency: Competency) -> Alignment:
        """The Open Badges 3.0 Alignment to a competency of this framework."""
        return alignment_to(self.framework, competency)

    def coverage(self, achievements: Iterable[Achievement]) -> tuple[Coverage, ...]:
        """For every competency, in tree order, the achievements aligned to it (criteria's alignments included)."""
        direct: dict[str, dict[str, None]] = {}
        below: dict[str, dict[str, None]] = {}
        for achievement in achievements:
            aligned = [*achievement.alignment, *(each for c in achievement.rubric.criteria for each in c.alignment)]
            for uri in dict.fromkeys(alignment.target_url for alignment in aligned):
                if uri not in self._by_uri:
                    continue
                direct.setdefault(uri, {})[achievement.key] = None
                for ancestor in self.ancestors(uri):
                    below.setdefault(ancestor.uri, {})[achievement.key] = None
        return tuple(
            Coverage(item, tuple(direct.get(item.uri, ())), tuple(below.get(item.uri, ()))) for _, item in self.walk()
        )

    def _find_roots(self) -> tuple[Competency, ...]:
        roots = list(self._children.get("", ()))
        seen: set[str] = set()
        reached = {item.uri for _, item in self._walk(tuple(roots), seen)}
        for item in self._by_uri.values():
            if item.uri not in reached:
                roots.append(item)
                reached |= {found.uri for _, found in self._walk((item,), seen)}
        return tuple(roots)

    def _walk(self, start: tuple[Competency, ...], seen: set[str]) -> Iterator[tuple[int, Competency]]:
        waiting = [(0, item) for item in reversed(start)]
        while waiting:
            depth, item = waiting.pop()
            if item.uri in seen:
                continue
            seen.add(item.uri)
            yield depth, item
            waiting += [(depth + 1, child) for child in reversed(self._children.get(item.uri, ()))]


def alignment_to(framework: Framework, competency: Competency) -> Alignment:
    """The Open Badges 3.0 Alignment (`targetType` CFItem) to a competency."""
    return Alignment(
        target_name=competency.name,
        target_url=competency.uri,
        target_code=competency.human_coding_scheme,
        target_description=competency.full_statement,
        target_framework=framework.title,
        target_type="CFItem",
    )
