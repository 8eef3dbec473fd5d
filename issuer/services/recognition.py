"""Whom this installation recognises, and the digests that say afterwards which list it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from issuer.credentials.addresses import Addresses
from issuer.errors import ServiceError
from issuer.queries.credentials import organisation_slugs
from verifier.errors import VerifierError
from verifier.policy import AnyOf, Policy, TrustedIssuers
from verifier.trust import read_registry

#: The organisations of the installation itself, as a registry.
OWN = "this installation"


class TrustFileUnusable(ServiceError):
    """The operator's list of recognised issuers cannot be read."""

    status = 503
    code = "trust_file_unusable"


@dataclass(frozen=True, slots=True)
class Recognition:
    """A policy, and each registry in it as {"name", "sha256"}."""

    policy: Policy
    registries: tuple[dict[str, str], ...]


def recognition(session: Session, addresses: Addresses, trust_file: Path | None, now: datetime) -> Recognition:
    """The installation's own organisations, and those in the operator's trust file. Nobody else.

    Raises:
        TrustFileUnusable: the file is away or is none.
    """
    own = [addresses.organisation_did(slug) for slug in organisation_slugs(session)]
    policies: list[Policy] = [TrustedIssuers(*own, registry=OWN)]
    registries = [{"name": OWN, "sha256": _digest(json.dumps(sorted(own), separators=(",", ":")).encode())}]
    if trust_file is not None:
        try:
            data = trust_file.read_bytes()
            read = read_registry(data, now=now).policy
        except (OSError, VerifierError) as error:
            raise TrustFileUnusable("The list of recognised issuers of this server cannot be read.") from error
        policies.append(read)
        registries.append({"name": read.registry or trust_file.name, "sha256": _digest(data)})
    return Recognition(AnyOf(*policies), tuple(registries))


def together(before: Sequence[dict[str, str]], now: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Both lists without what is in them twice: a job may go on after the operator changed the file."""
    return [dict(pairs) for pairs in dict.fromkeys(tuple(sorted(each.items())) for each in (*before, *now))]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
