import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import VerifierError
from verifier.formats import json_text
from verifier.limits import Limits

SMALL = Limits(credential_bytes=10_000, json_depth=5, json_values=50)


def code_of(data: bytes, limits: Limits = SMALL) -> str:
    with pytest.raises(VerifierError) as caught:
        json_text.loads(data, limits=limits)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b'{"x":{"a":1,"b":0,"a":1}}', "duplicate_key"),
        (b'{"a":"\xff"}', "not_utf8"),
        ("{}".encode("utf-16"), "not_utf8"),
        (b"\xed\xa0\x80", "not_utf8"),
        (b'{"a":"\\ud800"}', "lone_surrogate"),
        (b'{"\\udfff":1}', "lone_surrogate"),
        (b"[NaN]", "not_json"),
        (b"[-Infinity]", "not_json"),
        (b"[1e400]", "number_out_of_range"),
        (b"[-1e400]", "number_out_of_range"),
        (b"[9007199254740992]", "number_out_of_range"),
        (b"[" + b"9" * 5_000 + b"]", "number_out_of_range"),
        (b"[[[[[[[1]]]]]]]", "too_deep"),
        (b"[" * 4_000 + b"]" * 4_000, "too_deep"),
        (b"[" + b"1," * 60 + b"1]", "too_many_values"),
        (b"[" + b" " * 10_000 + b"]", "too_large"),
        (b"", "not_json"),
        (b"{'a':1}", "not_json"),
        (b"{} {}", "not_json"),
    ],
)
def test_each_fault_has_its_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_an_array_is_no_object() -> None:
    with pytest.raises(VerifierError) as caught:
        json_text.load_object(b"[]")
    assert caught.value.code == "not_an_object"


def test_a_byte_order_mark_and_paired_surrogates_are_harmless() -> None:
    assert json_text.loads(b'\xef\xbb\xbf{"a":"\\ud83d\\ude00"}') == {"a": "😀"}


def test_depth_is_counted_to_the_limit() -> None:
    assert json_text.loads(b"[[[[[1]]]]]", limits=SMALL) == [[[[[1]]]]]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@given(json_values)
def test_whatever_json_writes_is_read_back(value: object) -> None:
    assert json_text.loads(json.dumps(value).encode()) == value


@given(st.binary())
def test_only_verifier_errors_come_out(data: bytes) -> None:
    with contextlib.suppress(VerifierError):
        json_text.loads(data, limits=SMALL)
