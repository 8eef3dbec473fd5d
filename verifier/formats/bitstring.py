"""The bitstring of a status list (W3C Bitstring Status List v1.0, sections 3.2 to 3.4).

A list is `bytes`; index 0 is the most significant bit of byte 0. `encodedList` is multibase base64url (`u`), no
padding, of the GZIP-compressed list.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib

from verifier.errors import VerifierError
from verifier.limits import DEFAULT_LIMITS

#: Entries of the smallest list that may be published: less would tell which badge is asked about (section 3.4).
MINIMUM_ENTRIES = 131_072

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


def empty(entries: int = MINIMUM_ENTRIES, size: int = 1) -> bytes:
    """A list of `entries` statuses of `size` bits each, all 0."""
    return bytes((entries * size + 7) // 8)


def get(bits: bytes, index: int, size: int = 1) -> int:
    """The status at `index`, an integer of `size` bits.

    Raises:
        VerifierError: `status_index_out_of_range`.
    """
    _check(bits, index, size)
    first = index * size
    last = first + size
    whole = int.from_bytes(bits[first // 8 : (last + 7) // 8], "big")
    return (whole >> (-last % 8)) & ((1 << size) - 1)


def put(bits: bytes, index: int, value: int, size: int = 1) -> bytes:
    """A copy of `bits` with `value` at `index`.

    Raises:
        VerifierError: `status_index_out_of_range`.
        ValueError: `value` does not fit into `size` bits.
    """
    _check(bits, index, size)
    if not 0 <= value < (1 << size):
        raise ValueError(f"{value} does not fit into {size} bits")
    result = bytearray(bits)
    for offset in range(size):
        byte, bit = divmod(index * size + offset, 8)
        mask = 0x80 >> bit
        if value >> (size - 1 - offset) & 1:
            result[byte] |= mask
        else:
            result[byte] &= ~mask
    return bytes(result)


def _check(bits: bytes, index: int, size: int) -> None:
    if size < 1 or index < 0 or (index + 1) * size > len(bits) * 8:
        raise VerifierError(
            "status_index_out_of_range",
            f"The status list has no entry {index}.",
            details={"index": index, "entries": len(bits) * 8 // max(size, 1)},
        )


def encode(bits: bytes) -> str:
    """`encodedList` for `bits`; the same bits always give the same text."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(bits, mtime=0)).rstrip(b"=").decode("ascii")


def decode(encoded: str, *, max_bytes: int = DEFAULT_LIMITS.inflated_list_bytes, multibase: bool = True) -> bytes:
    """The bits in `encoded`.

    Args:
        max_bytes: no more is inflated.
        multibase: `encoded` starts with `u`; False for StatusList2021, which has no prefix.

    Raises:
        VerifierError: `status_list_malformed`, `status_list_too_large`.
    """
    body = encoded.removeprefix("u") if multibase else encoded
    if (multibase and not encoded.startswith("u")) or not _BASE64URL.fullmatch(body.rstrip("=")):
        raise VerifierError("status_list_malformed", "The status list is not base64url text.")
    body = body.rstrip("=")
    try:
        packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        inflate = zlib.decompressobj(wbits=31)
        bits = inflate.decompress(packed, max_bytes + 1)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise VerifierError("status_list_malformed", "The status list cannot be decompressed.") from error
    if len(bits) > max_bytes:
        raise VerifierError(
            "status_list_too_large",
            f"The status list grows beyond {max_bytes} bytes.",
            details={"max_bytes": max_bytes},
        )
    if not inflate.eof or inflate.unused_data:
        raise VerifierError("status_list_malformed", "The status list is cut off, or something follows it.")
    return bits
