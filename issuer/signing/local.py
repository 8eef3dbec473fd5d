"""Signing with a private key that is in this process's memory, however it came there."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from issuer.signing.signer import Algorithm

PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey

_CURVES: dict[Algorithm, ec.EllipticCurve] = {Algorithm.P256: ec.SECP256R1(), Algorithm.P384: ec.SECP384R1()}


def generate(algorithm: Algorithm) -> PrivateKey:
    """A new private key from the operating system's random source."""
    return (
        Ed25519PrivateKey.generate() if algorithm is Algorithm.ED25519 else ec.generate_private_key(_CURVES[algorithm])
    )


def algorithm_of(key: object) -> Algorithm | None:
    """Which of our algorithms a private key is for, `None` if for no one of them."""
    if isinstance(key, Ed25519PrivateKey):
        return Algorithm.ED25519
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return next((name for name, curve in _CURVES.items() if curve.name == key.curve.name), None)
    return None


@dataclass(frozen=True, slots=True)
class LocalSigner:
    """A `Signer` over a key in memory. Its text form never shows the key."""

    verification_method: str
    algorithm: Algorithm
    _key: PrivateKey = field(repr=False)

    def sign(self, payload: bytes) -> bytes:
        if isinstance(self._key, Ed25519PrivateKey):
            return self._key.sign(payload)
        digest, width = (SHA384(), 48) if self.algorithm is Algorithm.P384 else (SHA256(), 32)
        r, s = decode_dss_signature(self._key.sign(payload, ec.ECDSA(digest)))
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")
