"""The values of the model to JSON and back, for storage. Exact: `load(dump(value)) == value`.

Field names are those of the model. A field that holds its default is left out, so that a version stored today still has
the same JSON, and the same content hash, after the model has grown a field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

from achievements.model import Achievement, Framework

SCHEMA = 1


class StoredFormError(ValueError):
    """Stored JSON that is not what `dump` writes: a fault of ours or of the database, not of a person's file."""


def dump(achievement: Achievement) -> dict[str, Any]:
    """Plain JSON values (dict, list, str, numbers, bool) of an achievement."""
    return {"schema": SCHEMA, **_dump_fields(achievement)}


def load(stored: Mapping[str, Any]) -> Achievement:
    """Exact inverse of `dump`. Raises StoredFormError."""
    made: Achievement = _load_stored(Achievement, stored)
    return made


def dump_framework(framework: Framework) -> dict[str, Any]:
    """Plain JSON values of a framework with its competencies, rubrics and associations."""
    return {"schema": SCHEMA, **_dump_fields(framework)}


def load_framework(stored: Mapping[str, Any]) -> Framework:
    """Exact inverse of `dump_framework`. Raises StoredFormError."""
    made: Framework = _load_stored(Framework, stored)
    return made


def canonical_json(value: Any) -> bytes:
    """One byte string for one JSON value: UTF-8, no spaces, keys sorted by code point, whole numbers without a point.

    For hashing what this package made itself. Between parties RFC 8785 is the rule; it differs in sorting keys by
    UTF-16 code units and in the form of numbers with a fraction, which are written here as Python's `repr` does.
    """
    return json.dumps(
        _plain_numbers(value), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode("utf-8")


def _plain_numbers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain_numbers(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_numbers(part) for part in value]
    return value


def _dump_fields(value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for each in fields(value):
        held = getattr(value, each.name)
        if each.default is not MISSING:
            default = each.default
        elif each.default_factory is not MISSING:
            default = each.default_factory()
        else:
            default = MISSING
        if default is MISSING or held != default:
            made[each.name] = _dump(held)
    return made


def _dump(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return _dump_fields(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {key: _dump(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_dump(part) for part in value]
    return value


def _load_stored(kind: Any, stored: Mapping[str, Any]) -> Any:
    if stored.get("schema") != SCHEMA:
        raise StoredFormError(f"stored form has schema {stored.get('schema')!r}, not {SCHEMA}")
    return _load_fields(kind, {name: value for name, value in stored.items() if name != "schema"}, kind.__name__)


def _load_fields(kind: Any, stored: Any, where: str) -> Any:
    if not isinstance(stored, Mapping):
        raise StoredFormError(f"{where} is not an object")
    hints = get_type_hints(kind)
    unknown = sorted(set(stored) - set(hints))
    if unknown:
        raise StoredFormError(f"{where} has unknown fields: {', '.join(unknown)}")
    values = {name: _load(hints[name], value, f"{where}.{name}") for name, value in stored.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise StoredFormError(f"{where}: {error}") from error


def _load(hint: Any, value: Any, where: str) -> Any:
    if hint is Any:
        return value
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise StoredFormError(f"{where} is not a list")
        inner = get_args(hint)[0]
        return tuple(_load(inner, part, f"{where}[{index}]") for index, part in enumerate(value))
    if origin is not None:
        # Mapping[str, X], the only other generic in the model.
        if not isinstance(value, Mapping):
            raise StoredFormError(f"{where} is not an object")
        inner = get_args(hint)[1]
        return MappingProxyType({key: _load(inner, part, f"{where}[{key!r}]") for key, part in value.items()})
    if hasattr(hint, "__dataclass_fields__"):
        return _load_fields(hint, value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if issubclass(hint, StrEnum):
        try:
            return hint(value)
        except ValueError as error:
            raise StoredFormError(f"{where}: {error}") from error
    if type(value) is not hint:
        raise StoredFormError(f"{where} is not {hint.__name__}")
    return value
