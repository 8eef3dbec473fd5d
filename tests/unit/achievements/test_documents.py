from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings

from achievements import definitions
from achievements.documents import from_document, to_document
from achievements.model import Achievement
from schemas.validation import validate
from tests.unit.achievements.strategies import achievements

ID = "https://badges.example.org/achievements/1"
CRITERIA = ID + "/criteria"


def write(achievement: Achievement, **more: Any) -> dict[str, Any]:
    return to_document(achievement, id=ID, criteria_id=CRITERIA, **more)


def public_part(achievement: Achievement) -> Achievement:
    """What Open Badges 3.0 has a word for; the rest (prompts, artifacts, weights) stays in the definition."""
    criteria = tuple(
        replace(
            criterion,
            description="",
            weight=1.0,
            category="",
            levels=tuple(replace(level, feedback="") for level in criterion.levels),
        )
        for criterion in achievement.rubric.criteria
    )
    return replace(
        achievement,
        key="",
        rubric=replace(achievement.rubric, criteria=criteria, uri="", required_level=""),
        evidence=(),
        overview=(),
        reflection=(),
        key_method="",
        expires_after_months=0,
        resources=(),
        research=(),
        audience=(),
        extensions=MappingProxyType({}),
    )


def empty_places(value: Any) -> bool:
    if value is None or value in ("", [], {}):
        return True
    if isinstance(value, dict):
        return any(empty_places(part) for part in value.values())
    return isinstance(value, list) and any(empty_places(part) for part in value)


@settings(max_examples=50)
@given(achievements())
def test_what_open_badges_has_a_word_for_comes_back(achievement: Achievement) -> None:
    document = write(achievement)
    reading = from_document(json.loads(json.dumps(document)))
    assert not empty_places(document)
    assert reading.achievement is not None, reading.problems
    assert public_part(reading.achievement) == public_part(achievement)
    assert write(reading.achievement, extensions=True) == document


def test_our_own_definition_as_open_badges() -> None:
    achievement = definitions.load().achievements[0]
    document = write(
        achievement, image_id="https://badges.example.org/1.png", creator={"id": "urn:x:y", "type": ["Profile"]}
    )
    assert document["type"] == ["Achievement"]
    assert document["achievementType"] == "MicroCredential"
    assert document["criteria"]["id"] == CRITERIA
    assert "Exit tickets" not in document["criteria"]["narrative"]
    assert "Two exit tickets" in document["criteria"]["narrative"]
    assert document["image"] == {"id": "https://badges.example.org/1.png", "type": "Image"}
    assert document["creditsAvailable"] == 15.0
    assert {each["targetType"] for each in document["alignment"]} == {"CFItem"}
    first = document["resultDescription"][0]
    assert first["resultType"] == "RubricCriterionLevel"
    assert [level["level"] for level in first["rubricCriterionLevel"]] == ["1", "2", "3"]
    assert [level["points"] for level in first["rubricCriterionLevel"]] == ["0", "1", "2"]
    assert first["requiredLevel"] == first["rubricCriterionLevel"][2]["id"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_is_written_holds_against_the_strict_schema(number: int) -> None:
    credential = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "https://badges.example.org/credentials/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "A badge",
        "issuer": {"id": "https://badges.example.org", "type": ["Profile"], "name": "District"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:1",
            "type": ["AchievementSubject"],
            "achievement": write(definitions.load().achievements[number]),
        },
    }
    assert validate(credential, "AchievementCredential", strict=True) == []


FOREIGN: dict[str, Any] = {
    "id": "https://other.example.com/a",
    "type": "Achievement",
    "name": "Foreign",
    "description": "d",
    "criteria": {"id": "https://other.example.com/c", "narrative": "Do it", "x-steps": 3},
    "creator": {"id": "https://other.example.com", "type": ["Profile"]},
    "endorsementJwt": ["abc"],
    "ECTS": 3.0,
    "nothing": None,
    "alignment": [{"type": ["Alignment", "Special"], "targetName": "n", "targetUrl": "urn:x:y", "x-note": "kept"}],
    "resultDescription": [
        {"id": "urn:x:grade", "type": ["ResultDescription"], "name": "Grade", "resultType": "Percent", "valueMax": "9"},
        {
            "id": "urn:x:r",
            "type": ["ResultDescription"],
            "name": "Rubric",
            "resultType": "RubricCriterionLevel",
            "rubricCriterionLevel": [
                {"id": "urn:x:1", "type": ["RubricCriterionLevel"], "name": "Low", "points": 1, "level": "Beginner"},
                {"id": "urn:x:2", "type": ["RubricCriterionLevel"], "name": "High", "points": 2.5, "x-colour": "green"},
            ],
        },
    ],
}


def test_unknown_fields_of_others_are_kept_and_told() -> None:
    reading = from_document(FOREIGN)
    assert reading.achievement is not None, reading.problems
    assert {problem.code for problem in reading.problems} == {"not_mapped", "passing_level_assumed"}
    kept = reading.achievement.extensions
    assert kept["ECTS"] == 3.0
    assert kept["/alignment/0"] == {"type": ["Alignment", "Special"], "x-note": "kept"}
    plain = write(reading.achievement)
    assert plain["creator"] == FOREIGN["creator"]
    assert [each["name"] for each in plain["resultDescription"]] == ["Rubric", "Grade"]
    assert "ECTS" not in plain
    assert "endorsementJwt" not in plain
    full = write(reading.achievement, extensions=True)
    assert full["ECTS"] == 3.0
    assert full["alignment"][0]["x-note"] == "kept"
    assert full["criteria"]["x-steps"] == 3
    assert [level.get("points") for level in full["resultDescription"][0]["rubricCriterionLevel"]] == ["1", "2.5"]


@pytest.mark.parametrize(
    ("spoil", "code", "where"),
    [
        (lambda d: d.update(type=["Thing"]), "ob3_not_an_achievement", "/type"),
        (lambda d: d.pop("id"), "field_missing", "/id"),
        (lambda d: d.update(id="relative"), "uri_invalid", "/id"),
        (lambda d: d.update(name={"en": "x"}), "wrong_type", "/name"),
        (lambda d: d.update(criteria={}), "criteria_empty", "/criteria"),
        (lambda d: d.pop("criteria"), "field_missing", "/criteria"),
        (lambda d: d["alignment"][0].update(targetUrl="x"), "uri_invalid", "/alignment/0/targetUrl"),
        (lambda d: d["resultDescription"][1].pop("id"), "field_missing", "/resultDescription/1/id"),
        (lambda d: d.update(creditsAvailable=-1), "out_of_range", "/creditsAvailable"),
        (lambda d: d.update(tag=[None]), "wrong_type", "/tag"),
    ],
)
def test_each_fault_has_its_code_and_place(spoil: Callable[[dict[str, Any]], Any], code: str, where: str) -> None:
    document = copy.deepcopy(FOREIGN)
    spoil(document)
    reading = from_document(document)
    assert (code, where) in {(problem.code, problem.pointer) for problem in reading.problems}
    assert reading.achievement is None


@pytest.mark.parametrize("document", [None, [], "x", 7, {}])
def test_what_is_no_achievement_is_a_problem(document: Any) -> None:
    reading = from_document(document)
    assert reading.achievement is None
    assert reading.problems
