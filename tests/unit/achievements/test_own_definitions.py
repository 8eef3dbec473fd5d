from __future__ import annotations

import json

from achievements import definitions, imports
from achievements.criteria import Findings, assess
from achievements.framework import Tree


def test_our_own_definitions_are_rich_and_resolved() -> None:
    found = definitions.load()
    assert [each.key for each in found.achievements] == [
        "exit-tickets",
        "productive-group-talk",
        "family-conversations",
    ]
    for achievement in found.achievements:
        assert 3 <= len(achievement.rubric.criteria) <= 4
        assert all(3 <= len(criterion.levels) <= 4 for criterion in achievement.rubric.criteria)
        assert all(level.description for criterion in achievement.rubric.criteria for level in criterion.levels)
        assert all(alignment.target_code and alignment.target_framework for alignment in achievement.alignment)
        assert achievement.overview
        assert achievement.reflection
        assert achievement.hours
        assert achievement.expires_after_months
        required = {criterion.id: criterion.required_level.id for criterion in achievement.rubric.criteria}
        assert assess(achievement, Findings(required)).met


def test_the_rubric_of_group_talk_is_that_of_the_framework() -> None:
    found = definitions.load()
    talk = found.achievements[1]
    assert list(found.frameworks[0].rubrics) == [talk.rubric.uri]
    assert all(criterion.required_level.name == "Proficient" for criterion in talk.rubric.criteria)
    assert all(
        criterion.id.startswith("https://frameworks.maple-county.example.org/") for criterion in talk.rubric.criteria
    )


def test_every_practice_of_the_framework_is_covered() -> None:
    found = definitions.load()
    coverage = Tree(found.frameworks[0]).coverage(found.achievements)
    assert {each.competency.human_coding_scheme: each.direct for each in coverage}["CT.3"] == ("productive-group-talk",)
    assert {each.competency.human_coding_scheme: each.below for each in coverage}["LE"] == ("exit-tickets",)
    assert all(each.covered for each in coverage)


def test_our_own_files_are_read_without_a_doubt() -> None:
    framework = imports.read(definitions.raw(definitions.FRAMEWORK_FILE))
    assert {problem.code for problem in framework.problems} == {"not_mapped", "case_passing_level_assumed"}
    assert imports.read(definitions.raw(definitions.MICROCREDENTIALS_FILE)).problems == ()


def test_every_identifier_of_the_framework_is_its_own() -> None:
    document = json.loads(definitions.raw(definitions.FRAMEWORK_FILE))
    uris = [item["uri"] for name in ("CFItems", "CFAssociations", "CFRubrics") for item in document[name]]
    assert len(uris) == len(set(uris))
