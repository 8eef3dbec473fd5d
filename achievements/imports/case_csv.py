"""Frameworks as CSV, in the columns of OpenSALT or compeito: read into a CASE package, and that by the CASE reader.

Column names are compared without regard to case, spaces and underscores. A parent is named by its identifier or its
human coding scheme. Lines that begin with `#` before the header say something of the framework (`#title,…`). A CSV
knows no URIs: they are derived from the identifiers, so that the same file gives the same URIs.
"""

from __future__ import annotations

import csv
import io
import re
import uuid
from itertools import dropwhile
from typing import Any

from achievements.identifiers import derived_uri
from achievements.imports import case
from achievements.imports.json_bytes import decode
from achievements.imports.result import ImportResult
from achievements.problems import Notes, Problem

FORMAT = "case-csv"
MAX_ROWS = 100_000

_COLUMNS = {
    "identifier": "identifier",
    "fullstatement": "fullStatement",
    "humancodingscheme": "humanCodingScheme",
    "abbreviatedstatement": "abbreviatedStatement",
    "sequencenumber": "sequenceNumber",
    "cfitemtype": "CFItemType",
    "educationlevel": "educationLevel",
    "language": "language",
    "ischildof": "parent",
    "parentidentifier": "parent",
}
_DOCUMENT = {
    "identifier": "identifier",
    "title": "title",
    "creator": "creator",
    "description": "description",
    "language": "language",
    "version": "version",
    "adoptionstatus": "adoptionStatus",
    "publisher": "publisher",
}
_ITEM_POINTER = re.compile(r"/CFItems/([0-9]+)")
Row = tuple[int, list[str]]


def recognises(text: str) -> bool:
    """Whether the first line that is not about the framework names an identifier and a full statement."""
    for line in io.StringIO(text[:65536]):
        if line.strip() and not line.startswith("#"):
            return {"identifier", "fullstatement"} <= {_plain(cell.strip().strip('"')) for cell in line.split(",")}
    return False


def read(data: bytes) -> ImportResult:
    text, problems = decode(data)
    if text is None:
        return ImportResult((), problems, FORMAT)
    result = read_text(text)
    return ImportResult(result.items, (*problems, *result.problems), FORMAT)


def read_text(text: str) -> ImportResult:
    notes = Notes()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
            if len(rows) > MAX_ROWS:
                notes.error("too_many", f"At most {MAX_ROWS} rows are read.", line=reader.line_num)
                return ImportResult((), notes.result(), FORMAT)
    except csv.Error as error:
        notes.error("csv_syntax", f"This is not sound CSV: {error}.", line=reader.line_num)
        return ImportResult((), notes.result(), FORMAT)
    table = list(dropwhile(lambda row: row[1][0].startswith("#"), rows))
    about = [cells for _, cells in rows[: len(rows) - len(table)]]
    if not table:
        notes.error("csv_without_header", "The file has no header row.")
        return ImportResult((), notes.result(), FORMAT)
    package, lines = _package(about, table, notes)
    if notes.errors:
        return ImportResult((), notes.result(), FORMAT)
    result = case.read_document(package)
    for problem in result.problems:
        found = _ITEM_POINTER.match(problem.pointer)
        line = lines[int(found.group(1))] if found else 0
        notes.add(Problem(problem.code, problem.message, "" if line else problem.pointer, line, problem.severity))
    return ImportResult(result.items, notes.result(), FORMAT)


def _package(about: list[list[str]], table: list[Row], notes: Notes) -> tuple[dict[str, Any], list[int]]:
    """The CASE package, and the line on which each item ends."""
    document: dict[str, Any] = {}
    for cells in about:
        name = _DOCUMENT.get(_plain(cells[0].lstrip("#")))
        value = ", ".join(cell.strip() for cell in cells[1:] if cell.strip())
        document[name or cells[0].lstrip("#").strip()] = value
    header_line, header = table[0]
    names = [_COLUMNS.get(_plain(cell), cell.strip()) for cell in header]
    for name in names:
        if name and names.count(name) > 1:
            notes.error("csv_column_twice", f"The column “{name[:60]}” stands twice.", line=header_line)
            return {}, []
    items: list[dict[str, Any]] = []
    lines: list[int] = []
    for line, cells in table[1:]:
        item: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell.strip()}
        more = [cell for cell in cells[len(names) :] if cell.strip()]
        if more:
            message = f"The row has {len(cells)} cells, the header {len(names)}; the cells beyond are kept aside."
            notes.warning("csv_ragged_row", message, line=line)
            item["moreCells"] = more
        if "identifier" not in item:
            notes.error("field_missing", "“Identifier” is missing.", line=line)
        items.append(item)
        lines.append(line)
    if not document.get("title"):
        notes.warning("case_csv_without_title", "The file does not name the framework (#title).")
        document["title"] = "Imported framework"
    first = items[0].get("identifier", "") if items else ""
    document.setdefault("identifier", derived_uri("case-csv", document["title"], first).removeprefix("urn:uuid:"))
    scope = document["identifier"]
    document["uri"] = _uri(scope, scope)
    associations = [_shape(item, scope) for item in items]
    by_code = {item["humanCodingScheme"]: item for item in reversed(items) if "humanCodingScheme" in item}
    by_identifier = {item.get("identifier"): item for item in items}
    for association, item in zip(associations, items, strict=True):
        parent = item.pop("parent", None)
        above = by_identifier.get(parent) or by_code.get(parent) if parent else document
        # An unknown parent stays as it was written: the CASE reader tells that it is not in the package.
        association["destinationNodeURI"] = {"uri": above["uri"] if above else parent}
    return {"CFDocument": document, "CFItems": items, "CFAssociations": associations}, lines


def _shape(item: dict[str, Any], scope: str) -> dict[str, Any]:
    """Make a row an item, and give the association that will hang it up."""
    item["uri"] = _uri(scope, item.get("identifier", ""))
    if "educationLevel" in item:
        item["educationLevel"] = [part.strip() for part in item["educationLevel"].split(",") if part.strip()]
    made = {"associationType": "isChildOf", "originNodeURI": {"uri": item["uri"]}}
    if "sequenceNumber" in item:
        made["sequenceNumber"] = item.pop("sequenceNumber")
    return made


def _uri(scope: str, identifier: str) -> str:
    try:
        return f"urn:uuid:{uuid.UUID(identifier)}"
    except ValueError:
        return derived_uri("case-csv", scope, identifier)


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "", name).lower()
