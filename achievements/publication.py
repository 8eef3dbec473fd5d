"""What must hold before a definition may be published: from then on people work towards it and it stays as it is.

There is one such rule, and it is this one. Pages, API, command line, imports and the demo all publish by it.
"""

from __future__ import annotations

from achievements.criteria import required_level
from achievements.identifiers import is_achievement_type
from achievements.model import Achievement
from achievements.problems import Notes, Problem, pointer


def publication_problems(achievement: Achievement) -> tuple[Problem, ...]:
    """Errors that keep a resolved definition from being published; empty when nothing does. Pointers are into the
    microcredential of a definition file."""
    notes = Notes()
    for name in ("name", "description"):
        if not getattr(achievement, name).strip():
            notes.error("field_empty", f"The {name} is missing.", pointer(name))
    if not achievement.criteria_narrative.strip():
        notes.error("criteria_missing", "The criteria are not described.", "/criteriaNarrative")
    if not is_achievement_type(achievement.achievement_type):
        # A credential that names another type does not conform, and would be refused when it is signed.
        unknown = achievement.achievement_type[:40]
        notes.error(
            "achievement_type_unknown", f"“{unknown}” is no achievement type of Open Badges 3.0.", "/achievementType"
        )
    if not achievement.evidence:
        notes.error(
            "definition_without_artifacts",
            "No evidence is asked for: a microcredential needs at least one artifact.",
            "/artifacts",
        )
    if not achievement.rubric.criteria:
        notes.error(
            "rubric_without_criteria",
            "The rubric is missing: a microcredential needs at least one criterion.",
            "/rubric/criteria",
        )
    seen: set[str] = set()
    for index, criterion in enumerate(achievement.rubric.criteria):
        where = pointer("rubric", "criteria", index)
        if required_level(criterion) is None:
            notes.error(
                "criterion_without_passing_level",
                f"The criterion “{criterion.name}” has no passing level: nobody could ever meet it.",
                where,
            )
        for part in (criterion.id, *(level.id for level in criterion.levels)):
            if part in seen:
                notes.error("duplicate_id", f"“{part}” is used twice.", where)
            seen.add(part)
    for index, alignment in enumerate(achievement.alignment):
        if not alignment.target_name:
            notes.error(
                "alignment_unresolved",
                f"The competency {alignment.target_url} has not been found in a framework.",
                pointer("alignment", index),
            )
    return notes.result()
