"""What must hold before a definition may be published: from then on people work towards it and it stays as it is."""

from __future__ import annotations

from achievements.criteria import required_level
from achievements.model import Achievement
from achievements.problems import Notes, Problem, pointer


def publication_problems(achievement: Achievement) -> tuple[Problem, ...]:
    """Errors that keep a resolved definition from being published; empty when nothing does. Pointers are into the
    microcredential."""
    notes = Notes()
    for name in ("name", "description"):
        if not getattr(achievement, name).strip():
            notes.error("field_empty", f"“{name}” is empty.", pointer(name))
    if not achievement.evidence:
        message = "A microcredential needs at least one artifact: without evidence there is nothing to judge."
        notes.error("definition_without_artifacts", message, "/artifacts")
    if not achievement.rubric.criteria:
        notes.error("rubric_without_criteria", "The rubric has no criterion: nothing could be judged by it.", "/rubric")
    seen: set[str] = set()
    for index, criterion in enumerate(achievement.rubric.criteria):
        where = pointer("rubric", "criteria", index)
        if required_level(criterion) is None:
            message = f"The criterion “{criterion.name}” has no passing level: nobody could ever meet it."
            notes.error("criterion_without_passing_level", message, where)
        for part in (criterion.id, *(level.id for level in criterion.levels)):
            if part in seen:
                notes.error("duplicate_id", f"“{part}” is used twice.", where)
            seen.add(part)
    for index, alignment in enumerate(achievement.alignment):
        if not alignment.target_name:
            message = f"The competency {alignment.target_url} has not been found in a framework."
            notes.error("alignment_unresolved", message, pointer("alignment", index))
    return notes.result()
