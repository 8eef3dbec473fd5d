"""Bytes to a JSON value, with every limit checked before it can hurt and every fault as a `Problem`.

Stricter than `json.loads`: duplicate keys, NaN and infinities, numbers too large for a double, lone surrogates and
encodings other than UTF-8 are refused (RFC 8259, RFC 7493), because two readers would see two documents in them.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from achievements.problems import Problem, Severity

_STRUCTURE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[\]}]|,', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much of a stranger's document is read."""

    max_bytes: int = 16 * 1024 * 1024
    max_depth: int = 64
    max_values: int = 500_000


DEFAULT_LIMITS = ReadLimits()


@dataclass(frozen=True, slots=True)
class Parsed:
    """`value` means something only where no problem is an error."""

    value: Any
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


class _Refused(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def parse(data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> Parsed:
    """Read `data` as one JSON value."""
    text, problems = decode(data, limits)
    if text is None:
        return Parsed(None, problems)
    try:
        _measure(text, limits)
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float, parse_int=_integer
        )
        _screen(value)
    except _Refused as refused:
        return Parsed(None, (*problems, Problem(refused.code, refused.message)))
    except json.JSONDecodeError as error:
        message = f"This is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        return Parsed(None, (*problems, Problem("json_syntax", message, line=error.lineno)))
    return Parsed(value, problems)


def decode(data: bytes, limits: ReadLimits = DEFAULT_LIMITS) -> tuple[str | None, tuple[Problem, ...]]:
    """UTF-8 text without its byte order mark, or None with the problem."""
    if len(data) > limits.max_bytes:
        message = f"The file has {len(data)} bytes; at most {limits.max_bytes} are read."
        return None, (Problem("file_too_large", message),)
    problems: tuple[Problem, ...] = ()
    if data.startswith(_BOM):
        data = data[len(_BOM) :]
        message = "The file begins with a byte order mark, which was left out."
        problems = (Problem("byte_order_mark", message, severity=Severity.WARNING),)
    if not data.strip():
        return None, (*problems, Problem("file_empty", "The file is empty."))
    try:
        return data.decode("utf-8"), problems
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"The file is not UTF-8 text (byte {error.start}, line {line})."
        return None, (*problems, Problem("not_utf8", message, line=line))


def _measure(text: str, limits: ReadLimits) -> None:
    """Count before parsing: the parser recurses and allocates."""
    depth = values = 0
    for match in _STRUCTURE.finditer(text):
        mark = match.group()
        if mark in "[{":
            depth += 1
            values += 1
            if depth > limits.max_depth:
                raise _Refused("json_too_deep", f"The document is nested more than {limits.max_depth} levels deep.")
        elif mark in "]}":
            depth -= 1
        elif mark == ",":
            values += 1
        if values > limits.max_values:
            raise _Refused("json_too_many_values", f"The document holds more than {limits.max_values} values.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _Refused("json_duplicate_key", f"The key “{_printable(key)}” stands twice in one object.")
        _screen(key)
        _screen(value)
        made[key] = value
    return made


def _screen(value: Any) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise _Refused("json_lone_surrogate", "A text holds half of a character (a lone surrogate).")
    elif isinstance(value, list):
        # Objects inside were screened when they were made; nested lists are bounded by the depth limit.
        for part in value:
            if not isinstance(part, dict):
                _screen(part)


def _constant(name: str) -> Any:
    raise _Refused("json_not_a_number", f"{name} is not a JSON number.")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Refused("json_number_range", "A number is too large.")
    return number


def _integer(text: str) -> int:
    # Beyond 2**53 other readers see another number (RFC 7493, section 2.2).
    if len(text) > 17 or abs(int(text)) > 2**53:
        raise _Refused("json_number_range", "A whole number is too large.")
    return int(text)


def _printable(key: str) -> str:
    return _SURROGATE.sub("�", key)[:60]
