"""CASE 1.0 and 1.1 CFPackage (1EdTech), as servers really write it, to a Framework.

Tolerated, each told as a warning where it matters: the package wrapped in `{"CFPackage": …}`; dates without a zone and
null for "absent"; `educationalLevel` for `educationLevel` and a text where a list belongs; links written as a bare URI;
associations whose URIs are another server's while the identifiers agree; associations that leave the package; URIs on
localhost. Text is kept as it is, Markdown and LaTeX included. What the model has no place for is kept in `extensions`
under its own name, and named in one warning for each kind of object (`not_mapped`).

An item without identity or statement, or two with the same, is an error: then no framework is given back.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from achievements.fields import Fields, tell_rest
from achievements.imports.case_hierarchy import Node, link_parents
from achievements.imports.case_parts import Link, read_link, uri_of, warn_private_addresses
from achievements.imports.case_rubrics import read_rubrics
from achievements.imports.json_bytes import parse
from achievements.imports.result import ImportResult
from achievements.model import Competency, Framework
from achievements.problems import Notes

FORMAT = "case-cfpackage"
MAX_ITEMS = 100_000
MAX_ASSOCIATIONS = 300_000


def recognises(document: Any) -> bool:
    package = _unwrap(document)[0]
    return isinstance(package, dict) and "CFDocument" in package


def read(data: bytes) -> ImportResult:
    parsed = parse(data)
    if not parsed.ok:
        return ImportResult((), parsed.problems, FORMAT)
    result = read_document(parsed.value)
    return ImportResult(result.items, (*parsed.problems, *result.problems), FORMAT)


def read_document(document: Any) -> ImportResult:
    notes = Notes()
    package, where = _unwrap(document)
    if not isinstance(package, dict):
        notes.error("format_unknown", "A CASE package is an object with a CFDocument.")
        return ImportResult((), notes.result(), FORMAT)
    framework = _framework(Fields(package, where, notes))
    return ImportResult((framework,) if framework and not notes.errors else (), notes.result(), FORMAT)


def _unwrap(document: Any) -> tuple[Any, str]:
    if isinstance(document, dict) and isinstance(document.get("CFPackage"), dict):
        return document["CFPackage"], "/CFPackage"
    return document, ""


def _framework(package: Fields) -> Framework | None:
    notes = package.notes
    document = package.child("CFDocument")
    if document is None:
        if not package.has("CFDocument"):
            notes.error("field_missing", "“CFDocument” is missing.", package.at("CFDocument"))
        return None
    identifier = document.text("identifier")
    framework = Framework(
        uri=uri_of(document, identifier),
        identifier=identifier,
        title=document.required_text("title"),
        creator=document.text("creator"),
        description=document.text("description"),
        version=document.text("version"),
        adoption_status=document.text("adoptionStatus"),
        language=document.text("language"),
        official_source_url=document.text("officialSourceURL"),
        case_version=document.text("caseVersion"),
    )
    tell_rest("CFDocument", [document], notes)

    competencies, nodes = _items(package)
    associations = _associations(package)
    places = link_parents(nodes, associations, document=Link(framework.uri, identifier), notes=notes)
    framework = replace(
        framework,
        competencies=tuple(
            replace(item, parent=places[item.uri].parent, sequence=places[item.uri].sequence) for item in competencies
        ),
    )
    rubrics, titles = read_rubrics(package, framework)
    tell_rest("CFPackage", [package], notes)
    warn_private_addresses((framework.uri, *(item.uri for item in competencies), *rubrics), notes)
    kept = document.rest()
    # Of the package itself, under names that no CFDocument has.
    kept.update({f"CFPackage.{name}": value for name, value in package.rest().items()})
    if package.value.get("CFRubrics"):
        # Those that were left out too: whoever asks for one hears what is wrong with it (`achievements.ragged`).
        kept["CFPackage.CFRubrics"] = package.value["CFRubrics"]
    return replace(
        framework,
        rubrics=MappingProxyType(rubrics),
        rubric_titles=MappingProxyType(titles),
        associations=tuple(association.value for association in associations),
        extensions=MappingProxyType(kept),
    )


def _items(package: Fields) -> tuple[tuple[Competency, ...], list[Node]]:
    notes = package.notes
    items: list[Competency] = []
    nodes: list[Node] = []
    seen: list[Fields] = []
    identities: set[str] = set()
    for fields in package.bounded("CFItems", MAX_ITEMS):
        seen.append(fields)
        identifier = fields.text("identifier")
        uri = uri_of(fields, identifier)
        if identities & {uri, identifier}:
            notes.error("case_duplicate_item", f"Two items have the identity {identifier or uri}.", fields.where)
        elif uri:
            identities |= {uri, identifier} - {""}
            items.append(_item(fields, uri, identifier))
            nodes.append(Node(uri, identifier, fields.where))
    tell_rest("CFItem", seen, notes)
    if not items and not notes.errors:
        notes.warning("case_without_items", "The framework has no items.", package.at("CFItems"))
    return tuple(items), nodes


def _item(fields: Fields, uri: str, identifier: str) -> Competency:
    link = read_link(fields.value.get("CFItemTypeURI"))
    return Competency(
        uri=uri,
        identifier=identifier,
        full_statement=fields.required_text("fullStatement"),
        human_coding_scheme=fields.text("humanCodingScheme"),
        abbreviated_statement=fields.text("abbreviatedStatement"),
        item_type=fields.text("CFItemType") or (link.title if link else ""),
        education_level=fields.texts("educationLevel") or fields.texts("educationalLevel"),
        language=fields.text("language"),
        extensions=MappingProxyType(fields.rest()),
    )


def _associations(package: Fields) -> list[Fields]:
    """All of them, since all are kept; one without both ends is of no use, but no reason to refuse a framework."""
    found = list(package.bounded("CFAssociations", MAX_ASSOCIATIONS))
    for fields in found:
        ends = [read_link(fields.value.get(name)) for name in ("originNodeURI", "destinationNodeURI")]
        if not fields.text("associationType") or None in ends:
            message = "An association needs a type, an origin and a destination; this one is not used."
            fields.notes.warning("case_association_incomplete", message, fields.where)
    return found
