"""Whether a CFRubric can be judged by as it stands in its framework.

Reading a framework is lenient: a criterion without levels is left out, and the order of levels is guessed where nothing
says it. A rubric that decides who earns a credential may not be guessed, so adopting one asks here first.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from achievements.fields import Fields
from achievements.imports.case_parts import uri_of
from achievements.model import Framework
from achievements.problems import Notes, Problem, pointer


def rubric_faults(framework: Framework, uri: str) -> tuple[Problem, ...]:
    """What keeps the CFRubric `uri` from being adopted; empty when nothing does. Pointers are into the CASE package.

    A rubric of which the framework holds no source has been read by us alone, and has no such faults.
    """
    notes = Notes()
    found = framework.extensions.get("CFPackage.CFRubrics")
    for index, rubric in enumerate(found if isinstance(found, (list, tuple)) else ()):
        if isinstance(rubric, dict) and _uri(rubric) == uri:
            _criteria(rubric, pointer("CFRubrics", index), notes)
    return notes.result()


def has_rubric(framework: Framework, uri: str) -> bool:
    """Whether the framework holds the CFRubric `uri`, be it one that was left out when it was read."""
    return uri in framework.rubrics or bool(rubric_faults(framework, uri))


def _criteria(rubric: dict[str, Any], where: str, notes: Notes) -> None:
    criteria = _objects(rubric, "CFRubricCriteria")
    if not criteria:
        notes.error("rubric_without_criteria", "The framework’s rubric has no criteria.", where + "/CFRubricCriteria")
    _positions(criteria, where + "/CFRubricCriteria", "criteria", notes)
    for index, criterion in enumerate(criteria):
        here = where + pointer("CFRubricCriteria", index, "CFRubricCriterionLevels")
        levels = _objects(criterion, "CFRubricCriterionLevels")
        name = _name(criterion, index)
        if not levels:
            notes.error("criterion_without_levels", f"The criterion “{name}” has no levels.", here)
        _positions(levels, here, f"levels of “{name}”", notes)
        scores: Counter[float] = Counter()
        for number, level in enumerate(levels):
            score = level.get("score")
            if isinstance(score, bool) or not isinstance(score, (int, float)):
                notes.error(
                    "level_without_score",
                    f"A level of “{name}” has no score, so it is unknown how high it stands.",
                    here + pointer(number, "score"),
                )
                continue
            scores[score] += 1
            if scores[score] > 1:
                notes.error(
                    "level_score_repeated",
                    f"Two levels of “{name}” have the score {score:g}, so it is unknown which stands higher.",
                    here + pointer(number, "score"),
                )


def _positions(parts: list[dict[str, Any]], where: str, what: str, notes: Notes) -> None:
    taken: set[float] = set()
    for index, part in enumerate(parts):
        position = part.get("position")
        if isinstance(position, bool) or not isinstance(position, (int, float)):
            continue
        if position in taken:
            notes.error(
                "position_repeated",
                f"Two {what} have the position {position:g}, so their order is unknown.",
                where + pointer(index, "position"),
            )
        taken.add(position)


def _objects(owner: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = owner.get(name)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def _name(criterion: dict[str, Any], index: int) -> str:
    for name in ("description", "category"):
        text = criterion.get(name)
        if isinstance(text, str) and text.strip():
            return text[:80]
    return f"Criterion {index + 1}"


def _uri(rubric: dict[str, Any]) -> str:
    fields = Fields(rubric, "", Notes())
    return uri_of(fields, fields.text("identifier"))
