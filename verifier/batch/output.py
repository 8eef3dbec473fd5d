"""Rows as CSV and JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from typing import TextIO

from verifier.batch.items import Row

COLUMNS = ("number", "name", "verdict", "code", "message", "credential", "issuer", "registry", "sha256")
#: A spreadsheet takes a cell that begins like this for a formula and may run it (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(text: str) -> str:
    """Text of a stranger as a cell that a spreadsheet shows and never runs, on one line."""
    plain = "".join(c if c.isprintable() else "�" for c in text)
    return f"'{plain}" if text.startswith(_FORMULA) or plain.startswith(_FORMULA) else plain


def csv_writer(file: TextIO, columns: Iterable[str] = COLUMNS) -> Callable[[Iterable[object]], object]:
    """Writes the heading and gives the function that writes a line, each cell made harmless."""
    writer = csv.writer(file)
    writer.writerow(list(columns))
    return lambda values: writer.writerow([cell(value) if isinstance(value, str) else value for value in values])


def values(row: Row) -> tuple[object, ...]:
    """A row in the order of `COLUMNS`."""
    said = (row.code, row.message, row.credential_id, row.issuer, row.registry, row.sha256)
    return (row.number, row.name, str(row.verdict), *said)


def json_line(row: Row) -> str:
    """One line of JSON Lines, without its end: the whole report where the row has one."""
    if row.report is not None:
        return row.report
    return json.dumps(dict(zip(COLUMNS, values(row), strict=True)), ensure_ascii=True)
