"""Public keys as documents write them: Multikey and JWK, both directions.

Sources: W3C Controlled Identifiers 1.0, section 2.2.2 (Multikey) and 2.2.3 (JsonWebKey); RFC 7517, 7518, 8037.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from verifier.errors import VerifierError
from verifier.formats import multibase

KeyKind = Literal["Ed25519", "P-256", "P-384", "RSA"]
CryptographyKey = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey

#: Multicodec prefixes of public keys, with the length of the key after it.
_PREFIXES: Mapping[KeyKind, tuple[bytes, int]] = {
    "Ed25519": (b"\xed\x01", 32),
    "P-256": (b"\x80\x24", 33),
    "P-384": (b"\x81\x24", 49),
}
_SECRET_PREFIXES: Mapping[KeyKind, tuple[bytes, int]] = {
    "Ed25519": (b"\x80\x26", 32),
    "P-256": (b"\x86\x26", 32),
    "P-384": (b"\x87\x26", 48),
}
_CURVES: Mapping[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
_PRIVATE_MEMBERS = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
_SMALLEST_RSA = 2048
_LARGEST_RSA = 8192


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One public key. `raw`: 32 bytes for Ed25519, the compressed point for a curve, DER (RFC 5280) for RSA."""

    kind: KeyKind
    raw: bytes

    @property
    def key(self) -> CryptographyKey:
        """For signature checks. Raises `VerifierError` `key_malformed` if `raw` is no such key."""
        return _load(self.kind, self.raw)


@lru_cache(maxsize=1024)
def _load(kind: KeyKind, raw: bytes) -> CryptographyKey:
    try:
        if kind == "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        if kind == "RSA":
            loaded = serialization.load_der_public_key(raw)
            if not isinstance(loaded, rsa.RSAPublicKey):
                raise _malformed("An RSA key is none.")
            return loaded
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[kind], raw)
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise _malformed("A public key is not a point of its curve.") from cause


def _malformed(message: str) -> VerifierError:
    return VerifierError("key_malformed", message)


def _unsupported(what: object) -> VerifierError:
    return VerifierError(
        "key_type_unsupported", "The key is of a kind that is not supported.", details={"kind": str(what)[:100]}
    )


def decode(text: object) -> PublicKey:
    """The key of `publicKeyMultibase`, prefix and length checked.

    Raises:
        VerifierError: `multibase_malformed`, `key_malformed`, `key_type_unsupported`.
    """
    data = multibase.decode(text)
    if isinstance(text, str) and not text.startswith("z"):
        raise _malformed("A Multikey is written in base58btc.")
    for kind, (prefix, length) in _PREFIXES.items():
        if data.startswith(prefix):
            if len(data) != len(prefix) + length:
                raise _malformed(f"A {kind} key has the wrong length.")
            found = PublicKey(kind, data[len(prefix) :])
            _load(found.kind, found.raw)
            return found
    raise _unsupported(data[:2].hex())


def encode(key: PublicKey) -> str:
    """`publicKeyMultibase` of a key. Raises `VerifierError` `key_type_unsupported` for RSA, which has none."""
    if key.kind not in _PREFIXES:
        raise _unsupported(key.kind)
    return multibase.encode_base58(_PREFIXES[key.kind][0] + key.raw)


def bytes_of(key: PublicKey) -> bytes:
    """The key with its multicodec prefix, as ecdsa-sd-2023 carries it. Errors as for `encode`."""
    if key.kind not in _PREFIXES:
        raise _unsupported(key.kind)
    return _PREFIXES[key.kind][0] + key.raw


def decode_secret(text: str) -> tuple[KeyKind, bytes]:
    """The kind and raw bytes of a `secretKeyMultibase`; only test vectors and imports of keys have one."""
    data = multibase.decode(text)
    for kind, (prefix, length) in _SECRET_PREFIXES.items():
        if data.startswith(prefix) and len(data) == len(prefix) + length:
            return kind, data[len(prefix) :]
    raise _unsupported(data[:2].hex())


def from_cryptography(key: object) -> PublicKey:
    """A key object of the `cryptography` library. Raises `VerifierError` `key_type_unsupported`, `key_too_weak`."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return PublicKey("Ed25519", key.public_bytes_raw())
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
        if isinstance(key.curve, ec.SECP256R1):
            return PublicKey("P-256", point)
        if isinstance(key.curve, ec.SECP384R1):
            return PublicKey("P-384", point)
        raise _unsupported(key.curve.name)
    if isinstance(key, rsa.RSAPublicKey):
        if not _SMALLEST_RSA <= key.key_size <= _LARGEST_RSA:
            raise VerifierError("key_too_weak", f"An RSA key must have {_SMALLEST_RSA} to {_LARGEST_RSA} bits.")
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return PublicKey("RSA", key.public_bytes(serialization.Encoding.DER, form))
    raise _unsupported(type(key).__name__)


def from_jwk(jwk: Mapping[str, object]) -> PublicKey:
    """The key of a public JWK.

    Raises:
        VerifierError: `key_malformed`, `key_type_unsupported`, `key_too_weak`, `private_key_published`.
    """
    if any(member in jwk for member in _PRIVATE_MEMBERS):
        raise VerifierError("private_key_published", "A key document gives away a private key.")
    kind, curve = jwk.get("kty"), jwk.get("crv")
    if kind == "OKP" and curve == "Ed25519":
        return from_cryptography(_load("Ed25519", _member(jwk, "x", 32)))
    if kind == "EC" and isinstance(curve, str) and curve in _CURVES:
        size = (_CURVES[curve].key_size + 7) // 8
        numbers = ec.EllipticCurvePublicNumbers(
            int.from_bytes(_member(jwk, "x", size)), int.from_bytes(_member(jwk, "y", size)), _CURVES[curve]
        )
        try:
            return from_cryptography(numbers.public_key())
        except ValueError as cause:
            raise _malformed("A public key is not a point of its curve.") from cause
    if kind == "RSA":
        modulus, exponent = (int.from_bytes(_member(jwk, name)) for name in ("n", "e"))
        if not _SMALLEST_RSA <= modulus.bit_length() <= _LARGEST_RSA:
            raise VerifierError("key_too_weak", f"An RSA key must have {_SMALLEST_RSA} to {_LARGEST_RSA} bits.")
        if exponent.bit_length() > 64:
            raise _malformed("The exponent of an RSA key is too large.")
        try:
            return from_cryptography(rsa.RSAPublicNumbers(exponent, modulus).public_key())
        except ValueError as cause:
            raise _malformed("An RSA key is malformed.") from cause
    raise _unsupported(curve or kind)


def _member(jwk: Mapping[str, object], name: str, length: int | None = None) -> bytes:
    value = jwk.get(name)
    if not isinstance(value, str) or len(value) > 2048:
        raise _malformed(f"A JWK has no proper {name!r}.")
    try:
        data = multibase.base64url_decode(value)
    except VerifierError as cause:
        raise _malformed(f"The member {name!r} of a JWK is not base64url.") from cause
    if length is not None and len(data) != length:
        raise _malformed(f"The member {name!r} of a JWK has the wrong length.")
    return data


def to_jwk(key: PublicKey) -> dict[str, str]:
    """The public JWK of a key, members in the order of their names (RFC 7638)."""
    found = key.key
    if isinstance(found, ed25519.Ed25519PublicKey):
        return {"crv": "Ed25519", "kty": "OKP", "x": multibase.base64url_encode(key.raw)}
    if isinstance(found, rsa.RSAPublicKey):
        numbers = found.public_numbers()
        return {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}
    point, size = found.public_numbers(), (found.curve.key_size + 7) // 8
    return {"crv": key.kind, "kty": "EC", "x": _number(point.x, size), "y": _number(point.y, size)}


def _number(value: int, size: int | None = None) -> str:
    return multibase.base64url_encode(value.to_bytes(size or (value.bit_length() + 7) // 8))


def of_method(method: Mapping[str, object]) -> PublicKey:
    """The key in a verification method (Multikey, JsonWebKey and the older types that use the same members).

    Raises:
        VerifierError: as `decode` and `from_jwk`, and `key_malformed` if there is no key or there are two.
    """
    multikey, jwk = method.get("publicKeyMultibase"), method.get("publicKeyJwk")
    if multikey is not None and jwk is not None:
        raise _malformed("A verification method holds two keys.")
    if isinstance(jwk, Mapping):
        return from_jwk(jwk)
    if multikey is None:
        raise _malformed("A verification method holds no key.")
    return decode(multikey)
