"""Where an https issuer says which keys sign its JWTs: `/.well-known/jwks.json` (Open Badges 3.0: key provenance)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Fetcher
from verifier.limits import Limits
from verifier.resolvers.web import fetch_object

_MAX_KEYS = 64


@dataclass(frozen=True, slots=True)
class KeySet:
    """The JWKs of a host. `names_issuer`: it says that they are those of the one issuer asked for."""

    keys: tuple[Mapping[str, Any], ...]
    names_issuer: bool


def address_of(issuer: str) -> str:
    """`https://{authority of the issuer's id}/.well-known/jwks.json`.

    Raises:
        CouldNotCheck: `issuer_method_not_supported`: the issuer is no https URL; `url_invalid`.
    """
    if not issuer.startswith("https://"):
        raise CouldNotCheck(
            "issuer_method_not_supported",
            "The issuer is named in a way for which keys cannot be found.",
            details={"issuer": issuer[:200]},
        )
    try:
        authority = urlsplit(issuer).netloc
    except ValueError as cause:
        raise CouldNotCheck(
            "url_invalid", "An address in this credential is not a usable URL.", details={"url": issuer[:200]}
        ) from cause
    return f"https://{authority}/.well-known/jwks.json"


def fetch(issuer: str, fetcher: Fetcher, limits: Limits) -> KeySet:
    """The issuer's key set.

    Raises:
        VerifierError: `key_set_malformed`, `key_set_of_another`: the set names another issuer.
        CouldNotCheck: not fetched or not readable.
    """
    url = address_of(issuer)
    document = fetch_object(url, fetcher, limits)
    keys = document.get("keys")
    if not isinstance(keys, list) or len(keys) > _MAX_KEYS or not all(isinstance(key, Mapping) for key in keys):
        raise VerifierError("key_set_malformed", "The issuer's set of keys is not one.", details={"url": url})
    if "iss" in document and document["iss"] != issuer:
        raise VerifierError(
            "key_set_of_another",
            "The set of keys at the issuer's address belongs to somebody else.",
            details={"url": url},
        )
    return KeySet(tuple(keys), "iss" in document)
