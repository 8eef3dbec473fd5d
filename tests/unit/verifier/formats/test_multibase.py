"""Multibase: one text for one value, and no other text is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import VerifierError
from verifier.formats import multibase


@pytest.mark.parametrize(
    ("data", "text"),
    [  # draft-msporny-base58, section 5
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (b"\x00\x00\x28\x7f\xb4\xcd", "11233QC4"),
        (b"", ""),
    ],
)
def test_published_values(data: bytes, text: str) -> None:
    assert multibase.base58_encode(data) == text
    assert multibase.base58_decode(text) == data


@given(st.binary(max_size=120))
def test_there_and_back(data: bytes) -> None:
    assert multibase.base58_decode(multibase.base58_encode(data)) == data
    assert multibase.base64url_decode(multibase.base64url_encode(data)) == data
    if data:
        assert multibase.decode(multibase.encode_base58(data)) == data
        assert multibase.decode(multibase.encode_base64url(data)) == data


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_whatever_is_read_is_written_the_same_way(text: str) -> None:
    try:
        data = multibase.decode(text)
    except VerifierError as refused:
        assert refused.code == "multibase_malformed"  # noqa: PT017  # any other error would escape
    else:
        assert text in (multibase.encode_base58(data), multibase.encode_base64url(data))


@pytest.mark.parametrize(
    "text",
    ["", "z", "u", "x1234", "z0", "zO", "zl", "z ", "uAA==", "uAB", "u+/8", "uA", "z" + "2" * 2000, None, 7, b"z2"],
)
def test_refused(text: object) -> None:
    with pytest.raises(VerifierError) as caught:
        multibase.decode(text)
    assert caught.value.code == "multibase_malformed"
