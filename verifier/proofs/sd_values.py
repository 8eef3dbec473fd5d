"""The `proofValue` of ecdsa-sd-2023: CBOR behind a header (vc-di-ecdsa 1.0, section 3.4), both directions."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import cbor2

from verifier.errors import VerifierError
from verifier.formats import multibase

_BASE = b"\xd9\x5d\x00"
_DERIVED = b"\xd9\x5d\x01"
_LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BaseProof:
    """Attributes:
    signature: by the issuer's key, 64 bytes.
    public_key: of the proof's own P-256 key, 35 bytes with its multicodec prefix.
    hmac_key: 32 bytes.
    signatures: by the proof's own key, one for each statement that is not mandatory.
    """

    signature: bytes
    public_key: bytes
    hmac_key: bytes
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]

    def write(self) -> str:
        parts = [self.signature, self.public_key, self.hmac_key, list(self.signatures), list(self.mandatory_pointers)]
        return multibase.encode_base64url(_BASE + cbor2.dumps(parts))


@dataclass(frozen=True, slots=True)
class DerivedProof:
    """As `BaseProof`; `labels` maps the number in a canonical name to the 32 bytes of the HMAC name."""

    signature: bytes
    public_key: bytes
    signatures: tuple[bytes, ...]
    labels: Mapping[int, bytes]
    mandatory_indexes: tuple[int, ...]

    def write(self) -> str:
        parts = [
            self.signature,
            self.public_key,
            list(self.signatures),
            dict(sorted(self.labels.items())),
            list(self.mandatory_indexes),
        ]
        return multibase.encode_base64url(_DERIVED + cbor2.dumps(parts))


def read(text: object) -> BaseProof | DerivedProof:
    """Raises `VerifierError` `proof_malformed`."""
    if not isinstance(text, str) or not text.startswith("u") or len(text) > _LONGEST:
        raise _malformed()
    try:
        data = multibase.decode(text)
    except VerifierError as cause:
        raise _malformed() from cause
    parts = _list(_cbor(data[3:]), 5)
    if data[:3] == _BASE:
        return BaseProof(
            _bytes(parts[0], 64),
            _public_key(parts[1]),
            _bytes(parts[2], 32),
            tuple(_bytes(item, 64) for item in _list(parts[3])),
            tuple(_text(item) for item in _list(parts[4])),
        )
    if data[:3] == _DERIVED:
        labels = parts[3]
        if not isinstance(labels, dict):
            raise _malformed()
        indexes = tuple(_number(item) for item in _list(parts[4]))
        if len(set(indexes)) != len(indexes):
            raise _malformed()
        return DerivedProof(
            _bytes(parts[0], 64),
            _public_key(parts[1]),
            tuple(_bytes(item, 64) for item in _list(parts[2])),
            {_number(number): _bytes(name, 32) for number, name in labels.items()},
            indexes,
        )
    raise _malformed()


def _cbor(data: bytes) -> object:
    stream = io.BytesIO(data)
    try:
        value: object = cbor2.CBORDecoder(stream).decode()
    # The library turns tagged values into objects of many kinds, whose constructors fail in ways of their own.
    except (cbor2.CBORDecodeError, ValueError, TypeError, ArithmeticError, RecursionError, MemoryError) as cause:
        raise _malformed() from cause
    if stream.read(1):
        raise _malformed()
    return value


def _list(value: object, length: int | None = None) -> list[object]:
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise _malformed()
    return value


def _bytes(value: object, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise _malformed()
    return value


def _public_key(value: object) -> bytes:
    found = _bytes(value, 35)
    if not found.startswith(b"\x80\x24"):
        raise _malformed()
    return found


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise _malformed()
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _malformed()
    return value


def _malformed() -> VerifierError:
    return VerifierError("proof_malformed", "The proof value is not one of ecdsa-sd-2023.", pointer="/proofValue")
