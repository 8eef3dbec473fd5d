"""What the lint found: one `Probe` for each of the official validator's, with its messages and their severity."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Severity(IntEnum):
    """The validator's own words for how bad a thing is, mildest first."""

    WARNING = 1
    ERROR = 2
    FATAL = 3
    EXCEPTION = 4

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Message:
    """One thing a probe has to say. `pointer` is a JSON Pointer into the credential."""

    severity: Severity
    code: str
    message: str
    pointer: str = ""


def warning(code: str, message: str, pointer: str = "") -> Message:
    return Message(Severity.WARNING, code, message, pointer)


def error(code: str, message: str, pointer: str = "") -> Message:
    return Message(Severity.ERROR, code, message, pointer)


def fatal(code: str, message: str, pointer: str = "") -> Message:
    return Message(Severity.FATAL, code, message, pointer)


def exception(code: str, message: str, pointer: str = "") -> Message:
    return Message(Severity.EXCEPTION, code, message, pointer)


class NotRun(Exception):
    """Raised inside a probe that has nothing to look at. `reason` is a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotChecked(NotRun):
    """Raised inside a probe that would have something to look at, but cannot be run to its end here."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe.

    Attributes:
        not_run: why it did not run, or not to its end; "" if it did.
        left_open: the validator will run it, so what it will say is not known.
    """

    number: int
    name: str
    messages: tuple[Message, ...] = ()
    not_run: str = ""
    left_open: bool = False

    @property
    def outcome(self) -> str:
        """The gravest severity among the messages; without messages `valid`, `not_run` or `not_checked`."""
        if self.messages:
            return str(max(message.severity for message in self.messages))
        if self.left_open:
            return "not_checked"
        return "not_run" if self.not_run else "valid"


@dataclass(frozen=True, slots=True)
class LintReport:
    """What the official validator is going to say about one credential.

    Attributes:
        probes: in its order.
        endorsements: the JSON Pointer of every endorsement in the credential, and what is said about that.
        refreshed: about the newer credential that the validator would find through `refreshService` and judge instead.
    """

    probes: tuple[Probe, ...]
    endorsements: tuple[tuple[str, LintReport], ...] = ()
    refreshed: LintReport | None = None

    @property
    def gravest(self) -> Severity | None:
        found = [message.severity for probe in self.probes for message in probe.messages]
        found += [inner.gravest for _, inner in self.endorsements if inner.gravest is not None]
        if self.refreshed is not None and self.refreshed.gravest is not None:
            found.append(self.refreshed.gravest)
        return max(found, default=None)

    @property
    def passes(self) -> bool:
        """Nothing worse than a warning was found. See `complete`."""
        return self.gravest in (None, Severity.WARNING)

    @property
    def complete(self) -> bool:
        """Every probe that the validator will run was run here too."""
        inner = [report for _, report in self.endorsements] + ([self.refreshed] if self.refreshed else [])
        return not any(probe.left_open for probe in self.probes) and all(report.complete for report in inner)

    @property
    def outcome(self) -> str:
        """`valid`, or the gravest severity."""
        return "valid" if self.gravest is None else str(self.gravest)

    def probe(self, name: str) -> Probe:
        """Raises: KeyError: there is no such probe for this kind of credential."""
        for probe in self.probes:
            if probe.name == name:
                return probe
        raise KeyError(name)


def lint_to_json(report: LintReport) -> dict[str, Any]:
    """A report as the JSON of the command line and the API."""
    document: dict[str, Any] = {
        "outcome": report.outcome,
        "passes": report.passes,
        "complete": report.complete,
        "probes": [
            {
                "number": probe.number,
                "name": probe.name,
                "outcome": probe.outcome,
                "notRun": probe.not_run,
                "messages": [
                    {"severity": str(m.severity), "code": m.code, "message": m.message, "pointer": m.pointer}
                    for m in probe.messages
                ],
            }
            for probe in report.probes
        ],
        "endorsements": [{"pointer": pointer, "lint": lint_to_json(inner)} for pointer, inner in report.endorsements],
    }
    if report.refreshed is not None:
        document["refreshed"] = lint_to_json(report.refreshed)
    return document
