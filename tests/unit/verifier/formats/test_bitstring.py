import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import VerifierError
from verifier.formats import bitstring


def test_index_0_is_the_highest_bit_of_the_first_byte() -> None:
    assert bitstring.put(bitstring.empty(16), 0, 1) == b"\x80\x00"
    assert bitstring.put(bitstring.empty(16), 15, 1) == b"\x00\x01"
    assert bitstring.get(b"\x80\x00", 0) == 1
    assert bitstring.get(b"\x80\x00", 1) == 0


def test_the_smallest_list_has_131072_entries_in_16_kilobytes() -> None:
    assert len(bitstring.empty()) == 16 * 1024
    assert bitstring.get(bitstring.empty(), 131_071) == 0


@given(st.integers(1, 8), st.integers(0, 200), st.data())
def test_what_is_put_is_got_and_the_neighbours_stay(size: int, index: int, data: st.DataObject) -> None:
    entries = 201
    bits = data.draw(st.binary(min_size=(entries * size + 7) // 8, max_size=(entries * size + 7) // 8))
    value = data.draw(st.integers(0, 2**size - 1))
    after = bitstring.put(bits, index, value, size)
    assert bitstring.get(after, index, size) == value
    for other in range(entries):
        if other != index:
            assert bitstring.get(after, other, size) == bitstring.get(bits, other, size)


@given(st.binary(max_size=3_000))
def test_encode_and_decode_are_inverse(bits: bytes) -> None:
    encoded = bitstring.encode(bits)
    assert encoded.startswith("u")
    assert "=" not in encoded
    assert bitstring.decode(encoded) == bits
    assert bitstring.decode(encoded[1:], multibase=False) == bits


@pytest.mark.parametrize("index", [-1, 16, 10**30])
def test_an_index_outside_is_refused(index: int) -> None:
    with pytest.raises(VerifierError) as caught:
        bitstring.get(b"\0\0", index)
    assert caught.value.code == "status_index_out_of_range"


def test_a_value_too_large_is_the_callers_bug() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        bitstring.put(b"\0", 0, 2)


def encoded(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "status_list_malformed"),
        ("zabc", "status_list_malformed"),
        ("uä", "status_list_malformed"),
        ("u!!", "status_list_malformed"),
        ("uabcde", "status_list_malformed"),
        (encoded(b"not gzip"), "status_list_malformed"),
        (encoded(gzip.compress(b"abc", mtime=0)[:-4]), "status_list_malformed"),
        (encoded(gzip.compress(b"abc", mtime=0) + b"x"), "status_list_malformed"),
        (encoded(gzip.compress(b"abc", mtime=0) * 2), "status_list_malformed"),
        (encoded(gzip.compress(bytes(2_000_000), mtime=0)), "status_list_too_large"),
    ],
)
def test_bad_lists(text: str, code: str) -> None:
    with pytest.raises(VerifierError) as caught:
        bitstring.decode(text, max_bytes=100_000)
    assert caught.value.code == code
