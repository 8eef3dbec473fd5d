"""Raw signatures: Ed25519 (RFC 8032) and ECDSA as `r || s` (IEEE P1363), each over exactly the bytes it is given."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from verifier.errors import VerifierError
from verifier.formats.multikey import KeyKind, PublicKey

#: Bytes of one signature.
LENGTHS: Mapping[KeyKind, int] = {"Ed25519": 64, "P-256": 64, "P-384": 96}
_HASHES: Mapping[KeyKind, hashes.HashAlgorithm] = {"P-256": hashes.SHA256(), "P-384": hashes.SHA384()}


def check(key: PublicKey, payload: bytes, signature: bytes) -> None:
    """Nothing if `signature` is one of `payload` by `key`.

    Raises:
        VerifierError: `proof_invalid`; `proof_malformed` for a wrong length; `key_type_mismatch` for a kind of key
            that makes no raw signatures.
    """
    length = LENGTHS.get(key.kind)
    if length is None:
        raise VerifierError("key_type_mismatch", "The key is not of the kind that this proof needs.")
    if len(signature) != length:
        raise VerifierError("proof_malformed", "The signature has the wrong length.", pointer="/proofValue")
    found = key.key
    try:
        if isinstance(found, ed25519.Ed25519PublicKey):
            found.verify(signature, payload)
        elif isinstance(found, ec.EllipticCurvePublicKey):
            half = length // 2
            numbers = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
            found.verify(encode_dss_signature(*numbers), payload, ec.ECDSA(_HASHES[key.kind]))
    except InvalidSignature as cause:
        raise VerifierError("proof_invalid", "The signature does not belong to this content and this key.") from cause
