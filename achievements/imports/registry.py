"""The formats that can be read, and which of them a file is in: told by its content, never by its name.

JSON documents by the table below; what is not JSON can only be a framework as CSV.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from achievements.imports import case, case_csv, definitions, open_badges_2, open_badges_3
from achievements.imports.json_bytes import decode, parse
from achievements.imports.result import ImportResult
from achievements.problems import Problem


@dataclass(frozen=True, slots=True)
class Format:
    """`recognises` looks at the parsed JSON document; `read_document` reads it."""

    name: str
    title: str
    recognises: Callable[[Any], bool]
    read_document: Callable[[Any], ImportResult]


#: Formats of badges from elsewhere. Their achievements are found again by `achievements.sources`, not by a key.
BADGE_FORMATS = frozenset({open_badges_2.FORMAT, open_badges_3.FORMAT})
FORMATS = (
    Format(definitions.FORMAT, "Badgewright definitions", definitions.recognises, definitions.read_document),
    Format(case.FORMAT, "CASE 1.0 and 1.1 packages", case.recognises, case.read_document),
    Format(open_badges_3.FORMAT, "Open Badges 3.0 achievements", open_badges_3.recognises, open_badges_3.read_document),
    Format(
        open_badges_2.FORMAT, "Open Badges 2.0 badge classes", open_badges_2.recognises, open_badges_2.read_document
    ),
)


def detect(data: bytes) -> str:
    """The name of the format, "" where none is recognised."""
    if _is_csv(data):
        return case_csv.FORMAT
    parsed = parse(data)
    found = _find(parsed.value) if parsed.ok else None
    return found.name if found else ""


def read(data: bytes, begun: definitions.Begun | None = None) -> ImportResult:
    """Read a file of any known format. Whatever is wrong with it is in `problems`; nothing is raised.

    `begun`: see `definitions.read_document`.
    """
    if _is_csv(data):
        return case_csv.read(data)
    parsed = parse(data)
    unlike_json = not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    if not parsed.ok and not (unlike_json and parsed.problems[-1].code == "json_syntax"):
        return ImportResult((), parsed.problems)
    found = _find(parsed.value)
    if found is None:
        known = ", ".join((*(each.title for each in FORMATS), "CSV of a framework"))
        problem = Problem("format_unknown", f"This is none of the formats that can be read: {known}.")
        return ImportResult((), (problem,))
    if begun is not None and found.name == definitions.FORMAT:
        result = definitions.read_document(parsed.value, begun)
    else:
        result = found.read_document(parsed.value)
    return ImportResult(result.items, (*parsed.problems, *result.problems), found.name)


def _find(document: Any) -> Format | None:
    return next((each for each in FORMATS if each.recognises(document)), None)


def _is_csv(data: bytes) -> bool:
    text, _ = decode(data)
    return text is not None and not text.lstrip().startswith(("{", "[")) and case_csv.recognises(text)
