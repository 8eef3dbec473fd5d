"""The tree of a CASE framework: it exists only as `isChildOf` associations, and those may be anything.

Ends are matched by URI, then by identifier: servers give the same item under several URIs. Where an item has several
parents the first holds and the others stay in `associations`. Where parents form a ring it is opened at one place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from achievements.fields import Fields
from achievements.imports.case_parts import Link, read_link
from achievements.problems import Notes

_MAX_SEQUENCE = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Node:
    """An item of the package. `where` points to it."""

    uri: str
    identifier: str
    where: str


@dataclass(frozen=True, slots=True)
class Place:
    """`parent` is a URI of an item in the package, "" at the top."""

    parent: str = ""
    sequence: int = 0


def link_parents(
    nodes: Sequence[Node], associations: Sequence[Fields], *, document: Link, notes: Notes
) -> dict[str, Place]:
    """The place of every node, by its URI. Every chain of parents ends at the top."""
    by_uri = {node.uri: node for node in nodes}
    by_identifier = {node.identifier: node for node in nodes if node.identifier}
    places: dict[str, Place] = {}
    second: list[Fields] = []
    unknown: list[Fields] = []
    leaving: list[Fields] = []

    def find(link: Link) -> Node | None:
        return by_uri.get(link.uri) or by_identifier.get(link.identifier)

    for fields in associations:
        origin, destination = (
            read_link(fields.value.get("originNodeURI")),
            read_link(fields.value.get("destinationNodeURI")),
        )
        if origin is None or destination is None:
            continue
        child, parent = find(origin), find(destination)
        if fields.value.get("associationType") != "isChildOf":
            if child is None or parent is None:
                leaving.append(fields)
            continue
        sequence = _sequence(fields, notes)
        at_top = destination.uri == document.uri or (
            bool(destination.identifier) and destination.identifier == document.identifier
        )
        if child is None or (parent is None and not at_top):
            unknown.append(fields)
            continue
        place = Place(parent.uri if parent else "", sequence)
        known = places.setdefault(child.uri, place)
        if known.parent != place.parent:
            second.append(fields)

    _tell(notes, second, "case_second_parent", "that give an item a further parent (the first one holds)")
    _tell(notes, unknown, "case_parent_unknown", "that name a child or a parent which is not in the package")
    _tell(notes, leaving, "case_association_leaves", "that lead out of the package (kept as they are)")
    orphans = [node for node in nodes if node.uri not in places]
    if orphans and places:
        message = f"{len(orphans)} items have no parent in the package; they stand at the top."
        notes.warning("case_orphans", message, orphans[0].where)
    for node in orphans:
        places[node.uri] = Place()
    _open_rings(nodes, places, notes)
    return places


def _sequence(fields: Fields, notes: Notes) -> int:
    """The place among siblings. Some servers write it as a text; what is no number at all only loses the order."""
    value = fields.value.get("sequenceNumber")
    if isinstance(value, str) and re.fullmatch(r"\s*-?[0-9]{1,9}\s*", value):
        return int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= _MAX_SEQUENCE:
        return int(value)
    if value is not None:
        message = "“sequenceNumber” is not a whole number; the order in the file is used."
        notes.warning("case_sequence_unreadable", message, fields.at("sequenceNumber"))
    return 0


def _open_rings(nodes: Sequence[Node], places: dict[str, Place], notes: Notes) -> None:
    where = {node.uri: node.where for node in nodes}
    sound: set[str] = {""}
    for node in nodes:
        path: dict[str, None] = {}
        uri = node.uri
        while uri not in sound and uri not in path:
            path[uri] = None
            uri = places[uri].parent
        if uri not in sound:
            places[uri] = Place("", places[uri].sequence)
            message = "An item stands below itself; the ring was opened and the item put at the top."
            notes.warning("case_parent_ring", message, where[uri])
        sound.update(path)


def _tell(notes: Notes, found: list[Fields], code: str, what: str) -> None:
    if found:
        notes.warning(code, f"Associations {what}: {len(found)}.", found[0].where)
