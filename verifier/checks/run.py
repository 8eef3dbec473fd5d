"""What the checks of one verification share: the credential, the moment, the limits and the documents so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from verifier.checks.recipient import ExpectedRecipient
from verifier.checks.requested import PresentationRequest
from verifier.credential import Credential
from verifier.fetch import Fetcher
from verifier.limits import Limits
from verifier.report import Report
from verifier.resolvers import Keys


@dataclass(frozen=True, slots=True)
class Run:
    """One verification in progress.

    Attributes:
        now: aware; taken once.
        keys: finds the issuer's keys and remembers what it found.
        verify_list: judges a status list credential as its own verification, for the issuer of `credential`.
        verify_inner: judges a credential found inside this one, under the caller's policy.
        depth: 0 for what the caller handed in, one more for each credential around this one.
        contents: reports on inner credentials, filled by the checks that meet them.
        request: what the caller asked the holder for; with one, only a presentation will do.
    """

    credential: Credential
    now: datetime
    fetcher: Fetcher
    limits: Limits
    keys: Keys
    verify_list: Callable[[bytes], Report]
    verify_inner: Callable[[Mapping[str, Any] | str], Report]
    depth: int = 0
    recipient: ExpectedRecipient | None = None
    evidence: tuple[bytes | IO[bytes], ...] = ()
    contents: list[Report] = field(default_factory=list)
    request: PresentationRequest | None = None
