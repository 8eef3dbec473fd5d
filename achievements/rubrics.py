"""Which level passes, where a rubric does not say it itself.

CASE has no word for "passing": a CFRubricCriterionLevel has a score and a quality, nothing more. So the rule is ours:
a definition names the level (`requiredLevel`), and without that the upper half of the levels passes: of four levels
the two highest, of three the highest, of two the higher one. The stricter half is taken on purpose: a district that
wants less has to say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from achievements.model import Criterion, Rubric, RubricLevel


def default_required_order(levels: int) -> int:
    """The order (from 0) of the lowest passing level among `levels` levels: the upper half, the strict one."""
    return min((levels + 1) // 2, max(levels - 1, 0))


def with_passing(levels: Sequence[RubricLevel], required_order: int) -> tuple[RubricLevel, ...]:
    """The levels, numbered as they stand (lowest first), those from `required_order` up marked as passing."""
    return tuple(replace(level, order=order, passing=order >= required_order) for order, level in enumerate(levels))


def find_level(criterion: Criterion, wanted: str) -> RubricLevel | None:
    """The level with this id, name or points, in that order of preference; names compare without regard to case."""
    for level in criterion.levels:
        if level.id == wanted:
            return level
    for level in criterion.levels:
        if level.name.casefold() == wanted.casefold():
            return level
    return next((level for level in criterion.levels if level.points and level.points == wanted), None)


def require_level(rubric: Rubric, wanted: str) -> tuple[Rubric, tuple[Criterion, ...]]:
    """The rubric with `wanted` (see `find_level`) as the lowest passing level of every criterion, and the criteria
    that have no such level, which are left as they were."""
    made: list[Criterion] = []
    without: list[Criterion] = []
    for criterion in rubric.criteria:
        level = find_level(criterion, wanted)
        if level is None:
            without.append(criterion)
            made.append(criterion)
        else:
            ordered = sorted(criterion.levels, key=lambda each: each.order)
            made.append(replace(criterion, levels=with_passing(ordered, level.order)))
    return replace(rubric, criteria=tuple(made), required_level=wanted), tuple(without)
