"""The keyring: opens the signer for a stored key, by the scheme of its URI."""

from __future__ import annotations

import threading
from typing import Protocol

from issuer.signing.encrypted import EncryptedKeys
from issuer.signing.signer import Algorithm, KeyUnavailable, NewKey, Signer, StoredKey


class Backend(Protocol):
    """One place where private keys may live. `scheme` is the part of a key's URI before the colon."""

    scheme: str

    def create(self, algorithm: Algorithm) -> NewKey: ...

    def open(self, key: StoredKey, verification_method: str) -> Signer: ...


class Keyring:
    """All backends of an installation. Opened signers are kept, because opening costs a key derivation.

    Args:
        secret: `BADGEWRIGHT_KEY_SECRET`, at least 16 characters.
        backends: further places for keys, such as a security module.
    """

    def __init__(self, secret: str, backends: tuple[Backend, ...] = ()) -> None:
        if len(secret) < 16:
            raise ValueError("the key secret needs at least 16 characters")
        self._backends = {backend.scheme: backend for backend in (EncryptedKeys(secret), *backends)}
        self._opened: dict[tuple[str, str, bytes | None], Signer] = {}
        self._lock = threading.Lock()

    def create(self, algorithm: Algorithm = Algorithm.ED25519, *, scheme: str = "encrypted") -> NewKey:
        """A new key pair, its private half already in its place.

        Raises:
            KeyUnavailable: code `key_backend_unknown`.
        """
        return self._backend(scheme).create(algorithm)

    def signer(self, key: StoredKey, verification_method: str) -> Signer:
        """The signer for a stored key, which signs under `verification_method`.

        Raises:
            KeyUnavailable: codes `key_backend_unknown`, `key_not_readable`.
        """
        place = (key.uri, verification_method, key.private_encrypted)
        with self._lock:
            found = self._opened.get(place)
            if found is None:
                found = self._backend(key.uri.partition(":")[0]).open(key, verification_method)
                self._opened[place] = found
            return found

    def _backend(self, scheme: str) -> Backend:
        backend = self._backends.get(scheme)
        if backend is None:
            raise KeyUnavailable(
                f"This installation knows no place for keys called {scheme!r}.", code="key_backend_unknown"
            )
        return backend
