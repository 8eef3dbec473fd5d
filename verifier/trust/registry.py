"""Reading a registry in any of its formats, after making sure that it is the one the caller means."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from verifier.errors import VerifierError
from verifier.formats import json_text
from verifier.policy import TrustedIssuers
from verifier.trust import badgewright, dcc
from verifier.trust.signing import check_signature

#: A state's list is far smaller; more is a mistake or an attack.
MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Registry:
    """One registry as read.

    Attributes:
        policy: recognises its issuers, and names the registry in the report.
        format: `badgewright` or `dcc`.
        revision: of its content, as its publisher counts; "" if it does not say.
        valid_until: aware; after it, whoever keeps the registry in memory must not use it any more.
        sha256: hex, of the file's bytes.
        signed_by: the DID whose signature was checked because the caller named it; "" if none was asked for.
    """

    name: str
    policy: TrustedIssuers
    format: str
    revision: str
    updated: str
    valid_until: datetime | None
    sha256: str
    signed_by: str = ""


def read_registry(
    data: bytes,
    *,
    now: datetime,
    sha256: str = "",
    signers: Collection[str] = (),
) -> Registry:
    """The registry in `data`.

    Args:
        data: the file.
        now: aware; a registry past its `validUntil` is refused.
        sha256: hex digest that the file must have, if not "".
        signers: did:key identifiers; if any are given, the file must be signed by one of them.

    Raises:
        VerifierError: `trust_registry_digest`, `trust_registry_unsigned`, `trust_registry_signature`,
            `trust_registry_malformed`, `trust_registry_version`, `trust_registry_expired`, and those of JSON.
    """
    digest = hashlib.sha256(data).hexdigest()
    if sha256 and not hmac.compare_digest(digest, sha256.strip().lower()):
        raise VerifierError(
            "trust_registry_digest",
            "The trust registry is not the file whose digest you gave.",
            details={"expected": sha256, "found": digest},
        )
    document = json_text.load_object(data, max_bytes=MAX_BYTES)
    signed_by = check_signature(document, signers, now)
    listed = dcc.read(document) if dcc.is_dcc(document) else badgewright.read(document, now)
    return Registry(
        name=listed.name,
        policy=TrustedIssuers(*listed.issuers, registry=listed.name),
        format=listed.format,
        revision=listed.revision,
        updated=listed.updated,
        valid_until=listed.valid_until,
        sha256=digest,
        signed_by=signed_by,
    )
