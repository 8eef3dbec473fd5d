"""What an import would do, or did: the same value for the dry run and for the real one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from achievements.differences import Difference
from achievements.problems import Problem, Severity
from issuer.errors import Fault, Invalid


class Change(StrEnum):
    """`REVISED`: a draft is replaced, a framework's reading is replaced. `NEW_VERSION`: what was published stays, a new
    draft follows it."""

    NEW = "new"
    REVISED = "revised"
    NEW_VERSION = "new_version"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Planned:
    """One framework or microcredential. `key` is its URI or short name; `notes` are short sentences for a person.

    Of a microcredential, `differences` say field by field what would change, and `missing` what would keep it from
    being published afterwards.
    """

    kind: str
    key: str
    name: str
    change: Change
    notes: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    missing: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`problems` with an error mean that nothing can be imported; warnings do not stand in the way."""

    format: str
    items: tuple[Planned, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)

    @property
    def ok(self) -> bool:
        return bool(self.items) and not self.errors

    @property
    def changes(self) -> tuple[Planned, ...]:
        """What is not as it should be already. Empty on a second import of the same file."""
        return tuple(item for item in self.items if item.change is not Change.UNCHANGED)


def require_ok(plan: Plan) -> None:
    """Raises: Invalid: `import_refused`, with a fault for each error. Nothing has been written."""
    if not plan.ok:
        raise Invalid("This file cannot be imported.", code="import_refused", faults=faults_of(plan.errors))


def faults_of(problems: Iterable[Problem]) -> list[Fault]:
    return [Fault(each.code, each.message, each.pointer) for each in problems]
