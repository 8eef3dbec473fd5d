from __future__ import annotations

from dataclasses import replace

import pytest

from achievements.criteria import Findings, assess, count_words, missing_evidence
from achievements.model import (
    Achievement,
    Criterion,
    EvidenceItem,
    EvidenceKind,
    EvidenceRequirement,
    Prompt,
    Rubric,
    RubricLevel,
)


def criterion(number: int) -> Criterion:
    levels = tuple(
        RubricLevel(f"urn:c{number}:{order}", name, order, passing=order >= 1)
        for order, name in enumerate(("Not yet", "Meets", "Beyond"))
    )
    return Criterion(f"urn:c{number}", f"Criterion {number}", levels)


PLAN = EvidenceRequirement("plan", "Lesson plan", media_types=("application/pdf", "image/*"), min_items=1, max_items=2)
NOTES = EvidenceRequirement("notes", "Notes", kinds=(EvidenceKind.TEXT,), required=False, min_items=2)
ACHIEVEMENT = Achievement(
    key="k",
    name="n",
    description="d",
    criteria_narrative="",
    rubric=Rubric((criterion(1), criterion(2))),
    evidence=(PLAN, NOTES),
    overview=(Prompt("why", "Why?", min_words=3, max_words=5),),
    reflection=(Prompt("next", "What next?", required=False),),
)
GOOD = EvidenceItem("plan", EvidenceKind.FILE, "application/pdf", 10)
BOTH = {"urn:c1": "urn:c1:1", "urn:c2": "urn:c2:2"}


def codes(answers: dict[str, str], *items: EvidenceItem) -> list[str]:
    return [missing.code for missing in missing_evidence(ACHIEVEMENT, answers, items)]


def test_nothing_is_missing() -> None:
    assert codes({"why": "Because it works"}, GOOD) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "answer_missing"),
        (" \n\t", "answer_missing"),
        ("too short", "answer_too_short"),
        ("one two three four five six", "answer_too_long"),
    ],
)
def test_a_required_answer_has_its_range(text: str, code: str) -> None:
    (missing,) = missing_evidence(ACHIEVEMENT, {"why": text}, [GOOD])
    assert (missing.code, missing.pointer, missing.key) == (code, "/answers/why", "why")


@pytest.mark.parametrize("text", ["one two three", "one two three four five"])
def test_the_bounds_belong_to_the_range(text: str) -> None:
    assert codes({"why": text}, GOOD) == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (replace(GOOD, kind=EvidenceKind.VIDEO), "artifact_kind_not_accepted"),
        (replace(GOOD, media_type="application/zip"), "artifact_type_not_accepted"),
        (replace(GOOD, media_type=""), "artifact_type_not_accepted"),
        (replace(GOOD, size=PLAN.max_bytes + 1), "artifact_too_large"),
    ],
)
def test_each_item_is_of_an_accepted_kind_type_and_size(item: EvidenceItem, code: str) -> None:
    assert codes({"why": "Because it works"}, item) == [code]


def test_items_are_counted() -> None:
    fine = {"why": "Because it works"}
    note = EvidenceItem("notes", EvidenceKind.TEXT)
    assert codes(fine) == ["artifact_missing"]
    assert codes(fine, GOOD, GOOD, GOOD) == ["artifact_too_many"]
    assert codes(fine, GOOD, note) == ["artifact_too_few"]
    assert codes(fine, GOOD, note, note) == []


def test_a_family_of_media_types_and_a_link_are_accepted() -> None:
    fine = {"why": "Because it works"}
    assert codes(fine, replace(GOOD, media_type="image/PNG; q=1")) == []
    assert codes(fine, EvidenceItem("plan", EvidenceKind.LINK)) == []


def test_what_was_never_asked_for_is_refused() -> None:
    found = codes({"why": "Because it works", "other": "x"}, GOOD, EvidenceItem("secret", EvidenceKind.FILE))
    assert found == ["answer_unknown_prompt", "artifact_unknown"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("don't stop — well-known 3.5 * ...", 4), ("授業を見た", 5), ("a_b", 1), ("ИКТ в школе", 3)],
)
def test_words_are_counted_as_people_count_them(text: str, words: int) -> None:
    assert count_words(text) == words


def test_every_criterion_must_be_met() -> None:
    assert assess(ACHIEVEMENT, Findings(BOTH)).met
    lower = assess(ACHIEVEMENT, Findings({**BOTH, "urn:c2": "urn:c2:0"}))
    assert not lower.met
    assert [outcome.criterion.id for outcome in lower.unmet] == ["urn:c2"]
    assert lower.complete


def test_a_criterion_without_a_finding_is_not_met() -> None:
    found = assess(ACHIEVEMENT, Findings({"urn:c1": "urn:c1:2"}))
    assert (found.met, found.complete) == (False, False)
    assert [outcome.unscored for outcome in found.criteria] == [False, True]


def test_findings_about_unknown_things_are_problems_and_nothing_is_met() -> None:
    level_of_another = assess(ACHIEVEMENT, Findings({**BOTH, "urn:c2": "urn:c1:2"}))
    unknown = assess(ACHIEVEMENT, Findings({**BOTH, "urn:c3": "x"}, {"nobody": True}))
    assert [problem.code for problem in level_of_another.problems] == ["finding_unknown_level"]
    assert [problem.code for problem in unknown.problems] == ["finding_unknown_criterion", "finding_unknown_prompt"]
    assert not level_of_another.met
    assert not unknown.met


def test_a_prompt_scored_as_not_passing_sinks_the_whole() -> None:
    assert assess(ACHIEVEMENT, Findings(BOTH, {"why": True})).met
    assert not assess(ACHIEVEMENT, Findings(BOTH, {"why": True, "next": False})).met


def test_an_achievement_that_nobody_could_fail_cannot_be_met() -> None:
    assert not assess(replace(ACHIEVEMENT, rubric=Rubric(())), Findings({})).met


def test_a_criterion_without_a_passing_level_cannot_be_met() -> None:
    first = criterion(1)
    stuck = replace(first, levels=tuple(replace(level, passing=False) for level in first.levels))
    assert not assess(replace(ACHIEVEMENT, rubric=Rubric((stuck,))), Findings({"urn:c1": "urn:c1:2"})).met
