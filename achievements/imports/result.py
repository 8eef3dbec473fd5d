"""What every reader gives back."""

from __future__ import annotations

from dataclasses import dataclass

from achievements.model import Achievement, Framework
from achievements.problems import Problem, Severity


@dataclass(frozen=True, slots=True)
class ImportResult:
    """`items` holds only what was read without an error; `format` is the registered name of the reader used."""

    items: tuple[Framework | Achievement, ...]
    problems: tuple[Problem, ...] = ()
    format: str = ""

    @property
    def ok(self) -> bool:
        """Nothing is wrong and something was read. Warnings do not count."""
        return bool(self.items) and not self.errors

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.WARNING)

    @property
    def frameworks(self) -> tuple[Framework, ...]:
        return tuple(item for item in self.items if isinstance(item, Framework))

    @property
    def achievements(self) -> tuple[Achievement, ...]:
        return tuple(item for item in self.items if isinstance(item, Achievement))
