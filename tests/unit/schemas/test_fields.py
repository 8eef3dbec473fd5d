"""Every field is bounded, and says in a sentence with a code what it does not take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from schemas import account, achievement, credential, framework, problem, report, review, submission
from schemas.fields import (
    Choice,
    Count,
    Email,
    Flag,
    Inner,
    Keyed,
    Listing,
    Moment,
    Shape,
    Slug,
    Text,
    WebAddress,
)
from schemas.problem import ProblemFault, faults_from


def faults(shape: Schema, data: Any) -> list[ProblemFault]:
    with pytest.raises(ValidationError) as caught:
        shape.load(data)
    return list(faults_from(caught.value.messages))


def one(field: fields.Field[Any]) -> Schema:
    return Shape.from_dict({"a_field": field})()


REFUSED = [
    (Text(maximum=5, required=True), "", "field_missing", "Please fill this in."),
    (Text(maximum=5, required=True), " \n ", "field_missing", "Please fill this in."),
    (Text(maximum=5), None, "field_missing", "This must not be null; leave it out instead."),
    (Text(maximum=5), "abcdef", "field_too_long", "At most 5 characters fit here; these are 6."),
    (Text(maximum=5), " " * 10_000, "field_too_long", "At most 5 characters fit here."),
    (Text(maximum=5, minimum=3), "ab", "field_too_short", "At least 3 characters are needed."),
    (Text(maximum=5), 7, "field_invalid", "Text is needed here."),
    (Text(maximum=5), "a\x00b", "field_unreadable", "This holds characters that cannot be shown."),
    (Text(maximum=5), "a\u202eb", "field_unreadable", "This holds characters that cannot be shown."),
    (Text(maximum=5), "a\ud800", "field_unreadable", "This holds characters that cannot be shown."),
    (Slug(), "-a", "slug_invalid", None),
    (Slug(), "Provo", "slug_invalid", None),
    (Slug(), "a", None, None),
    (Email(), "nobody", "email_invalid", "This is not an e-mail address."),
    (Email(), "a@b@c", "email_invalid", None),
    (WebAddress(), "javascript:alert(1)", "address_invalid", None),
    (WebAddress(), "https:///x", "address_invalid", None),
    (WebAddress(), "https://example.org/a b", "address_invalid", None),
    (WebAddress(any_scheme=True), "example", "address_invalid", "This is not a URI."),
    (Choice(("a", "b")), "c", "choice_unknown", "This must be one of: a, b."),
    (Count(maximum=9), 10, "number_out_of_range", "This must be between 0 and 9."),
    (Count(), -1, "number_out_of_range", None),
    (Count(), 1.5, "field_invalid", "A whole number is needed here."),
    (Count(), True, "field_invalid", None),
    (Count(), "1" * 5_000, "field_invalid", None),
    (Count(), "x", "field_invalid", None),
    (Flag(), "perhaps", "field_invalid", "This must be true or false."),
    (Moment(), "2026-01-31", "date_invalid", None),
    (Moment(), "2026-01-31T09:30:00", "date_invalid", None),
    (Moment(), "0001-01-01T00:00:00+14:00", "date_invalid", None),
    (Moment(), 1_700_000_000, "date_invalid", None),
    (Listing(Count(), maximum=2), [1, 2, 3], "list_too_long", "At most 2 entries fit here; these are 3."),
    (Listing(Count(), maximum=2, minimum=1), [], "list_too_short", "At least 1 entry needed."),
    (Listing(Count(), maximum=2), "ab", "field_invalid", "A list is needed here."),
    (Keyed(Count(), maximum=1), {"a": 1, "b": 2}, "list_too_long", None),
    (Keyed(Count(), maximum=1), [], "field_invalid", "An object is needed here."),
    (Inner(account.ProfileChange), 3, "field_invalid", "An object is needed here."),
]


@pytest.mark.parametrize(("field", "value", "code", "message"), [row for row in REFUSED if row[2]])
def test_what_is_refused(field: fields.Field[Any], value: Any, code: str, message: str | None) -> None:
    found = faults(one(field), {"aField": value})
    assert [fault.code for fault in found] == [code]
    assert found[0].pointer == "/aField"
    if message:
        assert found[0].message == message


TAKEN = [
    (Text(maximum=9), "  a \n b ", "a b"),
    (Text(maximum=9, lines=True), " a\r\nb\rc ", "a\nb\nc"),
    (Text(maximum=2), "e\u0301", "é"),
    (Text(maximum=9, lines=True), "a\x0bb\u2028c\x00\ud800", "a\nb\nc"),
    (Text(maximum=9, lines=True, trimmed=False), "a\n ", "a\n "),
    (Slug(), "nebo-district-2", "nebo-district-2"),
    (Email(), " Ann@Example.org ", "Ann@Example.org"),
    (WebAddress(), "https://example.org/ü", "https://example.org/ü"),
    (WebAddress(any_scheme=True), "urn:uuid:1", "urn:uuid:1"),
    (WebAddress(), "", ""),
    (Count(), "7", 7),
    (Flag(), "on", True),
    (Moment(), "2026-01-31T11:30:00.5+02:00", datetime(2026, 1, 31, 9, 30, 0, 500_000, tzinfo=UTC)),
    (Keyed(Text(maximum=9), maximum=2), {"why": "so"}, {"why": "so"}),
]


@pytest.mark.parametrize(("field", "value", "loaded"), TAKEN)
def test_what_is_taken(field: fields.Field[Any], value: Any, loaded: Any) -> None:
    assert one(field).load({"aField": value}) == {"a_field": loaded}


def test_missing_and_unknown_fields() -> None:
    found = faults(account.ProfileChange(), {"nmae": "Ann"})
    assert {(fault.code, fault.pointer) for fault in found} == {("field_unknown", "/nmae"), ("field_missing", "/name")}
    assert faults(account.ProfileChange(), [])[0].message == "An object is needed here."


def test_faults_point_into_lists() -> None:
    change = {"findings": [{"subject": "a"}, {"level": "b"}]}
    assert faults(review.ReviewChange(), change) == [
        ProblemFault("field_missing", "This is needed.", "/findings/1/subject")
    ]


def _shapes() -> list[type[Schema]]:
    rooms = (account, achievement, credential, framework, problem, report, review, submission)
    found = {value for room in rooms for value in vars(room).values() if isinstance(value, type)}
    return sorted((s for s in found if issubclass(s, Shape) and s is not Shape), key=lambda s: s.__name__)


@pytest.mark.parametrize("shape", _shapes(), ids=lambda shape: shape.__name__)
def test_every_shape_takes_no_strange_field_and_bounds_its_texts_and_lists(shape: type[Schema]) -> None:
    made = shape()
    assert made.unknown == "raise"
    for name, field in made.fields.items():
        assert type(field).__module__ == "schemas.fields", f"{name} is a bare marshmallow field"
        assert field.data_key
        assert "_" not in field.data_key
    assert "There is no field of this name." in {fault.message for fault in faults(made, {"strange": 1})}
