"""Whom this installation recognises when it verifies: its own organisations, and those in the operator's registries.

The files are read once, at start, so that a wrong one stops the service and not somebody's verification. That one of
them is past its time is looked at each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from issuer import clock
from issuer.config import Config, ConfigError
from verifier.errors import VerifierError
from verifier.policy import AnyOf, Policy, TrustedIssuer, TrustedIssuers
from verifier.trust import Registry, read_registry

#: How the report names the installation's own organisations.
OWN = "this service"


@dataclass(frozen=True, slots=True)
class Recognition:
    """The registries that the operator named."""

    registries: tuple[Registry, ...] = ()

    def current(self, now: datetime) -> tuple[Registry, ...]:
        """Those that are not past their time."""
        return tuple(each for each in self.registries if each.valid_until is None or now <= each.valid_until)

    def policy(self, own: Iterable[str | TrustedIssuer], now: datetime) -> Policy:
        """Recognises `own` (the organisations here, by DID) and who is in a current registry, and nobody else."""
        organisations = TrustedIssuers(*own, registry=OWN)
        return AnyOf(organisations, *(registry.policy for registry in self.current(now)))


def load(config: Config) -> Recognition:
    """Read the registries that the settings name.

    Raises:
        ConfigError: one cannot be used.
    """
    now = clock.now()
    return Recognition(tuple(_read(path, digest, config.trust_signers, now) for path, digest in config.trust_files))


def _read(path: Path, digest: str, signers: tuple[str, ...], now: datetime) -> Registry:
    try:
        return read_registry(path.read_bytes(), now=now, sha256=digest, signers=signers)
    except (OSError, VerifierError) as error:
        raise ConfigError(f"BADGEWRIGHT_TRUST_FILES names {path}, which cannot be used: {error}") from error
