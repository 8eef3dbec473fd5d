"""Schemas by strangers: used when harmless, refused when their work cannot be bounded."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.foreign import SchemaRefused, validate_against
from tests.effort import processor_seconds

DOCUMENT = {"id": "urn:1", "ECTS": "3", "list": [1] * 50}


def test_a_plain_schema_is_used() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": "https://schemas.example.org/1.json",
        "type": "object",
        "required": ["name"],
        "properties": {"ECTS": {"$ref": "#/$defs/ects"}, "id": {"format": "never"}},
        "$defs": {"ects": {"type": "number"}},
    }
    found = {(problem.pointer, problem.keyword) for problem in validate_against(DOCUMENT, schema)}
    assert found == {("", "required"), ("/ECTS", "type")}
    assert validate_against({"name": "n", "ECTS": 3}, schema) == []


@pytest.mark.parametrize(
    "draft", ["http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2020-12/schema"]
)
def test_other_drafts(draft: str) -> None:
    assert len(validate_against(DOCUMENT, {"$schema": draft, "required": ["name"]})) == 1


def doubling(levels: int) -> dict[str, Any]:
    steps = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]} for n in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**steps, f"a{levels}": {"type": "object"}}}


REFUSED = {
    "no object": ([], "foreign_schema_malformed"),
    "unknown draft": ({"$schema": "https://json-schema.org/draft/2099/schema"}, "foreign_schema_draft"),
    "draft is no text": ({"$schema": 7}, "foreign_schema_draft"),
    "another document": ({"$ref": "https://example.org/x.json"}, "foreign_schema_reference"),
    "a file": ({"$ref": "file:///etc/passwd"}, "foreign_schema_reference"),
    "an anchor": ({"$ref": "#here"}, "foreign_schema_reference"),
    "a part that is not there": ({"$ref": "#/$defs/x"}, "foreign_schema_reference"),
    "an id inside": ({"properties": {"a": {"$id": "https://example.org/"}}}, "foreign_schema_reference"),
    "dynamic": ({"$dynamicRef": "#x"}, "foreign_schema_reference"),
    "itself": ({"properties": {"a": {"$ref": "#"}}}, "foreign_schema_too_complex"),
    "a circle": (
        {"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}},
        "foreign_schema_too_complex",
    ),
    "doubling": (doubling(60), "foreign_schema_too_complex"),
    "a greedy pattern": ({"pattern": "(((a{1,99}){1,99}){1,99}){1,99}"}, "foreign_schema_malformed"),
    "a pattern that looks back": ({"pattern": "^(?=a)b"}, "foreign_schema_malformed"),
    "a wrong keyword": ({"type": "nonsense"}, "foreign_schema_malformed"),
    "half a surrogate": ({"const": "\ud800"}, "foreign_schema_malformed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    schema, code = REFUSED[name]
    with processor_seconds(5), pytest.raises(SchemaRefused) as caught:
        validate_against(DOCUMENT, schema)
    assert caught.value.code == code


@pytest.mark.parametrize("levels", [200, 3_000, 100_000])
def test_deep_schemas_and_documents_are_refused(levels: int) -> None:
    deep: dict[str, Any] = {}
    for _ in range(levels):
        deep = {"not": deep}
    with pytest.raises(SchemaRefused):
        validate_against(DOCUMENT, deep)
    with pytest.raises(SchemaRefused):
        validate_against(deep, {"type": "object"})


def test_a_schema_may_be_as_deep_as_a_document() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"not": deep}
    assert validate_against({}, deep) == []


def test_work_grows_with_the_document() -> None:
    schema = doubling(9)
    assert validate_against({}, schema) == []
    with pytest.raises(SchemaRefused, match="too complex"):
        validate_against({"list": [0] * 40_000}, schema)


def test_backtracking_patterns_take_linear_time() -> None:
    with processor_seconds(5):
        assert validate_against("a" * 50_000 + "!", {"pattern": "^(a+)+$"})


def test_long_values_do_not_end_up_in_the_sentence() -> None:
    found = validate_against("x" * 100_000, {"type": "number"})
    assert len(found[0].message) < 500
