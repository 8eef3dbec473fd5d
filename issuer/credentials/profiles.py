"""The issuer as a credential shows it, and the DID documents under which its keys are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.credentials.moments import timestamp

DID_CONTEXT = "https://www.w3.org/ns/did/v1"
MULTIKEY_CONTEXT = "https://w3id.org/security/multikey/v1"


@dataclass(frozen=True, slots=True)
class Issuer:
    """An organisation as an Open Badges 3.0 Profile. `id` is its DID; `url` its own site or its page here."""

    id: str
    name: str
    url: str = ""
    email: str = ""
    description: str = ""


def profile(issuer: Issuer) -> dict[str, Any]:
    """Profile (Open Badges 3.0, section on Profile); what is not known is left out, never null."""
    document: dict[str, Any] = {"id": issuer.id, "type": ["Profile"], "name": issuer.name}
    for name in ("url", "email", "description"):
        if value := getattr(issuer, name):
            document[name] = value
    return document


def did_document(
    did: str,
    public_keys: Sequence[str],
    *,
    also_known_as: Sequence[str] = (),
    revoked: Mapping[str, datetime] | None = None,
) -> dict[str, Any]:
    """The controller document of `did` with its Multikeys (W3C Controlled Identifiers, section 2).

    `public_keys` are publicKeyMultibase values, the retired ones too: what they signed must go on verifying. Those that
    are `revoked` say since when, and stand under `assertionMethod` no more: a reader that knows either is warned.
    `assertionMethod` holds strings, because that is the one form every reader understands.
    """
    revoked = revoked or {}
    document: dict[str, Any] = {"@context": [DID_CONTEXT, MULTIKEY_CONTEXT], "id": did}
    if also_known_as:
        document["alsoKnownAs"] = list(also_known_as)
    document["verificationMethod"] = [
        {
            "id": f"{did}#{key}",
            "type": "Multikey",
            "controller": did,
            **({"revoked": timestamp(revoked[key])} if key in revoked else {}),
            "publicKeyMultibase": key,
        }
        for key in public_keys
    ]
    document["assertionMethod"] = [f"{did}#{key}" for key in public_keys if key not in revoked]
    return document
