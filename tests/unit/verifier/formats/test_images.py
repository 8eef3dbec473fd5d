"""Baking into PNG and SVG, and getting it out again."""

import struct
import zlib

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import VerifierError
from verifier.formats import png, svg
from verifier.limits import Limits


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


IHDR = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
IDAT = chunk(b"IDAT", zlib.compress(b"\0\0"))
IEND = chunk(b"IEND", b"")
PICTURE = png.SIGNATURE + IHDR + chunk(b"tEXt", b"Software\0pencil") + IDAT + IEND
SVG = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- by hand -->'
    b'<svg xmlns="http://www.w3.org/2000/svg" title="a > b"><g/></svg>\n'
)
JWS = b"eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.c2ln"


def itxt(keyword: bytes, text: bytes, *, compressed: bool = False) -> bytes:
    flag, body = (b"\1", zlib.compress(text)) if compressed else (b"\0", text)
    return chunk(b"iTXt", keyword + b"\0" + flag + b"\0\0\0" + body)


def code_of(call, *args, **kwargs) -> str:
    with pytest.raises(VerifierError) as caught:
        call(*args, **kwargs)
    return caught.value.code


class TestPng:
    @given(st.binary(max_size=500))
    def test_what_is_baked_is_extracted(self, text: bytes) -> None:
        assert png.extract(png.bake(PICTURE, text)) == png.Baked(png.KEYWORD, text)

    def test_the_chunk_is_written_as_the_standard_says_and_the_rest_stays(self) -> None:
        baked = png.bake(PICTURE, b"{}")
        assert baked == PICTURE.removesuffix(IEND) + chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0{}") + IEND

    def test_baking_twice_is_refused_or_replaces(self) -> None:
        once = png.bake(PICTURE, b"{}")
        assert code_of(png.bake, once, b"[]") == "image_already_baked"
        assert png.bake(once, b'{"new":1}', replace=True) == png.bake(PICTURE, b'{"new":1}')

    def test_compressed_and_older_keywords_are_read(self) -> None:
        packed = png.SIGNATURE + IHDR + itxt(b"openbadgecredential", b"{}", compressed=True) + IEND
        assert png.extract(packed).text == b"{}"
        older = png.SIGNATURE + IHDR + chunk(b"tEXt", b"openbadges\0https://example.org/a") + IEND
        assert png.extract(older) == png.Baked("openbadges", b"https://example.org/a")
        both = png.SIGNATURE + IHDR + itxt(b"openbadges", b"old") + itxt(b"openbadgecredential", b"new") + IEND
        assert png.extract(both).text == b"new"

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"GIF89a", "png_invalid"),
            (png.SIGNATURE, "png_invalid"),
            (PICTURE[:-3], "png_invalid"),
            (PICTURE.replace(b"pencil", b"pencel"), "png_invalid"),
            (png.SIGNATURE + struct.pack(">I", 2**31) + b"IHDR", "png_invalid"),
            (PICTURE, "image_without_credential"),
            (png.SIGNATURE + itxt(b"openbadgecredential", b"{}") * 2 + IEND, "image_with_two_credentials"),
            (png.SIGNATURE + IHDR * 5_000 + IEND, "png_too_many_chunks"),
            (png.SIGNATURE + itxt(b"openbadgecredential", bytes(3_000_000), compressed=True) + IEND, "too_large"),
            (png.SIGNATURE + itxt(b"openbadgecredential", bytes(3_000_000)) + IEND, "too_large"),
            (png.SIGNATURE + chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0junk") + IEND, "png_invalid"),
        ],
    )
    def test_bad_images(self, data: bytes, code: str) -> None:
        assert code_of(png.extract, data) == code

    def test_a_chunk_bomb_is_inflated_only_to_the_limit(self) -> None:
        bomb = png.SIGNATURE + itxt(b"openbadgecredential", bytes(50_000_000), compressed=True) + IEND
        assert len(bomb) < 100_000
        assert code_of(png.extract, bomb, limits=Limits(credential_bytes=1_000)) == "too_large"


class TestSvg:
    @given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=200).filter(str.strip))
    def test_what_is_baked_is_extracted(self, text: str) -> None:
        json_text = (
            b'{"a":"%b"}'
            % text.replace("\\", "/").replace('"', "'").replace("\uffff", "").replace("\ufffe", "").encode()
        )
        out = svg.extract(svg.bake(SVG, json_text))
        assert out == svg.Baked(svg.NAMESPACE, json_text.replace(b"]]>", b"]]\\u003e"))

    def test_the_element_is_the_first_child_and_the_rest_stays(self) -> None:
        baked = svg.bake(SVG, b'{"x":"]]>"}')
        assert (
            baked.replace(
                b'<openbadges:credential xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">'
                b'<![CDATA[{"x":"]]\\u003e"}]]></openbadges:credential>',
                b"",
            )
            == SVG
        )
        root = ElementTree.fromstring(baked)
        assert root[0].tag == "{https://purl.imsglobal.org/ob/v3p0}credential"

    def test_a_token_goes_into_the_attribute(self) -> None:
        baked = svg.bake(SVG, JWS)
        element = ElementTree.fromstring(baked)[0]
        assert element.attrib == {"verify": JWS.decode()}
        assert not element.text
        assert svg.extract(baked).text == JWS

    @pytest.mark.parametrize("picture", [b"<svg/>", b'<s:svg xmlns:s="http://www.w3.org/2000/svg" />'])
    def test_an_empty_picture_can_be_baked(self, picture: bytes) -> None:
        assert svg.extract(svg.bake(picture, b"{}")).text == b"{}"

    def test_baking_twice_is_refused_or_replaces(self) -> None:
        once = svg.bake(SVG, JWS)
        assert code_of(svg.bake, once, b"{}") == "image_already_baked"
        assert svg.bake(once, b"{}", replace=True) == svg.bake(SVG, b"{}")

    def test_json_as_plain_text_and_older_namespaces_are_read(self) -> None:
        plain = (
            b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential>{&quot;a&quot;:1}</o:credential></svg>'
        )
        assert svg.extract(plain).text == b'{"a":1}'
        older = b'<svg xmlns:o="http://openbadges.org"><o:assertion verify="https://example.org/a"/></svg>'
        assert svg.extract(older) == svg.Baked(svg.OPEN_BADGES_2, b"https://example.org/a")

    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"<svg", "svg_invalid"),
            (b"<html/>", "svg_invalid"),
            (b"<svg><a></svg>", "svg_invalid"),
            (b'<?xml version="1.0" encoding="x-unknown"?><svg/>', "svg_invalid"),
            (SVG, "image_without_credential"),
            (b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential/></svg>', "image_without_credential"),
            (
                b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential verify="a"/>'
                b'<o:credential verify="b"/></svg>',
                "image_with_two_credentials",
            ),
            (
                b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential><b/></o:credential></svg>',
                "svg_invalid",
            ),
            (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "xml_entities"),
            (b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>', "xml_entities"),
        ],
    )
    def test_bad_images(self, data: bytes, code: str) -> None:
        assert code_of(svg.extract, data) == code

    def test_a_long_credential_is_refused_while_reading(self) -> None:
        image = (
            b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential>'
            + b"a" * 2_000
            + b"</o:credential></svg>"
        )
        assert code_of(svg.extract, image, limits=Limits(credential_bytes=1_000)) == "too_large"
