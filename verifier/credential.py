"""A credential as it came in: the bytes, the document in them, and the envelope around it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Jws:
    """A compact JWS (RFC 7515), split but not verified. `signing_input` is ASCII `header.payload`."""

    header: Mapping[str, Any]
    payload: Mapping[str, Any]
    signing_input: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Credential:
    """One parsed credential.

    Attributes:
        raw: the bytes that were handed in, untouched.
        document: the JSON object that is the credential (out of its image or JWT).
        text: the exact UTF-8 bytes of the credential itself (JSON text or compact JWS).
        media_type: of `raw`: `application/vc+ld+json`, `application/vc+jwt`, `image/png` or `image/svg+xml`.
        jws: the envelope, if the credential is secured as a JWT; then `document` is derived from its payload.
        attributed_to: the issuer as the checks found it, where the document itself cannot name it (Open Badges 2.0);
            "" if they found none. None: the document names its issuer.
    """

    raw: bytes
    document: Mapping[str, Any]
    text: bytes
    media_type: str
    jws: Jws | None = None
    notes: tuple[str, ...] = field(default=())
    attributed_to: str | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def types(self) -> tuple[str, ...]:
        value = self.document.get("type")
        values = value if isinstance(value, list) else [value]
        return tuple(v for v in values if isinstance(v, str))

    @property
    def issuer_id(self) -> str | None:
        """`issuer` itself if it is a string, else its `id`: what the document says of itself, not whom we trust."""
        if self.attributed_to is not None:
            return self.attributed_to or None
        issuer = self.document.get("issuer")
        if isinstance(issuer, Mapping):
            issuer = issuer.get("id")
        return issuer if isinstance(issuer, str) else None
