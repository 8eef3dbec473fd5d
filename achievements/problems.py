"""What is wrong with a document somebody hands us: stable code, sentence, place. Never an exception for bad input."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MAX_PROBLEMS = 200


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is a JSON Pointer (RFC 6901) into the document; `line` counts from 1, 0 where there is none."""

    code: str
    message: str
    pointer: str = ""
    line: int = 0
    severity: Severity = Severity.ERROR


def pointer(*steps: str | int) -> str:
    """A JSON Pointer (RFC 6901) of these steps."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


class Notes:
    """Collects problems while a document is read, up to `MAX_PROBLEMS`; the last one then says that there are more."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._left_out = 0
        self._errors = 0

    @property
    def errors(self) -> int:
        """How many errors so far, the left-out ones included."""
        return self._errors

    def error(self, code: str, message: str, where: str = "", *, line: int = 0) -> None:
        self.add(Problem(code, message, where, line))

    def warning(self, code: str, message: str, where: str = "", *, line: int = 0) -> None:
        self.add(Problem(code, message, where, line, Severity.WARNING))

    def add(self, problem: Problem) -> None:
        if problem.severity is Severity.ERROR:
            self._errors += 1
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(problem)
        else:
            self._left_out += 1

    def extend(self, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self.add(problem)

    def result(self) -> tuple[Problem, ...]:
        if not self._left_out:
            return tuple(self._problems)
        # Errors must never hide behind warnings: the closing note is an error if any error was seen.
        severity = Severity.ERROR if self._errors else Severity.WARNING
        more = Problem("more_problems", f"And {self._left_out} more problems like these.", severity=severity)
        return (*self._problems, more)
