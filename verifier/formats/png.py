"""Baked PNG images (Open Badges 3.0, section 5.3.1): the credential in one `iTXt` chunk.

Writing follows the rule (keyword `openbadgecredential`, not compressed, no language); reading is kinder: compressed
chunks and the keywords of CLR 2.0 and Open Badges 2.0 are understood too.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from verifier.errors import VerifierError
from verifier.limits import DEFAULT_LIMITS, Limits

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = "openbadgecredential"
OPEN_BADGES_2 = "openbadges"
KEYWORDS = (KEYWORD, "clrcredential", OPEN_BADGES_2)


@dataclass(frozen=True, slots=True)
class Baked:
    """What an image holds: `text` is UTF-8 JSON or a compact JWS, `keyword` says which standard put it there."""

    keyword: str
    text: bytes


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    start: int
    end: int
    body: bytes


def _chunks(data: bytes, limits: Limits) -> Iterator[_Chunk]:
    if not data.startswith(SIGNATURE):
        raise VerifierError("png_invalid", "The file is not a PNG image.")
    if len(data) > limits.container_bytes:
        raise VerifierError("too_large", f"The image is larger than {limits.container_bytes} bytes.")
    position = len(SIGNATURE)
    for _ in range(limits.png_chunks):
        if position + 12 > len(data):
            raise VerifierError("png_invalid", "The PNG image is cut off.")
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            raise VerifierError("png_invalid", "The PNG image is cut off.")
        body = data[position + 8 : end - 4]
        if zlib.crc32(body, zlib.crc32(kind)) != struct.unpack_from(">I", data, end - 4)[0]:
            raise VerifierError("png_invalid", "The PNG image is damaged (a checksum is wrong).")
        yield _Chunk(kind=kind, start=position, end=end, body=body)
        if kind == b"IEND":
            return
        position = end
    raise VerifierError("png_too_many_chunks", f"The PNG image has more than {limits.png_chunks} parts.")


def _inflate(body: bytes, limit: int) -> bytes:
    try:
        inflate = zlib.decompressobj()
        text = inflate.decompress(body, limit + 1)
    except zlib.error as error:
        raise VerifierError("png_invalid", "The text in the PNG image cannot be decompressed.") from error
    if len(text) > limit:
        raise VerifierError("too_large", f"The credential in the image is larger than {limit} bytes.")
    if not inflate.eof:
        raise VerifierError("png_invalid", "The text in the PNG image is cut off.")
    return text


def _baked(chunk: _Chunk, left: int, limits: Limits) -> Baked | None:
    """The credential in a text chunk, or None if it is some other text. At most `left` bytes are inflated."""
    keyword_bytes, found, rest = chunk.body.partition(b"\0")
    keyword = keyword_bytes.decode("latin-1")
    if chunk.kind not in (b"iTXt", b"tEXt", b"zTXt") or not found or keyword not in KEYWORDS:
        return None
    if chunk.kind == b"tEXt":
        text = rest
    elif chunk.kind == b"zTXt":
        text = _inflate(rest[1:], left)
    else:
        _language, _, after = rest[2:].partition(b"\0")
        _translated, _, text = after.partition(b"\0")
        if rest[:1] == b"\x01":
            text = _inflate(text, left)
    if len(text) > left:
        raise VerifierError("too_large", f"The credential in the image is larger than {limits.credential_bytes} bytes.")
    return Baked(keyword=keyword, text=text)


def extract(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Baked:
    """The credential in a PNG image.

    Raises:
        VerifierError: `png_invalid`, `png_too_many_chunks`, `too_large`, `image_without_credential`,
            `image_with_two_credentials`.
    """
    found: list[Baked] = []
    # One allowance for all texts together: each of thousands of small chunks could grow to the full size.
    left = limits.credential_bytes
    for chunk in _chunks(data, limits):
        baked = _baked(chunk, left, limits)
        if baked is not None:
            found.append(baked)
            left -= len(baked.text)
    current = [baked for baked in found if baked.keyword != OPEN_BADGES_2] or found
    if not current:
        raise VerifierError("image_without_credential", "This image holds no badge: it is only a picture.")
    if len(current) > 1:
        raise VerifierError(
            "image_with_two_credentials", "This image holds more than one badge; which one counts is not said."
        )
    return current[0]


def bake(image: bytes, text: bytes, *, replace: bool = False, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """`image` with the credential `text` in it, before the end chunk; every other chunk is kept byte for byte.

    Args:
        text: UTF-8 JSON with an embedded proof, or a compact JWS.
        replace: take out a credential that is already there; without it, one is refused.

    Raises:
        VerifierError: `png_invalid`, `image_already_baked`, `too_large`.
    """
    if len(text) > limits.credential_bytes:
        raise VerifierError("too_large", f"The credential is larger than {limits.credential_bytes} bytes.")
    kind = b"iTXt"
    body = KEYWORD.encode("ascii") + b"\0\0\0\0\0" + text
    new = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
    out = bytearray(SIGNATURE)
    left = limits.credential_bytes
    for chunk in _chunks(image, limits):
        old = _baked(chunk, left, limits)
        if old is not None:
            if not replace:
                raise VerifierError("image_already_baked", "This image already holds a badge.")
            left -= len(old.text)
            continue
        if chunk.kind == b"IEND":
            out += new
        out += image[chunk.start : chunk.end]
    return bytes(out)
