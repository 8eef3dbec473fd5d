from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from achievements import definitions, imports
from achievements.documents import to_document
from tests.unit.achievements.strategies import json_values

URL = "https://badges.example.org/a"


def read(document: Any) -> imports.ImportResult:
    return imports.read(json.dumps(document).encode())


def achievement(number: int = 0) -> dict[str, Any]:
    return to_document(definitions.load().achievements[number], id=f"{URL}/{number}", criteria_id=f"{URL}/c")


def badge_class(**more: Any) -> dict[str, Any]:
    return {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "BadgeClass",
        "id": URL,
        "name": "Robots",
        "description": "Builds robots.",
        "image": f"{URL}.png",
        "criteria": f"{URL}/criteria",
        "issuer": f"{URL}/issuer",
        **more,
    }


@pytest.mark.parametrize("wrap", [lambda d: d, lambda d: [d], lambda d: {"credentialSubject": {"achievement": d}}])
def test_an_achievement_is_found_wherever_it_stands(wrap: Any) -> None:
    result = read(wrap(achievement()))
    assert result.ok, result.problems
    assert result.format == "open-badges-3"
    assert result.achievements[0].name == "Formative assessment with exit tickets"


def test_places_point_into_the_whole_file() -> None:
    spoilt = achievement(1)
    del spoilt["description"]
    result = read([achievement(0), {"credentialSubject": {"achievement": spoilt}}, 7])
    assert [(problem.code, problem.pointer) for problem in result.errors] == [
        ("field_missing", "/1/credentialSubject/achievement/description"),
        ("ob3_not_an_achievement", "/2"),
    ]
    assert len(result.items) == 1


def test_two_achievements_that_would_become_one_are_refused() -> None:
    other = {**achievement(0), "description": "Another."}
    assert [problem.code for problem in read([achievement(0), other]).errors] == ["duplicate_id"]


def test_a_badge_class_becomes_the_beginning_of_a_definition() -> None:
    old = {"name": "Standard", "url": "https://standards.example.org/1", "description": "What it says"}
    result = read(badge_class(alignment=[old], tags=["robots"], **{"extensions:x": {"a": 1}}))
    assert result.ok, result.problems
    (made,) = result.achievements
    assert (made.key, made.criteria_narrative, made.tags) == ("robots", f"<{URL}/criteria>", ("robots",))
    assert made.alignment[0].target_description == "What it says"
    assert made.extensions["extensions:x"] == {"a": 1}
    assert made.extensions["image"] == f"{URL}.png"
    assert {problem.code for problem in result.problems} == {"not_mapped", "ob2_without_rubric"}


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"criteria": {}}, "criteria_empty", "/criteria"),
        ({"criteria": None}, "criteria_empty", "/criteria"),
        ({"name": None}, "field_missing", "/name"),
        ({"alignment": "x"}, "wrong_type", "/alignment"),
        ({"alignment": [{"targetName": "n"}]}, "alignment_uri_invalid", "/alignment/0"),
        ({"tags": {}}, "wrong_type", "/tags"),
    ],
)
def test_each_fault_has_its_code_and_place(change: dict[str, Any], code: str, where: str) -> None:
    result = read(badge_class(**change))
    assert [(problem.code, problem.pointer) for problem in result.errors] == [(code, where)]
    assert result.items == ()


@settings(max_examples=60)
@given(st.sampled_from([badge_class, achievement]), st.data())
def test_whatever_a_field_holds_is_a_problem_and_never_an_exception(make: Any, data: st.DataObject) -> None:
    document = make()
    for name in data.draw(st.lists(st.sampled_from([*document, "alignment", "tags", "resultDescription"]), max_size=2)):
        document[name] = data.draw(json_values | st.none() | st.lists(json_values, max_size=2))
    result = read(document)
    assert result.ok or result.errors
