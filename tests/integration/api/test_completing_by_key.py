"""From somebody else's badge to the catalogue through the API alone."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.api.conftest import Ask, body
from tests.integration.test_completing import RUBRIC, badge, completion, package


def take(ask: Ask, path: str, document: Any) -> Any:
    sent = {"data": json.dumps(document), "content_type": "application/json"}
    planned = body(ask("POST", f"{path}?dryRun=true", **sent))
    done = ask("POST", path, **sent)
    assert done.status_code == 200, done.text
    assert body(done) == planned
    return planned


def test_by_a_file(ask: Ask) -> None:
    made = take(ask, "/achievements/import", badge())["items"][0]
    assert [each["code"] for each in made["missing"]] == ["definition_without_artifacts", "rubric_without_criteria"]
    version = "/achievements/robotics/versions/1"
    shown = body(ask("GET", version))
    assert {each["pointer"] for each in shown["missing"]} == {"/artifacts", "/rubric/criteria"}
    refused = ask("POST", f"{version}/publish")
    assert (refused.status_code, body(refused)["code"]) == (422, "not_publishable")
    assert {fault["pointer"] for fault in body(refused)["faults"]} == {"/artifacts", "/rubric/criteria"}
    file = body(ask("GET", f"{version}/file"))
    file["microcredentials"][0].update(completion()["microcredentials"][0])
    done = take(ask, "/achievements/import", file)["items"][0]
    assert {each["field"] for each in done["differences"]} == {
        "Evidence asked for",
        "Rubric · It finds its way",
        "Rubric · Level that passes",
    }
    assert body(ask("POST", f"{version}/publish"))["status"] == "published"
    assert [each["key"] for each in body(ask("GET", "/achievements?q=robotics"))["items"]] == ["robotics"]


def test_by_the_rubric_of_a_framework(ask: Ask) -> None:
    take(ask, "/frameworks/import", package())
    take(ask, "/achievements/import", badge())
    (rubric,) = body(ask("GET", "/frameworks/rubrics"))["items"]
    assert rubric == {"uri": RUBRIC, "title": "Robots at work", "framework": "Robots", "criteria": 1}
    wanted = {"key": "robotics", "rubric": rubric["uri"], "requiredLevel": "Fair"}
    planned = body(ask("POST", "/achievements/adopt?dryRun=true", json=wanted))
    assert planned["items"][0]["missing"] == []
    assert body(ask("GET", "/achievements/robotics/versions/1"))["missing"]
    assert body(ask("POST", "/achievements/adopt", json=wanted)) == planned
    definition = body(ask("GET", "/achievements/robotics/versions/1"))["definition"]
    assert [level["id"] for level in definition["rubric"]["criteria"][0]["levels"]] == [
        f"{RUBRIC}/poor",
        f"{RUBRIC}/fair",
        f"{RUBRIC}/good",
    ]
    assert ask("POST", "/achievements/robotics/versions/1/publish").status_code == 200
    assert body(ask("GET", "/achievements?q=robotics"))["total"] == 1


def test_what_cannot_be_adopted_says_why(ask: Ask) -> None:
    take(ask, "/frameworks/import", package(CFRubricCriterionLevels=[]))
    refused = ask("POST", "/achievements/adopt", json={"rubric": RUBRIC, "key": "check-understanding"})
    assert (refused.status_code, body(refused)["code"]) == (422, "import_refused")
    assert [(fault["code"], fault["pointer"]) for fault in body(refused)["faults"]] == [
        ("criterion_without_levels", "/CFRubrics/0/CFRubricCriteria/0/CFRubricCriterionLevels")
    ]
    assert ask("POST", "/achievements/adopt", json={"rubric": RUBRIC, "key": "nobody"}).status_code == 404
    assert ask("POST", "/achievements/adopt", json={"key": "check-understanding"}).status_code == 422
