"""Fills a definition's references from frameworks: alignments by CASE URI, and a rubric that is a CFRubric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from achievements.framework import Tree, alignment_to
from achievements.model import Achievement, Alignment, Framework, Rubric
from achievements.narrative import criteria_narrative
from achievements.problems import Notes, Problem, Severity, pointer
from achievements.ragged import rubric_faults
from achievements.rubrics import require_level


@dataclass(frozen=True, slots=True)
class Resolution:
    """`achievement` is complete only where no problem is an error. Pointers are into the microcredential."""

    achievement: Achievement
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def resolve(achievement: Achievement, frameworks: Sequence[Framework]) -> Resolution:
    """Give every CFItem alignment its code, name, statement and framework, and take over a CFRubric named by URI.

    An alignment that the definition wrote out itself is kept where no framework knows it; a bare URI that no framework
    knows is an error (`alignment_unresolved`), as is an unknown CFRubric (`rubric_unresolved`) and one that cannot be
    judged by as it stands (`achievements.ragged`, with pointers into its CASE package). Where the definition has no
    criteria narrative, the one made from its parts is filled in. Resolving twice changes nothing more.
    """
    notes = Notes()
    trees = [Tree(framework) for framework in frameworks]
    alignment = _alignments(achievement.alignment, trees, notes, "/alignment")
    rubric = _rubric(achievement.rubric, frameworks, notes)
    criteria = tuple(
        replace(
            criterion,
            alignment=_alignments(criterion.alignment, trees, notes, pointer("rubric", "criteria", index, "alignment")),
        )
        for index, criterion in enumerate(rubric.criteria)
    )
    made = replace(achievement, alignment=alignment, rubric=replace(rubric, criteria=criteria))
    if not notes.errors:
        made = replace(made, criteria_narrative=criteria_narrative(made))
    return Resolution(made, notes.result())


def _alignments(
    alignments: tuple[Alignment, ...], trees: list[Tree], notes: Notes, where: str
) -> tuple[Alignment, ...]:
    made: list[Alignment] = []
    for index, alignment in enumerate(alignments):
        if alignment.target_type != "CFItem":
            made.append(alignment)
            continue
        known = _find(alignment.target_url, trees)
        if known is not None:
            made.append(known)
            continue
        if not alignment.target_name:
            message = f"No framework given has a competency {alignment.target_url}."
            notes.error("alignment_unresolved", message, where + pointer(index))
        made.append(alignment)
    return tuple(made)


def _find(uri: str, trees: list[Tree]) -> Alignment | None:
    for tree in trees:
        competency = tree.find(uri)
        if competency is not None:
            return alignment_to(tree.framework, competency)
    return None


def _rubric(rubric: Rubric, frameworks: Sequence[Framework], notes: Notes) -> Rubric:
    if not rubric.uri or rubric.criteria:
        return rubric
    ragged = [fault for each in frameworks for fault in rubric_faults(each, rubric.uri)]
    if ragged:
        # Left empty: what is made of a ragged rubric by guessing must not stand in a draft.
        notes.extend(ragged)
        return rubric
    found = next((each.rubrics[rubric.uri] for each in frameworks if rubric.uri in each.rubrics), None)
    if found is None:
        notes.error("rubric_unresolved", f"No framework given has a CFRubric {rubric.uri}.", "/rubric/uri")
        return rubric
    if not rubric.required_level:
        return found
    made, without = require_level(found, rubric.required_level)
    for criterion in without:
        message = f"The criterion “{criterion.name}” has no level “{rubric.required_level}”."
        notes.error("required_level_unknown", message, "/rubric/requiredLevel")
    return made
