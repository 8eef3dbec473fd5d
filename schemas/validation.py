"""A document against a named JSON Schema: a list of problems, never an exception for a bad document.

The schemas in `json_schemas/` are our own, written from the data models of Open Badges 3.0, CLR 2.0, VCDM 2.0 and
Bitstring Status List 1.0. Each exists in two forms:

* **strict**: what the files say. Properties that may have many values are lists, text is plain, a status has an id.
  This is the form to issue (Open Badges 3.0, "Serialization").
* **lenient**: also takes compacted JSON-LD, as the published schemas do since release 1.3 of the specification. This is
  the form to verify with. It is derived from the files by `_lenient`.

In three places both are stricter than the published schemas: evidence, result descriptions and the source profile
must carry their class in `type` there too, as the data model asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, cast

from jsonschema_rs import Draft201909Validator, RegexOptions, ValidationError, ValidationErrorKind

from schemas.formats import FORMATS

MAX_PROBLEMS = 50
"""Problems returned for one document; a hostile one could have as many as it has values."""

_MAX_EXPLAINED = 1_000
MAX_DEPTH = 128
"""Levels of lists and objects. The validator follows them on the process's own stack, where too many end it."""

_FOLDER = resources.files("schemas") / "json_schemas"


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One place where a document departs from its schema.

    Attributes:
        pointer: RFC 6901 JSON Pointer to the place, "" for the whole document.
        message: one sentence for a person.
        code: stable, `snake_case`.
        keyword: the JSON Schema keyword that failed, such as `required`.
    """

    pointer: str
    message: str
    code: str
    keyword: str


def validate(document: object, schema: str, *, strict: bool = False) -> list[SchemaProblem]:
    """Hold `document` against the schema named `schema` (see `names`).

    Returns:
        At most `MAX_PROBLEMS` problems, in the order of the schema; empty if the document conforms.

    Raises:
        KeyError: there is no schema of that name (the caller's bug).
    """
    validator, root = _compiled(schema, strict)
    if is_too_deep(document):
        return [SchemaProblem("", "The document is nested too deeply.", code="schema_too_deep", keyword="type")]
    try:
        if validator.is_valid(document):
            return []
        return list(_problems(validator, root, document))
    except ValueError:
        # Values that JSON cannot hold: half a surrogate pair, an object that is not of a JSON type.
        return [
            SchemaProblem(
                "", "The document holds a value that JSON cannot hold.", code="schema_not_json", keyword="type"
            )
        ]


def is_too_deep(document: object) -> bool:
    """Whether lists and objects are nested in more than `MAX_DEPTH` levels."""
    containers = (dict, list)
    level = [document] if isinstance(document, containers) else []
    for _ in range(MAX_DEPTH + 1):
        if not level:
            return False
        level = [
            member
            for container in level
            for member in (container.values() if isinstance(container, dict) else container)
            if isinstance(member, containers)
        ]
    return True


def names() -> tuple[str, ...]:
    """The names that `validate` knows."""
    return tuple(_index())


@cache
def json_schema(name: str, *, strict: bool = False) -> Mapping[str, Any]:
    """The whole schema (Draft 2019-09) of that name, complete in itself: for display and for other validators.

    `format` values mean what `schemas.formats` says. Do not change the returned value: it is shared.
    """
    definitions = _definitions() if strict else _lenient_definitions()
    wanted = _index()[name]
    return {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "title": name,
        "$ref": wanted["definition"],
        "$defs": definitions,
    }


# --- reading the files ----------------------------------------------------------------------------------------------


@cache
def _index() -> Mapping[str, Mapping[str, str]]:
    entries = json.loads((_FOLDER / "index.json").read_bytes())["schemas"]
    return {entry["name"]: entry for entry in entries}


@cache
def _definitions() -> dict[str, Any]:
    """Every `$defs` of every file. Names are unique over the files, so that one may refer to another's."""
    merged: dict[str, Any] = {}
    for file, digest in sorted({(entry["file"], entry["sha256"]) for entry in _index().values()}):
        data = (_FOLDER / file).read_bytes()
        if hashlib.sha256(data).hexdigest() != digest:
            raise RuntimeError(f"schemas/json_schemas/{file} is not the file that index.json describes.")
        found = json.loads(data)["$defs"]
        if twice := merged.keys() & found.keys():
            raise RuntimeError(f"schemas/json_schemas/{file} defines {sorted(twice)} a second time.")
        merged.update(found)
    return merged


_LENIENT_CHANGES: dict[str, dict[str, Any]] = {
    "Text": {"type": ["string", "object"], "if": {"type": "object"}, "then": {"$ref": "#/$defs/LanguageMap"}},
    "TypeName": {"type": ["string", "array"], "items": {"type": "string"}},
    "CredentialStatus": {"required": ["type"]},
    "FurtherContext": {"type": ["string", "object"], "if": {"type": "string"}, "then": {"$ref": "#/$defs/Uri"}},
    # The published pattern is not anchored.
    "ExtensionTerm": {"pattern": "ext:[A-Za-z0-9._|-]+"},
    "StatusPurpose": {"type": ["string", "array"], "items": {"type": "string"}},
}
"""Keywords that the lenient form sets in a definition, beside what `_lenient` does to every list."""


@cache
def _lenient_definitions() -> dict[str, Any]:
    return {name: {**_lenient(found), **_LENIENT_CHANGES.get(name, {})} for name, found in _definitions().items()}


def _lenient(node: Any) -> Any:
    """`node` with every list also accepted as its one member.

    Lists by position (`@context`) and lists that need two members (the `type` of a credential) have no such form.
    """
    if isinstance(node, list):
        return [_lenient(member) for member in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _lenient(value) for key, value in node.items()}
    if node.get("type") != "array" or not isinstance(node.get("items"), dict) or node.get("minItems", 0) > 1:
        return changed
    # A class name stands alone as it would in the list.
    single = changed.get("contains", changed["items"])
    return {"if": {"type": "array"}, "then": changed, "else": single}


@cache
def _compiled(name: str, strict: bool) -> tuple[Draft201909Validator, Mapping[str, Any]]:
    schema = json_schema(name, strict=strict)
    validator = Draft201909Validator(
        cast("dict[str, Any]", schema),
        formats=FORMATS,
        validate_formats=True,
        ignore_unknown_formats=False,
        # No reference ever leaves the schema, and no pattern takes more than linear time.
        offline=True,
        pattern_options=RegexOptions(),
    )
    return validator, schema


# --- sentences --------------------------------------------------------------------------------------------------------

_KINDS = {
    "string": "text",
    "object": "an object",
    "array": "a list",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}


def _problems(validator: Draft201909Validator, root: Mapping[str, Any], document: object) -> Iterator[SchemaProblem]:
    # Explained errors carry copies of what they are about, and all are made before the first is given out. So where
    # there are very many, only places are named.
    places = validator.evaluate(document).errors()
    if len(places) > _MAX_EXPLAINED:
        for place in places[:MAX_PROBLEMS]:
            yield SchemaProblem(
                place["instanceLocation"],
                "This is not of the form that it must have, and many other places are not either.",
                code="schema_many_problems",
                keyword=place["schemaLocation"].rpartition("/")[2],
            )
        return
    seen: set[SchemaProblem] = set()
    for error in validator.iter_errors(document):
        for problem in _explain(error, root):
            if problem in seen:
                continue
            seen.add(problem)
            yield problem
            if len(seen) == MAX_PROBLEMS:
                return


def _explain(error: ValidationError, root: Mapping[str, Any]) -> Iterator[SchemaProblem]:
    path = error.instance_path
    pointer, place, keyword = json_pointer(path), _place(path), error.kind.name
    own = _own_words(error, root)
    match error.kind:
        case ValidationErrorKind.Required(name):
            yield SchemaProblem(pointer, f'{place} lacks "{name}".', code="schema_property_missing", keyword=keyword)
        case ValidationErrorKind.AdditionalProperties(unexpected):
            for name in unexpected[:MAX_PROBLEMS]:
                yield SchemaProblem(
                    json_pointer([*path, name]),
                    f'{place} may not carry "{_short(name)}".',
                    code="schema_property_unknown",
                    keyword=keyword,
                )
        case ValidationErrorKind.Type(types):
            sentence = _type_sentence(error.instance, types, own)
            yield SchemaProblem(pointer, f"{place} {sentence}.", code="schema_type_wrong", keyword=keyword)
        case ValidationErrorKind.Contains():
            wanted = _schema_at(root, error.schema_path)
            yield SchemaProblem(
                pointer, f"{place} must include {_options(wanted)}.", code="schema_class_missing", keyword=keyword
            )
        case ValidationErrorKind.Constant(value) if len(path) > 1 and path[-2] == "@context":
            yield SchemaProblem(
                pointer, f"{place} {own or f'must be {value}'}.", code="schema_context_wrong", keyword=keyword
            )
        case ValidationErrorKind.Pattern() if len(path) > 1 and path[-2] == "@context":
            yield SchemaProblem(pointer, f"{place} {own}.", code="schema_context_wrong", keyword=keyword)
        case ValidationErrorKind.Constant() | ValidationErrorKind.Enum() | ValidationErrorKind.AnyOf():
            wanted = _schema_at(root, error.schema_path[:-1])
            yield SchemaProblem(
                pointer,
                f"{place} {own or f'must be {_options(wanted)}'}.",
                code="schema_value_not_allowed",
                keyword=keyword,
            )
        case ValidationErrorKind.Format("iri"):
            yield SchemaProblem(pointer, f"{place} {own}.", code="schema_uri_invalid", keyword=keyword)
        case ValidationErrorKind.Format():
            yield SchemaProblem(pointer, f"{place} {own}.", code="schema_date_invalid", keyword=keyword)
        case ValidationErrorKind.MinItems(limit):
            yield SchemaProblem(
                pointer,
                f"{place} must have at least {limit} {'member' if limit == 1 else 'members'}.",
                code="schema_too_few",
                keyword=keyword,
            )
        case _:
            yield SchemaProblem(
                pointer,
                f"{place} {own or 'is not of the form that it must have'}.",
                code="schema_form_wrong",
                keyword=keyword,
            )


def json_pointer(path: list[str | int]) -> str:
    """RFC 6901."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _place(path: list[str | int]) -> str:
    if not path:
        return "The document"
    last = path[-1]
    if isinstance(last, str):
        return f'"{_short(last)}"'
    owner = next((step for step in reversed(path) if isinstance(step, str)), None)
    return f'Entry {last + 1} of "{_short(owner)}"' if owner else f"Entry {last + 1}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _schema_at(root: Mapping[str, Any], path: list[str | int]) -> Any:
    node: Any = root
    for step in path:
        node = node[step]
    return node


def _own_words(error: ValidationError, root: Mapping[str, Any]) -> str:
    """The sentence that the failing schema brings itself, in `x-problem`."""
    node = _schema_at(root, error.schema_path[:-1])
    return str(node.get("x-problem", "")) if isinstance(node, dict) else ""


def _options(schema: Mapping[str, Any]) -> str:
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return " or ".join(f'"{value}"' for value in values)


def _type_sentence(value: object, types: list[str], own: str) -> str:
    if value is None:
        return "must not be null; what is not known is left out"
    wanted = " or ".join(_KINDS.get(name, name) for name in types)
    if isinstance(value, list):
        return f"must be {wanted}, not a list"
    if types == ["array"]:
        return "must be a list, even when it has one member"
    return own or f"must be {wanted}"
