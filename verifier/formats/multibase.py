"""Multibase texts as credentials use them: `z` for base58btc and `u` for base64url without padding.

Source: W3C Controlled Identifiers 1.0, section 2.4 (Multibase). Each value has exactly one text, and only that one is
read.
"""

from __future__ import annotations

import base64
import binascii

from verifier.errors import VerifierError

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
#: Base 58 costs quadratic time; keys and signatures are far shorter.
_LONGEST_BASE58 = 1024


def _malformed(message: str) -> VerifierError:
    return VerifierError("multibase_malformed", message)


def base58_encode(data: bytes) -> str:
    """`data` in base58btc, leading zero bytes as leading `1`s."""
    number = int.from_bytes(data)
    digits: list[str] = []
    while number:
        number, rest = divmod(number, 58)
        digits.append(_ALPHABET[rest])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))


def base58_decode(text: str) -> bytes:
    """Raises `VerifierError` `multibase_malformed`."""
    if len(text) > _LONGEST_BASE58:
        raise _malformed("A base58 text is too long.")
    number = 0
    for letter in text:
        value = _VALUES.get(letter)
        if value is None:
            raise _malformed("A base58 text holds a letter that is none of its alphabet.")
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def base64url_encode(data: bytes) -> str:
    """`data` in base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64url_decode(text: str) -> bytes:
    """The opposite, strictly: no padding, no other alphabet, no stray bits. Raises `multibase_malformed`."""
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as cause:
        raise _malformed("A text is not base64url.") from cause
    if base64url_encode(data) != text:
        raise _malformed("A text is not written in the one allowed way of base64url.")
    return data


def decode(text: object) -> bytes:
    """The bytes of a multibase text in `z` or `u` form. Raises `VerifierError` `multibase_malformed`."""
    if not isinstance(text, str) or text[:1] not in ("z", "u") or len(text) < 2:
        raise _malformed("A multibase text must start with z (base58btc) or u (base64url).")
    return base58_decode(text[1:]) if text[0] == "z" else base64url_decode(text[1:])


def encode_base58(data: bytes) -> str:
    """`data` as a `z` text."""
    return "z" + base58_encode(data)


def encode_base64url(data: bytes) -> str:
    """`data` as a `u` text."""
    return "u" + base64url_encode(data)
