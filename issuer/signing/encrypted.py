"""Private keys at rest in the database, encrypted under the installation's key secret: URI `encrypted:`.

A record is `version (1) || salt (16) || nonce (12) || AES-256-GCM ciphertext and tag`. The encryption key is
scrypt(secret, salt); the associated data holds the public key, so that a record moved to another row does not open.
The secret is `BADGEWRIGHT_KEY_SECRET`, which is never the one that signs sessions: whoever can forge a cookie must
not thereby be able to forge a credential.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from issuer.signing.local import LocalSigner, PrivateKey, algorithm_of, generate
from issuer.signing.signer import Algorithm, KeyUnavailable, NewKey, Signer, StoredKey
from verifier.formats import multikey

_VERSION = b"\x01"
_SALT, _NONCE = 16, 12
_CONTEXT = b"badgewright signing key 1\x00"


def _derive(secret: str, salt: bytes) -> bytes:
    """32 bytes; costs about 60 ms and 32 MB (RFC 7914, n = 2^15, r = 8, p = 1)."""
    return Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(secret.encode())


def seal(secret: str, key_id: str, plaintext: bytes) -> bytes:
    """`plaintext` encrypted so that it opens only with `secret` and for `key_id`."""
    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    sealed = AESGCM(_derive(secret, salt)).encrypt(nonce, plaintext, _CONTEXT + key_id.encode())
    return _VERSION + salt + nonce + sealed


def unseal(secret: str, key_id: str, record: bytes) -> bytes:
    """The plaintext of `seal`.

    Raises:
        KeyUnavailable: code `key_not_readable`: another secret, another key's record, or damaged bytes.
    """
    head = len(_VERSION) + _SALT + _NONCE
    if len(record) <= head or not record.startswith(_VERSION):
        raise KeyUnavailable("The stored signing key is damaged.", code="key_not_readable")
    salt, nonce = record[1 : 1 + _SALT], record[1 + _SALT : head]
    try:
        return AESGCM(_derive(secret, salt)).decrypt(nonce, record[head:], _CONTEXT + key_id.encode())
    except InvalidTag:
        raise KeyUnavailable(
            "The signing key cannot be decrypted: BADGEWRIGHT_KEY_SECRET is not the one it was stored under.",
            code="key_not_readable",
        ) from None


class EncryptedKeys:
    """The backend behind `encrypted:`."""

    scheme = "encrypted"

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def create(self, algorithm: Algorithm) -> NewKey:
        private = generate(algorithm)
        public = multikey.encode(multikey.from_cryptography(private.public_key()))
        plaintext = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return NewKey(algorithm, public, "encrypted:", seal(self._secret, public, plaintext))

    def open(self, key: StoredKey, verification_method: str) -> Signer:
        if key.private_encrypted is None:
            raise KeyUnavailable("The signing key's private half is not stored here.", code="key_not_readable")
        plaintext = unseal(self._secret, key.public_multibase, key.private_encrypted)
        return LocalSigner(verification_method, Algorithm(key.algorithm), _load(plaintext, key))


def _load(plaintext: bytes, key: StoredKey) -> PrivateKey:
    private = serialization.load_der_private_key(plaintext, password=None)
    algorithm = algorithm_of(private)
    if (
        algorithm is None
        or algorithm != key.algorithm
        or multikey.encode(multikey.from_cryptography(private.public_key())) != key.public_multibase
    ):
        raise KeyUnavailable("The stored signing key does not belong to its public key.", code="key_not_readable")
    return private  # type: ignore[return-value]  # algorithm_of has just shown that it is one of ours
