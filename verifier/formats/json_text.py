"""JSON from strangers (RFC 8259, I-JSON RFC 7493): refusing whatever two readers could read differently."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from verifier.errors import VerifierError
from verifier.limits import DEFAULT_LIMITS, Limits

_BOM = b"\xef\xbb\xbf"
_MAX_SAFE_INTEGER = 2**53 - 1
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise VerifierError(
                    "duplicate_key", f"The name “{key[:80]}” occurs twice in one object.", details={"key": key[:200]}
                )
            seen.add(key)
    return result


def _constant(text: str) -> NoReturn:
    raise VerifierError("not_json", f"{text} is not a number in JSON.")


def _bad_number(text: str) -> VerifierError:
    return VerifierError("number_out_of_range", f"The number {text[:24]} cannot be read exactly by every program.")


def loads(data: bytes, *, limits: Limits = DEFAULT_LIMITS, max_bytes: int | None = None) -> Any:
    """The value in `data`.

    Args:
        max_bytes: instead of `limits.credential_bytes`.

    Raises:
        VerifierError: `too_large`, `not_utf8`, `not_json`, `duplicate_key`, `too_deep`, `too_many_values`,
            `number_out_of_range`, `lone_surrogate`.
    """
    allowed = limits.credential_bytes if max_bytes is None else max_bytes
    if len(data) > allowed:
        raise VerifierError(
            "too_large",
            f"The document is {len(data)} bytes long; at most {allowed} are read.",
            details={"max_bytes": allowed},
        )
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise VerifierError("not_utf8", "The document is not UTF-8 text.", details={"offset": error.start}) from error

    def integer(digits: str) -> int:
        if len(digits) > limits.number_digits or abs(int(digits)) > _MAX_SAFE_INTEGER:
            raise _bad_number(digits)
        return int(digits)

    def real(digits: str) -> float:
        if len(digits) > limits.number_digits:
            raise _bad_number(digits)
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            raise _bad_number(digits)
        return value

    try:
        value = json.loads(
            text, object_pairs_hook=_pairs, parse_int=integer, parse_float=real, parse_constant=_constant
        )
    except RecursionError as error:
        raise _too_deep(limits) from error
    except json.JSONDecodeError as error:
        raise VerifierError(
            "not_json",
            f"The document is not JSON: line {error.lineno}, column {error.colno}.",
            details={"line": error.lineno, "column": error.colno},
        ) from error
    _check_shape(value, limits, look_for_surrogates=_SURROGATE_ESCAPE.search(text) is not None)
    return value


def _too_deep(limits: Limits) -> VerifierError:
    return VerifierError(
        "too_deep",
        f"The document nests arrays and objects more than {limits.json_depth} deep.",
        details={"max_depth": limits.json_depth},
    )


def _check_shape(value: Any, limits: Limits, *, look_for_surrogates: bool) -> None:
    level: list[Any] = [value]
    depth = count = 0
    while level:
        count += len(level)
        if count > limits.json_values:
            raise VerifierError(
                "too_many_values",
                f"The document holds more than {limits.json_values} values.",
                details={"max_values": limits.json_values},
            )
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                if look_for_surrogates:
                    below.extend(item.keys())
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif look_for_surrogates and isinstance(item, str) and _LONE_SURROGATE.search(item):
                raise VerifierError("lone_surrogate", "A text in the document is not valid Unicode.")
        level = below
        depth += 1
        if level and depth > limits.json_depth:
            raise _too_deep(limits)


def load_object(data: bytes, *, limits: Limits = DEFAULT_LIMITS, max_bytes: int | None = None) -> dict[str, Any]:
    """As `loads`, for a document that must be an object.

    Raises:
        VerifierError: as `loads`, and `not_an_object`.
    """
    value = loads(data, limits=limits, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise VerifierError("not_an_object", "The document is JSON, but not an object.")
    return value
