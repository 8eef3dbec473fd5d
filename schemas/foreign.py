"""A document against a JSON Schema that somebody else wrote, such as the one a credential names in `credentialSchema`.

Such a schema is hostile input: it may send us elsewhere, or be made to keep us busy. So nothing is fetched for it,
patterns run in linear time, and schemas whose work cannot be bounded beforehand are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from jsonschema_rs import (
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
    ReferencingError,
    RegexOptions,
    ValidationError,
)

from schemas.validation import MAX_PROBLEMS, SchemaProblem, is_too_deep, json_pointer

#: Schemas applied, each reference counted as what it points to, times the values in the document.
MAX_WORK = 20_000_000
_MAX_APPLIED = 20_000

_DRAFTS: dict[str, Callable[..., Draft7Validator | Draft201909Validator | Draft202012Validator]] = {
    "http://json-schema.org/draft-07/schema": Draft7Validator,
    "https://json-schema.org/draft/2019-09/schema": Draft201909Validator,
    "https://json-schema.org/draft/2020-12/schema": Draft202012Validator,
}
#: Keywords whose work is one look at one value: together they are bounded by the size of schema and document.
_LIGHT = frozenset(
    {
        *(
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions",
            "title",
            "description",
            "default",
            "examples",
            "format",
        ),
        *(
            "type",
            "enum",
            "const",
            "required",
            "properties",
            "items",
            "additionalProperties",
            "allOf",
            "anyOf",
            "oneOf",
        ),
        *("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "minProperties", "maxProperties"),
    }
)
#: Members of which the names are the author's own.
_NAMED = frozenset({"properties", "$defs", "definitions"})
#: Members that are values and not schemas.
_VALUES = frozenset({"default", "examples", "enum", "const", "type", "required"})
#: For each pattern; what all of them take is bounded by the process in which they run.
_PATTERNS = RegexOptions(size_limit=1024 * 1024, dfa_size_limit=1024 * 1024)
_LIGHT_WORK = 200_000
_ELSEWHERE = ("$recursiveRef", "$dynamicRef")


class SchemaRefused(Exception):
    """The schema itself cannot be used. `code` is stable, `message` one sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def validate_against(document: object, schema: object) -> list[SchemaProblem]:
    """Hold `document` against `schema` (Draft 7, 2019-09 or 2020-12, by its `$schema`; 2019-09 if it names none).

    `format` is an annotation there and is not checked.

    Returns:
        At most `MAX_PROBLEMS` problems, empty if the document conforms.

    Raises:
        SchemaRefused: `foreign_schema_malformed`, `foreign_schema_draft`, `foreign_schema_reference`,
            `foreign_schema_too_complex`.
    """
    if not isinstance(schema, dict):
        raise SchemaRefused("foreign_schema_malformed", "The schema is not a JSON object.")
    draft = schema.get("$schema", "https://json-schema.org/draft/2019-09/schema")
    make = _DRAFTS.get(draft.rstrip("#")) if isinstance(draft, str) else None
    if make is None:
        raise SchemaRefused(
            "foreign_schema_draft", "The schema is written in a draft of JSON Schema that is not known."
        )
    if is_too_deep(schema) or is_too_deep(document):
        raise SchemaRefused("foreign_schema_too_complex", "The schema or the document is nested too deeply.")
    if _applied(schema) * _values(document) > MAX_WORK:
        raise SchemaRefused("foreign_schema_too_complex", "The schema is too complex to be run safely.")
    try:
        validator = make(schema, validate_formats=False, offline=True, pattern_options=_PATTERNS)
        return list(_problems(validator.iter_errors(document)))
    except (ValidationError, ReferencingError) as error:
        raise SchemaRefused("foreign_schema_malformed", "The schema is not a valid JSON Schema.") from error
    except ValueError as error:
        raise SchemaRefused(
            "foreign_schema_malformed", "The schema or the document holds a value that cannot be handled."
        ) from error


def is_light(document: object, schema: object) -> bool:
    """Whether the work of `validate_against` is small and bounded, so that it may be done in the caller's own process.

    True for schemas of plain keywords only: no regular expression, no reference, no comparison of all with all.
    """
    if is_too_deep(schema) or is_too_deep(document):
        return False
    return _is_plain(schema) and _values(schema) * _weight(document) <= _LIGHT_WORK


def _is_plain(schema: object) -> bool:
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            if not _LIGHT.issuperset(node):
                return False
            for key, value in node.items():
                if key in _NAMED and isinstance(value, dict):
                    waiting.extend(value.values())
                elif key not in _VALUES:
                    waiting.append(value)
    return True


def _weight(document: object) -> int:
    """What one look at everything in a document costs, long texts included."""
    weight, waiting = 0, [document]
    while waiting:
        value = waiting.pop()
        weight += 1
        if isinstance(value, Mapping):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str):
            weight += len(value) // 64
    return weight


def _problems(errors: Iterator[ValidationError]) -> Iterator[SchemaProblem]:
    for count, error in enumerate(errors):
        if count == MAX_PROBLEMS:
            return
        text = error.message if len(error.message) <= 300 else error.message[:297] + "…"
        yield SchemaProblem(
            json_pointer(error.instance_path),
            f"The schema that the document names does not allow this: {text}",
            code="foreign_schema_violated",
            keyword=error.kind.name,
        )


def _values(document: object) -> int:
    """Values in a document: scalars, lists and objects."""
    count, waiting = 0, [document]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return count


def _applied(schema: dict[str, Any]) -> int:
    """How many schemas one value could be held against at most, with every reference followed.

    Raises:
        SchemaRefused: a reference leads elsewhere or round in a circle, or there are too many.
    """
    known: dict[str, int] = {}
    under_way: set[str] = set()

    def count(node: object) -> int:
        if isinstance(node, list):
            return sum(count(member) for member in node)
        if not isinstance(node, dict):
            return 0
        total = 1
        for key, value in node.items():
            if key in _ELSEWHERE or (key == "$id" and node is not schema):
                raise SchemaRefused("foreign_schema_reference", "The schema refers to places that are not followed.")
            total += follow(value) if key == "$ref" and isinstance(value, str) else count(value)
            if total > _MAX_APPLIED:
                raise SchemaRefused("foreign_schema_too_complex", "The schema is too complex to be run safely.")
        return total

    def follow(reference: str) -> int:
        if reference in under_way:
            raise SchemaRefused("foreign_schema_too_complex", "The schema refers to itself, which is not run.")
        if reference not in known:
            under_way.add(reference)
            known[reference] = count(_target(schema, reference))
            under_way.discard(reference)
        return known[reference]

    return count(schema)


def _target(schema: dict[str, Any], reference: str) -> object:
    """What a reference inside the schema points to (RFC 6901)."""
    if reference == "#" or not reference.startswith("#/"):
        code = "foreign_schema_too_complex" if reference == "#" else "foreign_schema_reference"
        raise SchemaRefused(
            code, "The schema refers to itself as a whole, or to another document; that is not followed."
        )
    node: object = schema
    for step in reference[2:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict) and key in node:
            node = cast("dict[str, object]", node)[key]
        elif isinstance(node, list) and key.isascii() and key.isdigit() and len(key) < 6 and int(key) < len(node):
            node = cast("list[object]", node)[int(key)]
        else:
            raise SchemaRefused("foreign_schema_reference", "The schema refers to a part that it does not have.")
    return node
