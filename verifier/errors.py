"""The one family of errors that leaves this package.

Three kinds are told apart, because they are answered differently:

* `VerifierError`: the input is at fault. It carries a stable `code`.
* `CouldNotCheck`: the world is at fault (network, missing document); the answer is "undetermined", never "failed".
* `RuntimeError` and `TypeError` from Python itself: the caller's bug; never raised for bad input.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class VerifierError(Exception):
    """Something in the input is wrong.

    Args:
        code: stable, `snake_case`, documented in `docs/codes.md`.
        message: one sentence for a person.
        pointer: RFC 6901 JSON Pointer to the place, "" for the whole document.
        details: further facts, JSON-serialisable.
    """

    def __init__(
        self, code: str, message: str, *, pointer: str = "", details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.pointer = pointer
        self.details: Mapping[str, object] = MappingProxyType(dict(details or {}))

    def __str__(self) -> str:
        place = f" (at {self.pointer})" if self.pointer else ""
        return f"{self.message}{place} [{self.code}]"


class CouldNotCheck(VerifierError):
    """The answer could not be had: a document was not reachable, or a rule of ours forbids fetching it."""


class NotVerified(VerifierError):
    """Raised by `Verifier.require()`; `report` says everything that was looked at."""

    def __init__(self, code: str, message: str, *, report: object) -> None:
        super().__init__(code, message)
        self.report = report
