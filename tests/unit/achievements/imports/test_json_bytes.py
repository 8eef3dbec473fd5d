from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from achievements.imports import read
from achievements.imports.json_bytes import ReadLimits, parse


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b" \n ", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b'{"a": 1, "a": 2}', "json_duplicate_key"),
        (b'{"\xff": 1}', "not_utf8"),
        ('{"a": 1}'.encode("utf-16"), "not_utf8"),
        (b'{"a": NaN}', "json_not_a_number"),
        (b"[-Infinity]", "json_not_a_number"),
        (b"[1e999]", "json_number_range"),
        (b"[9007199254740993]", "json_number_range"),
        (b"[" + b"9" * 100_000 + b"]", "json_number_range"),
        (b'["\\ud800"]', "json_lone_surrogate"),
        (b'[["\\ud800"]]', "json_lone_surrogate"),
        (b'{"\\udfff": 1}', "json_lone_surrogate"),
        (b'"\\ud800"', "json_lone_surrogate"),
        (b"[" * 100_000, "json_too_deep"),
        (b'{"a":' * 100_000, "json_too_deep"),
        (b"{", "json_syntax"),
        (b'{"a": 1} trailing', "json_syntax"),
        (b'"' + b'\\"' * 200_000, "json_syntax"),
        (b"[" + b"0," * 600_000 + b"0]", "json_too_many_values"),
        (b"[" + b" " * (16 * 1024 * 1024) + b"]", "file_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:12]),
)
def test_what_two_readers_would_read_differently_is_refused(data: bytes, code: str) -> None:
    parsed = parse(data)
    assert [problem.code for problem in parsed.problems if problem.severity == "error"] == [code]
    assert not parsed.ok


def test_brackets_inside_texts_are_no_nesting() -> None:
    text = "[" * 1000 + '"' + "{" * 1000 + "\\"
    assert parse(json.dumps([text]).encode()).value == [text]


def test_the_line_of_a_syntax_error_is_told() -> None:
    (problem,) = parse(b'{\n "a": 1,\n "b" 2\n}').problems
    assert problem.line == 3


def test_a_byte_order_mark_is_tolerated_and_told() -> None:
    parsed = parse(b"\xef\xbb\xbf{}")
    assert parsed.ok
    assert [problem.code for problem in parsed.problems] == ["byte_order_mark"]


def test_the_depth_is_counted_exactly() -> None:
    limits = ReadLimits(max_depth=3)
    assert parse(b"[[[]]]", limits).ok
    assert not parse(b"[[[[]]]]", limits).ok


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_values)
def test_sound_json_is_read_as_it_is(value: object) -> None:
    assert parse(json.dumps(value, ensure_ascii=False).encode()).value == value


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    assert not read(data).ok


@pytest.mark.parametrize("data", [b"hello", b"Type,Identifier\nRubric,1\n", b"%PDF-1.7", b"7"])
def test_what_is_neither_json_nor_a_known_table_is_of_no_known_format(data: bytes) -> None:
    assert [problem.code for problem in read(data).problems] == ["format_unknown"]
