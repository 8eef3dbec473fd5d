"""Whatever is handed in, only `VerifierError` comes out, and the form is told by the content."""

import base64
import contextlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.verifier.formats.test_images import PICTURE, SVG
from verifier import parsing
from verifier.errors import VerifierError
from verifier.formats import png, svg

BADGE = b'{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"]}'


def b64(value: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def token(payload: object, **header: object) -> bytes:
    return b64({"alg": "ES256", **header}) + b"." + b64(payload) + b".c2ln"


def code_of(data: bytes) -> str:
    with pytest.raises(VerifierError) as caught:
        parsing.parse(data)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (BADGE, "application/vc+ld+json"),
        (b"\xef\xbb\xbf\r\n " + BADGE + b"\n", "application/vc+ld+json"),
        (png.bake(PICTURE, BADGE), "image/png"),
        (svg.bake(SVG, BADGE), "image/svg+xml"),
        (token({"type": ["VerifiableCredential"]}), "application/vc+jwt"),
        (png.bake(PICTURE, token({"type": ["VerifiableCredential"]})), "image/png"),
        (svg.bake(SVG, token({"type": ["VerifiableCredential"]})), "image/svg+xml"),
    ],
)
def test_the_form_is_told_by_the_content(data: bytes, media_type: str) -> None:
    credential = parsing.parse(data)
    assert credential.media_type == media_type
    assert credential.raw == data
    assert credential.types == ("VerifiableCredential",)


def test_the_credential_of_a_token() -> None:
    old = parsing.parse(token({"iss": "x", "vc": {"type": "VerifiableCredential"}}))
    assert old.document == {"type": "VerifiableCredential", "issuer": "x"}
    assert old.jws is not None
    assert old.jws.payload["iss"] == "x"
    assert code_of(token({"vc": {}}, typ="vc+jwt")) == "jws_claims_malformed"
    assert code_of(token({"vc": "x"})) == "jws_claims_malformed"


def test_an_envelope_is_opened() -> None:
    inner = token({"type": ["VerifiableCredential"]}, typ="vc+jwt").decode()
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{inner}\n",
    }
    assert parsing.parse(json.dumps(envelope).encode()).jws is not None
    assert code_of(b'{"type":["EnvelopedVerifiableCredential"],"id":"data:text/plain,x"}') == "envelope_malformed"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"hello", "not_json"),
        (b"[]", "not_an_object"),
        (b'"text"', "not_an_object"),
        (b'{"a":1}', "unknown_format"),
        (b"\xff\xfe{\0}\0", "not_utf8"),
        (b"GIF89a", "not_json"),
        (b"x" * 3_000_000, "too_large"),
        (b"<svg", "svg_invalid"),
        (b"\x89PNG\r\n\x1a\n", "png_invalid"),
        (b"a.b.c", "jws_malformed"),
        (token({}, crit=["x"]), "jws_critical_header"),
        (token({}, b64=False), "jws_critical_header"),
        (token([]), "not_an_object"),
        (token({}, alg=1), "jws_malformed"),
        (b64({"alg": "ES256"}) + b"." + b64({})[:-1] + b"x.c2lnx", "jws_malformed"),
        (PICTURE, "image_without_credential"),
    ],
)
def test_each_fault_has_its_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_the_older_standard_may_hold_an_address_alone() -> None:
    data = b'<svg xmlns:o="http://openbadges.org"><o:assertion verify="https://example.org/a"/></svg>'
    credential = parsing.parse(data)
    assert credential.notes == (parsing.ADDRESS_ONLY,)
    assert credential.document["id"] == "https://example.org/a"


FRAGMENTS = st.sampled_from(
    [
        b"{",
        b"}",
        b'"type"',
        b":",
        b"[",
        b"]",
        b",",
        b"<svg",
        b">",
        b"</svg>",
        b".",
        b"e30",
        png.SIGNATURE,
        b"IEND",
        b"iTXt",
        b"\0\0\0\0",
        b"\xff",
        b"\\ud800",
        b"1e999",
        b"NaN",
        b"openbadgecredential",
        b"<o:credential",
        b' xmlns:o="https://purl.imsglobal.org/ob/v3p0"',
        b"<![CDATA[",
        b"]]>",
    ]
)


@given(st.binary(max_size=200) | st.lists(FRAGMENTS, max_size=30).map(b"".join))
@example(b"\xef\xbb\xbf")
@example(b"\xef{")
@example(b"[" * 100_000)
def test_only_verifier_errors_come_out(data: bytes) -> None:
    with contextlib.suppress(VerifierError):
        parsing.parse(data)


@given(st.integers(0, len(png.bake(PICTURE, BADGE)) - 1), st.integers(0, 255))
def test_a_changed_byte_in_an_image_is_harmless(position: int, byte: int) -> None:
    data = bytearray(png.bake(PICTURE, BADGE))
    data[position] = byte
    with contextlib.suppress(VerifierError):
        parsing.parse(bytes(data))
