"""Images that hold more, or less, than one credential."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from tests.attacks.asset import Asset, chunk, picture_png
from tests.simulator import Issuer
from verifier.formats import png, svg

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def _with(*chunks: bytes) -> bytes:
    return picture_png().replace(chunk(b"IEND", b""), b"".join(chunks) + chunk(b"IEND", b""))


def assets(school: Issuer) -> Iterator[Asset]:
    badge = school.sign(school.badge())

    def bad(name: str, data: bytes, code: str) -> Asset:
        return Asset(name, data, "failed", "structure", code)

    packed = chunk(b"zTXt", b"openbadges\0\0" + zlib.compress(b" " * 500_000, 9))
    yield bad("text_bombs_together.png", _with(*[packed] * 60), "too_large")
    yield bad("too_many_chunks.png", _with(*[chunk(b"tEXt", b"")] * 4_100), "png_too_many_chunks")
    yield bad(
        "chunk_longer_than_the_file.png", picture_png()[:8] + b"\xff\xff\xff\xff" + picture_png()[12:], "png_invalid"
    )
    yield bad(
        "credential_after_the_end.png",
        picture_png() + chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + badge),
        "no_badge",
    )
    older = chunk(b"iTXt", b"openbadges\0\0\0\0\0" + b'{"type":"Assertion"}')
    current = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + badge)
    yield Asset("good_beside_an_older_badge.png", _with(older, current))
    yield bad(
        "damaged_compression.png", _with(chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0" + b"x\x9cxxxx")), "png_invalid"
    )
    yield bad("nothing_in_the_text.png", _with(chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0")), "empty")
    baked = svg.bake(_SVG, badge)
    element = baked[len(_SVG[:-2]) + 1 : baked.rindex(b"</")]
    yield bad("two_credentials.svg", baked.replace(element, element * 2), "image_with_two_credentials")
    external = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + baked.replace(
        b"<![CDATA[", b"&x;<![CDATA["
    )
    yield bad("external_entity.svg", external, "xml_entities")
    laughs = b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY % b "<!ENTITY c \'&a;&a;\'>">]>' + baked
    yield bad("parameter_entity.svg", laughs, "xml_entities")
    yield bad("elements_in_the_credential.svg", baked.replace(b"<![CDATA[", b"<b/><![CDATA["), "svg_invalid")
    yield bad("not_closed.svg", baked[:-4], "svg_invalid")
    yield bad("not_an_svg.svg", baked.replace(b"<svg", b"<html").replace(b"</svg", b"</html"), "no_badge")
    yield bad("svg_bomb_of_depth.svg", _SVG[:-2] + b">" + b"<g>" * 20_000, "svg_invalid")
    yield bad(
        "credential_of_another_namespace.svg",
        baked.replace(b"purl.imsglobal.org/ob", b"evil.example/ob"),
        "no_badge",
    )
    assert picture_png()[:8] == png.SIGNATURE
