"""Whom this installation recognises: its own organisations, and those in the operator's trust file. Nobody else."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from issuer import clock
from issuer.config import ConfigError
from issuer.credentials.addresses import Addresses
from issuer.queries.credentials import organisation_slugs
from issuer.web.current import looking, runtime
from verifier.errors import VerifierError
from verifier.policy import AnyOf, Policy, TrustedIssuer, TrustedIssuers
from verifier.trust import read_registry

_files: dict[Path, TrustedIssuers] = {}


def load(path: Path | None) -> None:
    """Read the trust file at start, so that a wrong one stops the service and not somebody's verification.

    Raises:
        ConfigError: it cannot be read.
    """
    if path is None:
        return
    try:
        _files[path] = read_registry(path.read_bytes(), now=clock.now()).policy
    except (OSError, VerifierError) as error:
        raise ConfigError(f"BADGEWRIGHT_TRUST_FILE names {path}, which cannot be used: {error}") from error


def policy(session: Session) -> Policy:
    own = recognised(runtime().addresses, organisation_slugs(session))
    path = runtime().config.trust_file
    return AnyOf(own, _files[path]) if path in _files else own


def current_policy() -> Policy:
    """The same for callers without a session of their own."""
    with looking() as session:
        return policy(session)


def recognised(addresses: Addresses, slugs: tuple[str, ...]) -> TrustedIssuers:
    return TrustedIssuers(
        *(TrustedIssuer(addresses.organisation_did(slug)) for slug in slugs), registry="this installation"
    )
