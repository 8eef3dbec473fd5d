"""A badge from elsewhere is found again by its id, completed by a file or a framework rubric, and published."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements.exports import definition_file
from achievements.imports import read
from achievements.model import Achievement
from achievements.serialise import load
from issuer.errors import Forbidden, Invalid, NotFound
from issuer.models import AchievementRow, AchievementVersion
from issuer.queries import catalogue
from issuer.services import definitions, frameworks
from issuer.services.changes import Change, Plan
from issuer.services.definitions import Adoption
from tests.factories import NOW, actor
from tests.integration.conftest import District

RUBRIC = "https://frameworks.example.org/rubrics/robots"


def badge(number: str = "1", **more: Any) -> dict[str, Any]:
    return {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "BadgeClass",
        "id": f"https://badges.example.org/{number}",
        "name": "Robotics",
        "description": f"Robots, number {number}.",
        "image": "https://badges.example.org/robot.png",
        "criteria": {"narrative": "Build a robot that finds its way."},
        "issuer": "https://badges.example.org/issuer",
        "extensions:club": {"room": 7},
        **more,
    }


def completion(key: str = "robotics", **more: Any) -> dict[str, Any]:
    levels = [{"id": "no", "name": "Not yet", "points": 0}, {"id": "yes", "name": "Yes", "points": 1}]
    return {
        "format": "badgewright-definitions",
        "version": 1,
        "microcredentials": [
            {
                "key": key,
                "artifacts": [{"key": "film", "title": "A film of the robot"}],
                "rubric": {
                    "requiredLevel": "yes",
                    "criteria": [{"id": "way", "name": "It finds its way", "levels": levels}],
                },
                **more,
            }
        ],
    }


def package(**criterion: Any) -> dict[str, Any]:
    def level(name: str, score: Any) -> dict[str, Any]:
        return {"identifier": name, "uri": f"{RUBRIC}/{name}", "quality": name.title(), "score": score}

    return {
        "CFDocument": {"identifier": "robots", "uri": "https://frameworks.example.org/robots", "title": "Robots"},
        "CFItems": [
            {"identifier": "r1", "uri": "https://frameworks.example.org/items/r1", "fullStatement": "Builds a robot."}
        ],
        "CFAssociations": [],
        "CFRubrics": [
            {
                "identifier": "rubric",
                "uri": RUBRIC,
                "title": "Robots at work",
                "CFRubricCriteria": [
                    {
                        "identifier": "c1",
                        "uri": f"{RUBRIC}/c1",
                        "description": "It finds its way",
                        "position": 1,
                        "CFRubricCriterionLevels": [level("good", 2), level("poor", 0), level("fair", 1)],
                        **criterion,
                    },
                ],
            }
        ],
    }


def take(session: Session, district: District, document: Any, service: Any = definitions) -> Plan:
    data, admin = json.dumps(document).encode(), actor(district.admin)
    before: Plan = service.plan(session, organisation_id=district.organisation.id, data=data, actor=admin)
    done: Plan = service.apply(session, organisation_id=district.organisation.id, data=data, actor=admin, now=NOW)
    session.commit()
    session.expire_all()
    assert before == done
    return done


def adopt(session: Session, district: District, wanted: Adoption) -> Plan:
    admin, here = actor(district.admin), district.organisation.id
    before = definitions.plan_adoption(session, organisation_id=here, wanted=wanted, actor=admin)
    done = definitions.adopt(session, organisation_id=here, wanted=wanted, actor=admin, now=NOW)
    session.commit()
    session.expire_all()
    assert before == done
    return done


def versions(session: Session, key: str) -> list[AchievementVersion]:
    question = select(AchievementVersion).join(AchievementRow).where(AchievementRow.key == key)
    return list(session.scalars(question.order_by(AchievementVersion.number)).unique())


def held(session: Session, key: str) -> Achievement:
    return load(versions(session, key)[-1].body)


def keys(session: Session, district: District) -> dict[str, str]:
    """Description by key, of what was imported."""
    question = select(AchievementRow).where(
        AchievementRow.organisation_id == district.organisation.id, AchievementRow.source_id.is_not(None)
    )
    rows = session.scalars(question.order_by(AchievementRow.id)).unique()
    return {row.key: load(row.versions[-1].body).description for row in rows}


def test_a_definition_file_completes_an_imported_draft_that_nothing_could_complete(
    session: Session, district: District
) -> None:
    imported = take(session, district, badge())
    assert [problem.code for problem in imported.items[0].missing] == [
        "definition_without_artifacts",
        "rubric_without_criteria",
    ]
    (draft,) = versions(session, "robotics")
    with pytest.raises(Invalid):
        definitions.publish(session, version_id=draft.id, actor=actor(district.admin), now=NOW)
    session.rollback()

    done = take(session, district, completion(hours=6, extensions={"programme": "STEM"}))
    assert done.items[0].change is Change.REVISED
    assert done.items[0].missing == ()
    assert {(each.field, each.before, each.after) for each in done.items[0].differences} == {
        ("Rubric · It finds its way", "", "It finds its way: Not yet, Yes"),
        ("Rubric · Level that passes", "", "yes"),
        ("Evidence asked for", "", "A film of the robot"),
        ("Hours", "", "6"),
        ("Further fields · Programme", "", "STEM"),
    }
    made = held(session, "robotics")
    assert (made.name, made.description, made.achievement_type) == ("Robotics", "Robots, number 1.", "Badge")
    assert made.criteria_narrative == "Build a robot that finds its way."
    assert made.extensions["id"] == "https://badges.example.org/1"
    assert made.extensions["image"] == "https://badges.example.org/robot.png"
    assert made.extensions["extensions:club"] == {"room": 7}
    assert take(session, district, completion(hours=6, extensions={"programme": "STEM"})).changes == ()
    (draft,) = versions(session, "robotics")
    definitions.publish(session, version_id=draft.id, actor=actor(district.admin), now=NOW)
    assert [offer.key for offer in catalogue.search(session, text="robotics")] == ["robotics"]


def test_what_the_file_says_otherwise_counts_and_an_empty_list_empties(session: Session, district: District) -> None:
    take(session, district, badge(tags=["old"]))
    said = completion(name="Robots", tags=[], criteriaNarrative="Other.", extensions={"image": None})
    take(session, district, said)
    made = held(session, "robotics")
    assert (made.name, made.tags, made.criteria_narrative) == ("Robots", (), "Other.")
    assert "image" not in made.extensions
    assert made.extensions["id"] == "https://badges.example.org/1"


def test_the_draft_as_a_file_comes_back_as_it_was(session: Session, district: District) -> None:
    take(session, district, badge())
    exported = definition_file([held(session, "robotics")])
    (said,) = exported["microcredentials"]
    assert (said["artifacts"], said["rubric"]["criteria"], said["overview"]) == ([], [], [])
    assert take(session, district, exported).changes == ()
    said.update(completion()["microcredentials"][0])
    assert take(session, district, exported).items[0].missing == ()
    exported = definition_file([held(session, "robotics")])
    assert take(session, district, exported).changes == ()


def test_an_empty_rubric_in_a_template_takes_no_rubric_away(session: Session, district: District) -> None:
    take(session, district, badge())
    template = definition_file([held(session, "robotics")])
    take(session, district, completion())
    template["microcredentials"][0]["hours"] = 4
    done = take(session, district, template)
    assert [each.field for each in done.items[0].differences] == ["Hours"]
    assert done.items[0].missing == ()


def test_importing_the_badge_again_does_not_take_the_rubric_away(session: Session, district: District) -> None:
    take(session, district, badge())
    take(session, district, completion(name="Our robots", hours=6))
    assert take(session, district, badge()).changes == ()
    assert held(session, "robotics").name == "Our robots"
    changed = take(session, district, badge(description="Robots that swim."))
    assert [each.field for each in changed.items[0].differences] == ["Name", "Description"]
    made = held(session, "robotics")
    assert (made.description, made.hours, len(made.rubric.criteria)) == ("Robots that swim.", 6.0, 1)


def test_two_badges_of_one_name_in_one_file_overwrote_each_other(session: Session, district: District) -> None:
    both = [badge("1"), badge("2")]
    done = take(session, district, both)
    assert [(item.key, item.change) for item in done.items] == [("robotics", Change.NEW), ("robotics-2", Change.NEW)]
    assert "robotics-2" in done.items[1].notes[0]
    assert keys(session, district) == {"robotics": "Robots, number 1.", "robotics-2": "Robots, number 2."}
    assert take(session, district, both).changes == ()
    assert take(session, district, both[::-1]).changes == ()


def test_two_badges_of_one_name_in_two_files_overwrote_each_other(session: Session, district: District) -> None:
    take(session, district, badge("1"))
    take(session, district, badge("2"))
    take(session, district, badge("1", name="Robots that swim", description="New."))
    assert keys(session, district) == {"robotics": "New.", "robotics-2": "Robots, number 2."}
    assert held(session, "robotics").name == "Robots that swim"


@pytest.mark.parametrize(
    ("changed", "same", "warned"),
    [
        ("HTTPS://Badges.Example.org/1", True, False),
        ("https://badges.example.org/1/", False, True),
        ("https://badges.example.org/x?a=B", False, False),
    ],
)
def test_an_id_in_another_case_or_with_a_slash(
    session: Session, district: District, changed: str, same: bool, warned: bool
) -> None:
    take(session, district, badge())
    done = take(session, district, badge(id=changed, description="Changed."))
    assert (done.items[0].key == "robotics") is same
    assert ("source_id_similar" in {problem.code for problem in done.problems}) is warned
    assert len(keys(session, district)) == (1 if same else 2)


def test_a_path_in_another_case_is_another_badge(session: Session, district: District) -> None:
    take(session, district, badge("Robot"))
    done = take(session, district, badge("robot"))
    assert done.items[0].key == "robotics-2"
    assert "source_id_similar" in {problem.code for problem in done.problems}


def test_a_badge_without_an_id_is_known_by_its_issuer_and_name(session: Session, district: District) -> None:
    take(session, district, badge("1"))
    nameless = badge("2", description="Without an id.")
    del nameless["id"]
    take(session, district, nameless)
    assert take(session, district, nameless).changes == ()
    take(session, district, {**nameless, "description": "Still without."})
    take(session, district, {**nameless, "issuer": "https://other.example.org", "description": "Other."})
    assert keys(session, district) == {
        "robotics": "Robots, number 1.",
        "robotics-2": "Still without.",
        "robotics-3": "Other.",
    }


def test_a_badge_does_not_overwrite_a_definition_of_ours(session: Session, district: District) -> None:
    own = completion(name="Ours", description="Ours.")
    take(session, district, own)
    done = take(session, district, badge())
    assert done.items[0].key == "robotics-2"
    assert held(session, "robotics").name == "Ours"


def test_two_different_badges_of_one_id_in_one_file_are_refused() -> None:
    found = read(json.dumps([badge("1"), badge("1", name="Else")]).encode())
    assert [(problem.code, problem.pointer) for problem in found.errors] == [("duplicate_id", "/1")]


def test_a_framework_rubric_completes_a_draft(session: Session, district: District) -> None:
    take(session, district, package(), frameworks)
    take(session, district, badge())
    done = adopt(session, district, Adoption(RUBRIC, key="robotics"))
    assert done.items[0].missing == ()
    assert "“Good” and above" in done.items[0].notes[0]
    (criterion,) = held(session, "robotics").rubric.criteria
    assert criterion.id == f"{RUBRIC}/c1"
    assert [(level.id, level.passing) for level in criterion.levels] == [
        (f"{RUBRIC}/poor", False),
        (f"{RUBRIC}/fair", False),
        (f"{RUBRIC}/good", True),
    ]
    assert adopt(session, district, Adoption(RUBRIC, key="robotics")).changes == ()
    again = adopt(session, district, Adoption(RUBRIC, key="robotics", required_level="fair"))
    assert ("Rubric · It finds its way · Fair · Passes", "", "yes") in {
        (each.field, each.before, each.after) for each in again.items[0].differences
    }
    exported = definition_file([held(session, "robotics")])
    assert exported["microcredentials"][0]["rubric"] == {"uri": RUBRIC, "requiredLevel": "fair"}
    assert take(session, district, exported).changes == ()
    (draft,) = versions(session, "robotics")
    definitions.publish(session, version_id=draft.id, actor=actor(district.admin), now=NOW)
    assert catalogue.search(session, text="robotics")


def test_a_rubric_begins_a_new_microcredential(session: Session, district: District) -> None:
    take(session, district, package(), frameworks)
    done = adopt(session, district, Adoption(RUBRIC, name="Robots at work"))
    assert (done.items[0].key, done.items[0].change, done.items[0].missing) == ("robots-at-work", Change.NEW, ())
    twice = adopt(session, district, Adoption(RUBRIC, key="robots-at-work", name="Robots at work"))
    assert twice.changes == ()
    assert adopt(session, district, Adoption(RUBRIC, name="Robots at work")).items[0].key == "robots-at-work-2"


@pytest.mark.parametrize(
    ("criterion", "code", "where"),
    [
        ({"CFRubricCriterionLevels": []}, "criterion_without_levels", "/CFRubricCriterionLevels"),
        (
            {"CFRubricCriterionLevels": [{"identifier": "l", "uri": "urn:x:l", "quality": "Good", "position": 1}]},
            "level_without_score",
            "/CFRubricCriterionLevels/0/score",
        ),
        (
            {
                "CFRubricCriterionLevels": [
                    {"identifier": n, "uri": f"urn:x:{n}", "quality": n, "score": 1, "position": 4} for n in "ab"
                ]
            },
            "level_score_repeated",
            "/CFRubricCriterionLevels/1/score",
        ),
        (
            {
                "CFRubricCriterionLevels": [
                    {"identifier": str(n), "uri": f"urn:x:{n}", "quality": "Q", "score": n, "position": 4}
                    for n in range(2)
                ]
            },
            "position_repeated",
            "/CFRubricCriterionLevels/1/position",
        ),
    ],
)
def test_a_ragged_rubric_is_not_guessed_at(
    session: Session, district: District, criterion: dict[str, Any], code: str, where: str
) -> None:
    take(session, district, package(**criterion), frameworks)
    take(session, district, badge())
    admin, here = actor(district.admin), district.organisation.id
    for wanted in (Adoption(RUBRIC, key="robotics"), Adoption(RUBRIC, name="New")):
        with pytest.raises(Invalid) as caught:
            definitions.adopt(session, organisation_id=here, wanted=wanted, actor=admin, now=NOW)
        found = {(fault.code, fault.pointer) for fault in caught.value.faults}
        assert (code, "/CFRubrics/0/CFRubricCriteria/0" + where) in found
    by_file = completion(rubric={"uri": RUBRIC})
    data = json.dumps(by_file).encode()
    plan = definitions.plan(session, organisation_id=here, data=data, actor=admin)
    assert code in {problem.code for problem in plan.errors}
    assert held(session, "robotics").rubric.criteria == ()


def test_only_what_is_there_and_ones_own_is_adopted(session: Session, district: District) -> None:
    take(session, district, package(), frameworks)
    admin, here = actor(district.admin), district.organisation.id
    with pytest.raises(NotFound):
        definitions.plan_adoption(session, organisation_id=here, wanted=Adoption(RUBRIC, key="nobody"), actor=admin)
    with pytest.raises(Invalid) as caught:
        definitions.plan_adoption(session, organisation_id=here, wanted=Adoption("", name="x"), actor=admin)
    assert caught.value.code == "rubric_not_chosen"
    unknown = definitions.plan_adoption(
        session, organisation_id=here, wanted=Adoption("urn:x:y", key="check-understanding"), actor=admin
    )
    assert [problem.code for problem in unknown.errors] == ["rubric_unresolved"]
    wrong_level = Adoption(RUBRIC, key="check-understanding", required_level="Excellent")
    found = definitions.plan_adoption(session, organisation_id=here, wanted=wrong_level, actor=admin)
    assert [problem.code for problem in found.errors] == ["required_level_unknown"]
    for person in (district.teacher, district.coach, district.stranger):
        with pytest.raises(Forbidden):
            definitions.adopt(
                session, organisation_id=here, wanted=Adoption(RUBRIC, name="x"), actor=actor(person), now=NOW
            )
