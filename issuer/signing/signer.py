"""What every signing backend is to the rest of the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from issuer.errors import ServiceError


class Algorithm(StrEnum):
    """Kinds of key, as `signing_keys.algorithm` stores them."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    P384 = "P-384"


class KeyUnavailable(ServiceError):
    """The private key cannot be used now: wrong secret, damaged row, unknown backend, device away."""

    status = 503
    code = "key_unavailable"


class Signer(Protocol):
    """One key, ready to sign.

    `verification_method` is the DID URL under which the public half is published; `algorithm` says what `sign` makes:
    Ed25519 64 bytes (RFC 8032, pure); P-256 and P-384 raw `r || s` of 64 and 96 bytes over SHA-256 and SHA-384.
    """

    @property
    def verification_method(self) -> str: ...

    @property
    def algorithm(self) -> Algorithm: ...

    def sign(self, payload: bytes) -> bytes:
        """The signature over exactly these bytes.

        Raises:
            KeyUnavailable: the backend cannot sign now.
        """
        ...


class StoredKey(Protocol):
    """What a backend needs of a row of `signing_keys`."""

    @property
    def public_multibase(self) -> str: ...

    @property
    def algorithm(self) -> str: ...

    @property
    def uri(self) -> str: ...

    @property
    def private_encrypted(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair just made: `public_multibase` is its Multikey, `uri` says where the private half is."""

    algorithm: Algorithm
    public_multibase: str
    uri: str
    private_encrypted: bytes | None = field(default=None, repr=False)
