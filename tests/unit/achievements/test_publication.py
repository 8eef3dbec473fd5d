from __future__ import annotations

from dataclasses import replace

from achievements import definitions
from achievements.model import Achievement, Alignment, Rubric
from achievements.publication import publication_problems


def codes(achievement: Achievement) -> list[str]:
    return [problem.code for problem in publication_problems(achievement)]


def test_our_own_definitions_may_be_published() -> None:
    assert [codes(each) for each in definitions.load().achievements] == [[], [], []]


def test_what_nobody_could_earn_is_not_published() -> None:
    sound = definitions.load().achievements[0]
    first = sound.rubric.criteria[0]
    stuck = replace(first, levels=tuple(replace(level, passing=False) for level in first.levels))
    assert codes(replace(sound, rubric=Rubric(()))) == ["rubric_without_criteria"]
    assert codes(replace(sound, rubric=Rubric((stuck,)))) == ["criterion_without_passing_level"]
    assert codes(replace(sound, evidence=())) == ["definition_without_artifacts"]
    assert codes(replace(sound, alignment=(Alignment("", "urn:x:y"),))) == ["alignment_unresolved"]
    assert codes(replace(sound, description=" ")) == ["field_empty"]
    assert codes(replace(sound, criteria_narrative="")) == ["criteria_missing"]
    assert codes(replace(sound, achievement_type="Sticker")) == ["achievement_type_unknown"]
    assert "duplicate_id" in codes(replace(sound, rubric=Rubric((first, first))))
