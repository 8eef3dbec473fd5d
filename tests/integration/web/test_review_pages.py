"""The queue, the review page and the decision."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from issuer.models import Submission
from issuer.runtime import Runtime
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser


@pytest.fixture
def claimed(coach: Browser, waiting: Submission) -> str:
    assert coach.post(f"/reviews/{waiting.number}/claim").location == f"/reviews/{waiting.number}"
    return f"/reviews/{waiting.number}"


def levels(waiting: Submission, *, met: bool = True) -> dict[str, str]:
    return {f"level-{each}": score.level for each, score in factories.scores(waiting, met=met).items()}


def test_the_queue_shows_what_waits_and_what_is_mine(coach: Browser, waiting: Submission) -> None:
    assert "Checking for understanding" in coach.get("/reviews").text
    coach.post(f"/reviews/{waiting.number}/claim")
    page = coach.get("/reviews").text
    assert "You are reading" in page
    assert "The queue is empty" in page


def test_two_coaches_do_not_collide(app: Flask, district: District, claimed: str) -> None:
    second = Browser(app, district.other_coach)
    second.post(f"{claimed}/claim")
    assert "is already reviewing this" in second.get("/reviews").text
    page = second.get(claimed).text
    assert "is reading this" in page
    assert 'name="feedback"' not in page
    assert second.post(claimed, {"do": "save", "feedback": "Mine."}).status_code == 409


def test_scores_save_themselves(coach: Browser, waiting: Submission, claimed: str) -> None:
    data = {"do": "save", "feedback": "So far so good.", **levels(waiting)}
    answer = coach.post(claimed, data, headers={"Accept": "application/json"})
    assert answer.json["saved_at"]
    page = coach.get(claimed).text
    assert "So far so good." in page
    assert page.count(" checked") == 2


def test_approving_is_refused_with_reasons_until_the_criteria_are_met(
    coach: Browser, waiting: Submission, claimed: str, runtime: Runtime
) -> None:
    asked = coach.post(claimed, {"do": "approve", "feedback": "", **levels(waiting, met=False)}, follow_redirects=True)
    assert "The criteria are not met yet" in asked.text
    assert "Approve and issue the badge" not in asked.text
    forced = coach.post(f"{claimed}/decision", {"outcome": "approved", "feedback": ""})
    assert forced.status_code == 422
    assert "is below the level that passes" in forced.text
    handed: Any = runtime.enqueue
    assert handed.issued == []


def test_approving_hands_the_badge_to_the_workers_once(
    coach: Browser, waiting: Submission, claimed: str, runtime: Runtime
) -> None:
    asked = coach.post(claimed, {"do": "approve", "feedback": "Well done.", **levels(waiting)}, follow_redirects=True)
    assert "Approve and issue the badge" in asked.text
    handed: Any = runtime.enqueue
    assert handed.issued == [], "nothing is decided before it is confirmed"
    done = coach.post(f"{claimed}/decision", {"outcome": "approved", "feedback": "Well done."})
    assert done.location == f"{claimed}/decided"
    assert "The credential is being signed" in coach.get(f"{claimed}/decided").text
    again = coach.post(f"{claimed}/decision", {"outcome": "returned", "feedback": "No."})
    assert again.status_code == 409
    assert "already been decided" in again.text
    assert handed.issued == [(waiting.number, 1)]
    assert coach.get(claimed).location == f"{claimed}/decided"


def test_returning_needs_a_word_and_reaches_the_teacher(
    coach: Browser, teacher: Browser, waiting: Submission, claimed: str
) -> None:
    empty = coach.post(f"{claimed}/decision", {"outcome": "returned", "feedback": "  "})
    assert empty.status_code == 422
    assert "say what the teacher should do next" in empty.text
    subject = next(iter(factories.scores(waiting)))
    coach.post(claimed, {"do": "save", f"feedback-{subject}": "Show one plan.", **levels(waiting, met=False)})
    coach.post(f"{claimed}/decision", {"outcome": "returned", "feedback": "Nearly there."})
    home = teacher.get("/teacher").text
    assert home.index("Next for you") < home.index("Nearly there.")
    page = teacher.get(f"/submissions/{waiting.number}").text
    assert "Show one plan." in page
    assert "Grade four, twenty students." in page, "the answers are still there"
    teacher.post(
        f"/submissions/{waiting.number}",
        {"do": "submit", "revision": "1", "answer-context": "Grade four, now with a plan.", "change_note": "The plan."},
    )
    second = coach.get(f"/reviews/{waiting.number}").text
    assert "The plan." in second
    assert "Attempt 1" in second


def test_what_was_not_scored_was_called_not_yet(
    coach: Browser, teacher: Browser, waiting: Submission, claimed: str
) -> None:
    """That is the name of a level. And the answers are among the findings, as the rubric is."""
    _, second = factories.scores(waiting, met=False)
    low = factories.scores(waiting, met=False)[second].level
    coach.post(claimed, {"do": "save", f"level-{second}": low, "level-context": "passing"})
    page = coach.get(f"{claimed}/decision/returned").text
    rows = [re.sub(r"<[^>]+>|\s+", " ", row).split() for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)[1:]]
    found = [" ".join(row) for row in rows]
    assert found[0].endswith("Not scored")
    assert found[1].endswith("Requirement not met")
    assert found[2].endswith("Passing Requirement met")
    coach.post(f"{claimed}/decision", {"outcome": "returned", "feedback": "Nearly there."})
    shown = teacher.get(f"/submissions/{waiting.number}").text
    assert "Requirement not met" in shown
    assert "Passing <span" in shown, "the teacher sees what was said of the answers, too"


def test_putting_it_back(coach: Browser, waiting: Submission, claimed: str) -> None:
    coach.post(claimed, {"do": "release", "feedback": "Kept.", **levels(waiting)})
    assert "You are reading" not in coach.get("/reviews").text
    coach.post(f"{claimed}/claim")
    assert "Kept." in coach.get(claimed).text


def test_a_level_that_does_not_exist_keeps_the_rest_on_the_page(
    coach: Browser, waiting: Submission, claimed: str
) -> None:
    subject = next(iter(factories.scores(waiting)))
    answer = coach.post(claimed, {"do": "save", f"level-{subject}": "urn:made:up", "feedback": "Typed with care."})
    assert answer.status_code == 422
    assert "There is no such level" in answer.text
    assert "Typed with care." in answer.text
