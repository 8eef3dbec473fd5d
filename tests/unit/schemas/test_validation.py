"""What the validator promises whatever comes in: sentences, pointers, bounds, no exceptions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import validation
from schemas.formats import is_date, is_date_time, is_iri, is_local_date_time
from schemas.validation import MAX_DEPTH, MAX_PROBLEMS, SchemaProblem, json_schema, names, validate
from tests.effort import processor_seconds

BADGE = "AchievementCredential"


def badge() -> dict[str, Any]:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "urn:uuid:0c07c1ce-57cb-41af-bef2-1b932b986873",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "did:web:example.org", "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://example.org/a/1",
                "type": ["Achievement"],
                "name": "n",
                "description": "d",
                "criteria": {"narrative": "c"},
            },
        },
    }


SENTENCES = [
    ({"issuer": None}, "/issuer", "schema_type_wrong", '"issuer" must not be null; what is not known is left out.'),
    (
        {"validFrom": "1 May"},
        "/validFrom",
        "schema_date_invalid",
        '"validFrom" must be a date and time with a time zone, such as 2026-01-31T09:30:00Z.',
    ),
    (
        {"id": "a b"},
        "/id",
        "schema_uri_invalid",
        '"id" must be an absolute URI, such as https://badges.example.org/1.',
    ),
    (
        {"type": ["VerifiableCredential", "Badge"]},
        "/type",
        "schema_class_missing",
        '"type" must include "AchievementCredential" or "OpenBadgeCredential".',
    ),
    ({"type": "Badge"}, "/type", "schema_type_wrong", '"type" must be a list, even when it has one member.'),
    ({"type": ["VerifiableCredential"]}, "/type", "schema_too_few", '"type" must have at least 2 members.'),
    (
        {"@context": ["https://www.w3.org/ns/credentials/v2", "https://example.org/"]},
        "/@context/1",
        "schema_context_wrong",
        'Entry 2 of "@context" must be an Open Badges 3.0 context, such as '
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json, at this place.",
    ),
    (
        {"image": {"id": "https://example.org/i", "type": "Image", "a/b~": 1}},
        "/image/a~1b~0",
        "schema_property_unknown",
        '"image" may not carry "a/b~".',
    ),
    (
        {"image": {"id": "https://example.org/i", "type": "Picture"}},
        "/image/type",
        "schema_value_not_allowed",
        '"type" must be "Image".',
    ),
    ({"image": "x"}, "/image", "schema_type_wrong", '"image" must be an object.'),
    ({"endorsementJwt": ["x"]}, "/endorsementJwt/0", "schema_form_wrong", None),
    ({"name": {"@value": "x"}}, "/name", "schema_form_wrong", None),
    ({"evidence": [{"type": []}]}, "/evidence/0/type", "schema_too_few", None),
]


@pytest.mark.parametrize(("change", "pointer", "code", "message"), SENTENCES)
def test_problems_say_where_and_what(change: dict[str, Any], pointer: str, code: str, message: str | None) -> None:
    found = validate({**badge(), **change}, BADGE)
    assert (found[0].pointer, found[0].code) == (pointer, code)
    if message:
        assert found[0].message == message
    for problem in found:
        assert problem.message.endswith(".")
        assert "None" not in problem.message


def test_missing_properties_are_named() -> None:
    assert [problem.message for problem in validate({}, "Profile")] == [
        'The document lacks "type".',
        'The document lacks "id".',
    ]


@pytest.mark.parametrize("document", [None, 1, "text", [], True, {}, [{}], {"@context": {}}, float("nan"), 10**400])
@pytest.mark.parametrize("name", names())
def test_what_is_no_credential_is_a_problem_not_an_exception(document: object, name: str) -> None:
    for strict in (True, False):
        assert all(isinstance(problem, SchemaProblem) for problem in validate(document, name, strict=strict))
        assert validate(document, name, strict=strict)


@pytest.mark.parametrize(
    "value", ["\ud800", b"bytes", object(), {1: 2}, {"\udfff": 1}], ids=["surrogate", "bytes", "object", "key", "key 2"]
)
def test_values_that_json_cannot_hold(value: object) -> None:
    assert validate({**badge(), "id": value}, BADGE)
    assert validate({**badge(), "id": 3, "note": value}, BADGE)


def deep(levels: int) -> Any:
    document: Any = {"id": "a:b", "type": ["Profile"]}
    for _ in range(levels - 2):
        document = {"id": "a:b", "type": ["Profile"], "parentOrg": document}
    return document


@pytest.mark.parametrize("levels", [MAX_DEPTH + 2, 5_000, 200_000])
def test_depth_is_no_danger(levels: int) -> None:
    """Without the bound the last of these ends the process."""
    assert validate(deep(MAX_DEPTH), "Profile") == []
    assert [problem.code for problem in validate(deep(levels), "Profile")] == ["schema_too_deep"]
    in_lists: Any = []
    for _ in range(levels):
        in_lists = [in_lists]
    assert [problem.code for problem in validate(in_lists, "Profile")] == ["schema_too_deep"]


def test_the_number_of_problems_is_bounded() -> None:
    document = {**badge(), "evidence": [None] * 10_000, "image": {str(n): n for n in range(10_000)}}
    found = validate(document, BADGE)
    assert len(found) == MAX_PROBLEMS
    assert {(problem.code, problem.pointer.split("/")[1]) for problem in found} <= {
        ("schema_many_problems", "evidence"),
        ("schema_many_problems", "image"),
    }


def test_the_time_for_many_problems_is_bounded() -> None:
    with processor_seconds(10):
        assert validate({**badge(), "evidence": [None] * 49_000}, BADGE)


def test_long_names_are_shortened() -> None:
    found = validate({**badge(), "image": {"id": "a:b", "type": "Image", "x" * 9_000: 1}}, BADGE)
    assert len(found[0].message) < 150


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(key=st.sampled_from([*badge(), "proof", "evidence", "image", "name", "credentialStatus"]), value=json_values)
def test_any_value_anywhere(key: str, value: object) -> None:
    for strict in (True, False):
        for problem in validate({**badge(), key: value}, BADGE, strict=strict):
            assert problem.pointer == "" or problem.pointer.startswith(f"/{key}")


def test_an_unknown_schema_is_the_callers_bug() -> None:
    with pytest.raises(KeyError):
        validate({}, "Nothing")


def test_schemas_are_complete_in_themselves() -> None:
    for name in names():
        for strict in (True, False):
            text = json.dumps(json_schema(name, strict=strict))
            used = {part.split('"')[0] for part in text.split('"$ref": "')[1:]}
            assert all(ref.startswith("#/$defs/") for ref in used)
            assert {ref.removeprefix("#/$defs/") for ref in used} <= set(json_schema(name)["$defs"])


def test_a_changed_file_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    index = {name: {**entry, "sha256": "0" * 64} for name, entry in validation._index().items()}
    monkeypatch.setattr(validation, "_index", lambda: index)
    with pytest.raises(RuntimeError, match=r"not the file that index\.json describes"):
        validation._definitions.__wrapped__()


IRIS = {
    "https://example.org": True,
    "https://example.org/ü?q=%C3%BC#f": True,
    "urn:uuid:0c07c1ce-57cb-41af-bef2-1b932b986873": True,
    "did:web:example.org%3A8443:issuers:1": True,
    "data:image/png;base64,iVBORw0KGgo=": True,
    "mailto:a@example.org": True,
    "https://[::1]/": True,
    "": False,
    "example.org": False,
    "/relative": False,
    "https:": False,
    "https:///path": False,
    "https:example.org": False,
    "HTTP:example.org": False,
    "https ://example.org": False,
    "https://example.org/a b": False,
    "https://example.org/\n": False,
    "https://example.org/%zz": False,
    "https://example.org/<>": False,
    "https://example.org/{x}": False,
    "https://example.org/\x00": False,
    "https://example.org/\ue000": False,
    "1x:y": False,
    ":y": False,
}


@pytest.mark.parametrize("text", IRIS)
def test_iris(text: str) -> None:
    assert is_iri(text) is IRIS[text]


DATE_TIMES = {
    "2026-01-31T09:30:00Z": True,
    "2026-01-31T09:30:00+02:00": True,
    "2026-01-31T09:30:00.123456789-11:30": True,
    "2024-02-29T23:59:59+14:00": True,
    "2026-02-29T09:30:00Z": False,
    "2026-01-31T24:00:00Z": False,
    "2026-01-31T09:30:60Z": False,
    "2026-01-31T09:30Z": False,
    "2026-01-31 09:30:00Z": False,
    "2026-01-31t09:30:00z": False,
    "2026-01-31T09:30:00+14:01": False,
    "2026-01-31T09:30:00.Z": False,
    "2026-13-01T09:30:00Z": False,
    "0000-01-01T00:00:00Z": False,
    "２026-01-31T09:30:00Z": False,
    "2026-01-31T09:30:00Z\n": False,
    "2026-01-31": False,
    "": False,
}


@pytest.mark.parametrize("text", DATE_TIMES)
def test_date_times(text: str) -> None:
    assert is_date_time(text) is DATE_TIMES[text]
    if DATE_TIMES[text]:
        assert is_local_date_time(text)


def test_zone_is_only_optional_where_the_model_says_so() -> None:
    assert is_local_date_time("2026-01-31T09:30:00")
    assert not is_date_time("2026-01-31T09:30:00")
    assert is_date("2024-02-29")
    assert not is_date("2023-02-29")
