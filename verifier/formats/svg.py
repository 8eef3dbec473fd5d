"""Baked SVG images (Open Badges 3.0, section 5.3.2): the credential as the first child of `<svg>`.

JSON stands in a CDATA section; a compact JWS stands in the attribute `verify`. Reading understands the namespaces of
CLR 2.0 and Open Badges 2.0 too. The image is read as a stream of events, so that its size in memory is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from verifier.errors import VerifierError
from verifier.limits import DEFAULT_LIMITS, Limits

SVG = "http://www.w3.org/2000/svg"
NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
OPEN_BADGES_2 = "http://openbadges.org"
_TAGS = {
    f"{{{NAMESPACE}}}credential": NAMESPACE,
    "{https://purl.imsglobal.org/clr/v2p0}credential": "https://purl.imsglobal.org/clr/v2p0",
    f"{{{OPEN_BADGES_2}}}assertion": OPEN_BADGES_2,
}
_ROOTS = frozenset({f"{{{SVG}}}svg", "svg"})
_JWS = re.compile(rb"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class Baked:
    """What an image holds: `text` is UTF-8 JSON or a compact JWS, `namespace` says which standard put it there."""

    namespace: str
    text: bytes


class _Reader:
    """Target of the XML parser: keeps only credentials."""

    def __init__(self, limit: int) -> None:
        self.found: list[Baked] = []
        self.root = ""
        self._limit = limit
        self._open: str | None = None
        self._verify: str | None = None
        self._text: list[str] = []
        self._size = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.root = self.root or tag
        if self._open is not None:
            raise VerifierError("svg_invalid", "The badge inside this SVG image has XML elements in it.")
        if tag in _TAGS:
            self._open, self._verify, self._text, self._size = tag, attributes.get("verify"), [], 0

    def data(self, text: str) -> None:
        if self._open is not None:
            self._size += len(text)
            if self._size > self._limit:
                raise VerifierError("too_large", f"The credential in the image is larger than {self._limit} bytes.")
            self._text.append(text)

    def end(self, tag: str) -> None:
        if tag == self._open:
            body = "".join(self._text).strip()
            text = body or self._verify or ""
            if body and self._verify:
                text = self._verify if _TAGS[tag] == NAMESPACE else body
            self.found.append(Baked(namespace=_TAGS[tag], text=text.strip().encode("utf-8", "surrogatepass")))
            self._open = None

    def close(self) -> None:
        return None


def extract(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Baked:
    """The credential in an SVG image.

    Raises:
        VerifierError: `svg_invalid`, `xml_entities`, `too_large`, `image_without_credential`,
            `image_with_two_credentials`.
    """
    reader = _Reader(limits.credential_bytes)
    _parse(data, reader, limits)
    if reader.root not in _ROOTS:
        raise VerifierError("svg_invalid", "The file is XML, but not an SVG image.")
    current = [baked for baked in reader.found if baked.namespace != OPEN_BADGES_2] or reader.found
    if not current or not current[0].text:
        raise VerifierError("image_without_credential", "This image holds no badge: it is only a picture.")
    if len(current) > 1:
        raise VerifierError(
            "image_with_two_credentials", "This image holds more than one badge; which one counts is not said."
        )
    return current[0]


def _parse(data: bytes, reader: _Reader, limits: Limits) -> None:
    if len(data) > limits.container_bytes:
        raise VerifierError("too_large", f"The image is larger than {limits.container_bytes} bytes.")
    parser = DefusedXMLParser(target=reader, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException as error:
        raise VerifierError("xml_entities", "The image defines XML entities, which are never read.") from error
    except (ParseError, ValueError, LookupError) as error:
        raise VerifierError("svg_invalid", "The SVG image is not well-formed XML.") from error


def _root_tag(data: bytes) -> tuple[int, int, bool]:
    """Where the start tag of the root begins and ends (before its `>` or `/>`), and whether it is `<svg/>`."""
    starts: list[int] = []
    parser = expat.ParserCreate()

    def started(_name: str, _attributes: dict[str, str]) -> None:
        if not starts:
            starts.append(parser.CurrentByteIndex)

    parser.StartElementHandler = started
    parser.Parse(data, True)
    quote = 0
    for position in range(starts[0], len(data)):
        byte = data[position]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == ord(">"):
            closed = data[position - 1] == ord("/")
            return starts[0], position - closed, closed
    raise VerifierError("svg_invalid", "The SVG image is not well-formed XML.")


def _without_credentials(data: bytes) -> bytes:
    """`data` without credential elements, cut out of the text so that all else stays byte for byte."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    tags = {tag[1:].replace("}", " ") for tag in _TAGS}

    def started(name: str, _attributes: dict[str, str]) -> None:
        if name in tags:
            opened.append(parser.CurrentByteIndex)

    def ended(name: str) -> None:
        if name in tags:
            at = parser.CurrentByteIndex
            spans.append((opened.pop(), data.index(b">", at) + 1))

    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.Parse(data, True)
    for start, end in reversed(spans):
        data = data[:start] + data[end:]
    return data


def bake(image: bytes, text: bytes, *, replace: bool = False, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """`image` with the credential `text` as the first child of `<svg>`; everything else is kept byte for byte.

    Args:
        image: UTF-8 SVG.
        text: UTF-8 JSON with an embedded proof, or a compact JWS.
        replace: take out a credential that is already there; without it, one is refused.

    Raises:
        VerifierError: `svg_invalid`, `xml_entities`, `image_already_baked`, `too_large`, `not_utf8`.
    """
    if len(text) > limits.credential_bytes:
        raise VerifierError("too_large", f"The credential is larger than {limits.credential_bytes} bytes.")
    try:
        image.decode("utf-8")
    except UnicodeDecodeError as error:
        raise VerifierError("not_utf8", "The SVG image is not UTF-8 text.") from error
    reader = _Reader(limits.credential_bytes)
    _parse(image, reader, limits)
    if reader.root not in _ROOTS:
        raise VerifierError("svg_invalid", "The file is XML, but not an SVG image.")
    if reader.found:
        if not replace:
            raise VerifierError("image_already_baked", "This image already holds a badge.")
        image = _without_credentials(image)
    if _JWS.fullmatch(text):
        element = b'<openbadges:credential xmlns:openbadges="%b" verify="%b"></openbadges:credential>' % (
            NAMESPACE.encode(),
            text,
        )
    else:
        # "]]>" would end the CDATA section; in JSON it can only stand inside a string, where > may be escaped.
        safe = text.replace(b"]]>", b"]]\\u003e")
        element = b'<openbadges:credential xmlns:openbadges="%b"><![CDATA[%b]]></openbadges:credential>' % (
            NAMESPACE.encode(),
            safe,
        )
    start, end, closed = _root_tag(image)
    if not closed:
        return image[: end + 1] + element + image[end + 1 :]
    name = re.match(rb"<([^\s/>]+)", image[start:])
    if name is None:
        raise VerifierError("svg_invalid", "The SVG image is not well-formed XML.")
    return image[:end] + b">" + element + b"</" + name[1] + b">" + image[end + 2 :]
