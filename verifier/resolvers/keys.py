"""One verification's view of keys: every document is fetched once, and a failure is remembered as well."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from datetime import datetime
from typing import Any

from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import BudgetUsed, Fetcher
from verifier.limits import Limits
from verifier.resolvers import did_jwk, did_key, jwks, web
from verifier.resolvers.controller import ControllerDocument, ResolvedKey, find_key
from verifier.resolvers.jwks import KeySet

_KEY_SETS = 64
_MULTIBASE_KEY = re.compile(r"z(6Mk|Dn|82)[1-9A-HJ-NP-Za-km-z]{40,80}", re.ASCII)


def self_asserted_key(verification_method: str) -> str | None:
    """The key written into the fragment of a verification method, if there is one. It proves nothing by itself:
    anybody can write any issuer's address in front of a key of their own."""
    fragment = verification_method.partition("#")[2]
    return fragment if _MULTIBASE_KEY.fullmatch(fragment) else None


class Keys:
    """Finds issuers' keys for one verification.

    Args:
        now: aware; keys that are expired or revoked at this moment do not count.
        documents: where what was found is kept; a mapping of its own by default.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        limits: Limits,
        now: datetime,
        *,
        documents: MutableMapping[str, ControllerDocument | VerifierError] | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self.now = now
        self._key_sets: dict[str, KeySet | VerifierError] = {}
        self._documents = {} if documents is None else documents

    def document(self, identifier: str) -> ControllerDocument:
        """The document of an issuer.

        Raises:
            VerifierError: the identifier or the document is wrong.
            CouldNotCheck: it could not be had.
        """
        known = self._documents.get(identifier)
        if known is None:
            try:
                known = self._resolve(identifier)
            except BudgetUsed:
                raise  # another verification with this memory may have better luck
            except VerifierError as error:
                known = error
            self._documents[identifier] = known
        if isinstance(known, VerifierError):
            # Raised again and again: without this it would hold the frames of every time before.
            raise known.with_traceback(None)
        return known

    def key_set(self, issuer: str) -> KeySet:
        """The JWKs at the well-known address of an https issuer. Errors as `jwks.fetch`."""
        known = self._key_sets.get(issuer)
        if known is None:
            try:
                known = jwks.fetch(issuer, self._fetcher, self._limits)
            except BudgetUsed:
                raise  # another verification with this memory may have better luck
            except VerifierError as error:
                known = error
            if len(self._key_sets) >= _KEY_SETS:
                self._key_sets.clear()  # one run may meet any number of issuers
            self._key_sets[issuer] = known
        if isinstance(known, VerifierError):
            raise known.with_traceback(None)
        return known

    def fetch(self, url: str) -> Mapping[str, Any]:
        """A JSON object, such as the JWK that a `kid` points at. Errors as `web.fetch_object`."""
        return web.fetch_object(url, self._fetcher, self._limits)

    def find(self, issuer: str, verification_method: str, *, relationship: str = "assertionMethod") -> ResolvedKey:
        """The key `verification_method` in the document of `issuer`, listed there for `relationship`.

        Raises:
            VerifierError: as `document`, and as `find_key`.
        """
        return find_key(
            self.document(issuer),
            verification_method,
            now=self.now,
            fetch_method=self.fetch,
            relationship=relationship,
        )

    def _resolve(self, identifier: str) -> ControllerDocument:
        if identifier.startswith("did:key:"):
            return did_key.resolve(identifier)
        if identifier.startswith("did:jwk:"):
            return did_jwk.resolve(identifier)
        if identifier.startswith(("did:web:", "https://")):
            return web.resolve(identifier, self._fetcher, self._limits)
        raise CouldNotCheck(
            "issuer_method_not_supported",
            "The issuer is named in a way for which keys cannot be found.",
            details={"issuer": identifier[:200]},
        )
