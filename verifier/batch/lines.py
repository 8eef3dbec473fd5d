"""Lists of credentials as text: JSON Lines, and CSV with a column of addresses."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from verifier.batch.items import Item
from verifier.batch.limits import BatchLimits
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import json_text, jws
from verifier.limits import Limits

#: Headings under which the addresses or credentials of a CSV file may stand, the best first.
HEADINGS = ("url", "credential url", "credential_url", "link", "credential", "credential id", "credential_id", "id")
_WEB = ("https://", "http://")
_WEB_BYTES = (b"https://", b"http://")
#: Everything else is no wrapper, and is read by the process that verifies it.
_PERHAPS_WRAPPED = re.compile(rb'"|\{\s*"(url|id|credential)"\s*:')
#: How the header of a token, a JSON object in base64url, begins. Names of hosts have dots, too.
_TOKEN = (b"ey", b"ew")
_BOM = b"\xef\xbb\xbf"


def json_lines(file: BinaryIO, limits: Limits, bounds: BatchLimits, *, start: int = 0) -> Iterator[Item]:
    """One item for each line that is not empty: a credential as JSON, a token, an address, `{"url": …}` or
    `{"credential": …}`. What is wrong with a line is said in its row.

    Args:
        start: how many of them to leave out.
    """
    number = 0
    for place, line in enumerate(_lines(file, bounds.line_bytes), 1):
        name = f"line {place}"
        if line is None:
            number += 1
            if number > start:
                yield Item(name, error=_line_too_long(bounds))
            continue
        text = line.removeprefix(_BOM).strip() if place == 1 else line.strip()
        if not text:
            continue
        number += 1
        if number > start:
            yield _from_line(name, text, limits)


def _from_line(name: str, text: bytes, limits: Limits) -> Item:
    if text.startswith(_WEB_BYTES):
        return from_text(name, text.decode("utf-8", "replace"))
    if not _PERHAPS_WRAPPED.match(text):
        return Item(name, text)
    try:
        value = json_text.loads(text, limits=limits)
    except VerifierError as error:
        return Item(name, error=error)
    if isinstance(value, str):
        return from_text(name, value)
    if isinstance(value, dict) and value.keys() <= {"url", "id", "credential"}:
        return _from_wrapper(name, value)
    return Item(name, text)


def _from_wrapper(name: str, value: Mapping[str, Any]) -> Item:
    found = value.get("credential", value.get("url", value.get("id")))
    if isinstance(found, str):
        return from_text(name, found)
    if isinstance(found, dict):
        return Item(name, json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return Item(name, error=VerifierError("row_empty", "There is neither a credential nor an address here."))


def from_text(name: str, text: str) -> Item:
    """An address, a token or a credential as text. An address is a better name than the place where it stood."""
    text = text.strip()
    if text.startswith(_WEB):
        return Item(text[:2000], url=text)
    data = text.encode("utf-8", "surrogatepass")
    if data.startswith(b"{") or _is_token(data):
        return Item(name, data)
    if not text:
        return Item(name, error=VerifierError("row_empty", "There is neither a credential nor an address here."))
    return Item(
        text[:200],
        error=CouldNotCheck(
            "not_an_address", "This is no address at which a credential could be found. Give an https address."
        ),
    )


def _is_token(data: bytes) -> bool:
    return data.startswith(_TOKEN) and jws.looks_like(data)


def csv_rows(file: BinaryIO, bounds: BatchLimits, *, start: int = 0) -> Iterator[Item]:
    """One item for each row with something in the column that holds addresses, ids or credentials.

    The column is the one with a heading of `HEADINGS`; without headings the first that holds an address. Separated by
    commas, semicolons or tabs.

    Raises:
        VerifierError: `csv_malformed`, `csv_without_column`, `not_utf8`, `line_too_long`.
    """
    lines = _text_lines(file, bounds)
    first = next(lines, None)
    if first is None:
        return
    delimiter = max(",;\t", key=first.count)

    def again() -> Iterator[str]:
        yield first
        yield from lines

    number = 0
    column: int | None = None
    rows = csv.reader(again(), delimiter=delimiter, strict=True)
    try:
        for cells in rows:
            if len(cells) > bounds.columns:
                raise VerifierError("csv_malformed", f"A row has more than {bounds.columns} columns.")
            if column is None:
                column, is_heading = _column(cells)
                if is_heading:
                    continue
            if not any(cell.strip() for cell in cells):
                continue
            number += 1
            if number > start:
                yield from_text(f"line {rows.line_num}", cells[column] if column < len(cells) else "")
    except csv.Error as error:
        raise VerifierError(
            "csv_malformed", f"The CSV file cannot be read from line {rows.line_num} on.", details={"why": str(error)}
        ) from error


def _column(cells: Sequence[str]) -> tuple[int, bool]:
    """(column, whether the first row is a heading)."""
    found = [cell.strip().lower().replace("-", "_") for cell in cells]
    for heading in HEADINGS:
        if heading in found:
            return found.index(heading), True
    for place, cell in enumerate(found):
        if cell.startswith((*_WEB, "{")) or _is_token(cells[place].strip().encode("utf-8", "replace")):
            return place, False
    raise VerifierError(
        "csv_without_column",
        "No column of the CSV file holds addresses. Give one of them the heading “url”, “id” or “credential”.",
    )


def _text_lines(file: BinaryIO, bounds: BatchLimits) -> Iterator[str]:
    for place, line in enumerate(_lines(file, bounds.line_bytes), 1):
        if line is None:
            raise _line_too_long(bounds)
        try:
            text = (line.removeprefix(_BOM) if place == 1 else line).decode("utf-8")
        except UnicodeDecodeError as error:
            raise VerifierError(
                "not_utf8", f"Line {place} is not UTF-8 text. Save the file as “CSV UTF-8”.", details={"line": place}
            ) from error
        yield text


def _lines(file: BinaryIO, max_bytes: int) -> Iterator[bytes | None]:
    """The lines of a file; None for one that is too long, of which no more than `max_bytes` are ever in memory."""
    while line := file.readline(max_bytes + 1):
        if len(line) > max_bytes and not line.endswith(b"\n"):
            while (rest := file.readline(max_bytes)) and not rest.endswith(b"\n"):
                pass
            yield None
        else:
            yield line


def _line_too_long(bounds: BatchLimits) -> VerifierError:
    return VerifierError(
        "line_too_long",
        f"A line is longer than {bounds.line_bytes} bytes.",
        details={"max_bytes": bounds.line_bytes},
    )
