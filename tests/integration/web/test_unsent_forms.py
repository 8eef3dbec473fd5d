"""A form that arrives after the end of its session: its text waits for its writer, and for nobody else."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from issuer.db import reading, unit_of_work
from issuer.models import Submission, UnsentForm, User, UserSession
from issuer.runtime import Runtime
from issuer.services import reviews, unsent
from issuer.services.access import Actor
from tests import factories
from tests.integration.conftest import District
from tests.integration.web import conftest
from tests.integration.web.conftest import Browser


def form(page: str) -> dict[str, str]:
    """The hidden fields of the page's form."""
    names = ("csrf_token", "written_by", "revision")
    found = {name: re.search(rf'name="{name}" value="([^"]+)"', page.split("data-autosave")[1]) for name in names}
    return {name: match[1] for name, match in found.items() if match is not None}


def sign_out(browser: Browser) -> None:
    with browser.client.session_transaction() as session:
        session.clear()


def sign_in(browser: Browser, user: User) -> None:
    conftest.sign_in(browser.client.application, browser.client, user)


def count(runtime: Runtime) -> int:
    with reading(runtime.sessions) as session:
        return session.scalar(select(func.count()).select_from(UnsentForm)) or 0


def test_text_sent_after_the_session_ended(
    teacher: Browser, district: District, runtime: Runtime, draft: Submission
) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    sign_out(teacher)
    typed = {
        "answer-context": "A whole evening’s work.",
        "change_note": "New words.",
        "about-lesson-plan": "It shows …",
    }
    answer = teacher.client.post(path, data={**hidden, **typed, "do": "submit"})
    assert answer.status_code == 302
    assert answer.location == f"/sign-in?next={path.replace('/', '%2F')}" or answer.location == f"/sign-in?next={path}"
    assert "A whole evening" not in teacher.get(answer.location).text
    sign_in(teacher, district.teacher)
    page = teacher.get(path).text
    assert "You had been signed out before this was saved" in page
    assert "A whole evening’s work." in page
    assert "It shows …" in page
    hidden = form(page)
    assert teacher.client.post(path, data={**hidden, **typed, "do": "save"}).status_code == 302
    assert "You had been signed out" not in teacher.get(path).text
    assert count(runtime) == 0


def test_text_sent_after_the_server_ended_the_session(
    teacher: Browser, district: District, runtime: Runtime, draft: Submission
) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    # The token against forged requests is still good; the session is not.
    with unit_of_work(runtime.sessions) as session:
        session.execute(delete(UserSession))
    answer = teacher.client.post(path, data={**hidden, "answer-context": "Still here.", "do": "save"})
    assert answer.location.startswith("/sign-in?next=")
    sign_in(teacher, district.teacher)
    assert "Still here." in teacher.get(path).text


def test_text_sent_with_the_token_of_the_session_before(
    teacher: Browser, district: District, draft: Submission
) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    sign_out(teacher)
    sign_in(teacher, district.teacher)
    answer = teacher.client.post(path, data={**hidden, "answer-context": "Signed in again meanwhile.", "do": "save"})
    assert answer.location == path
    assert "Signed in again meanwhile." in teacher.get(path).text


def test_text_never_waits_for_another_account(
    app: Flask, teacher: Browser, district: District, runtime: Runtime, draft: Submission
) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    sign_out(teacher)
    sign_in(teacher, district.coach)
    token = re.search(r'name="csrf_token" value="([^"]+)"', teacher.get("/verify").text)
    assert token is not None
    # With a good token of the second account as well as with the old one.
    for csrf_token in (hidden["csrf_token"], token[1]):
        fields = {**hidden, "csrf_token": csrf_token, "answer-context": "Written by the teacher.", "do": "save"}
        refused = teacher.client.post(path, data=fields)
        assert refused.status_code == 409
        assert "other_account" in refused.text
        script = teacher.client.post(path, data=fields, headers={"Accept": "application/json"})
        assert (script.status_code, script.json["code"]) == (409, "other_account")
    assert "Written by the teacher." not in Browser(app, district.coach).get("/reviews").text
    assert teacher.get(path).status_code == 404
    assert "Written by the teacher." in Browser(app, district.teacher).get(path).text


def test_nobody_puts_text_into_anothers_form(
    app: Flask,
    teacher: Browser,
    coach: Browser,
    district: District,
    runtime: Runtime,
    draft: Submission,
    waiting: Submission,
) -> None:
    path = f"/submissions/{draft.number}"
    stranger = Browser(app)
    for written_by in ("", "x", "WzEsICIvIl0.aaaa.bbbb"):
        answer = stranger.client.post(path, data={"written_by": written_by, "answer-context": "Forged.", "do": "save"})
        assert answer.status_code == 400
    assert count(runtime) == 0


def test_a_session_that_ended_is_said_to_the_script(teacher: Browser, runtime: Runtime, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    account = re.search(r'data-account="([0-9a-f]{32})"', teacher.get(path).text)
    assert account is not None
    assert teacher.get("/session").json["account"] == account[1]
    sign_out(teacher)
    answer = teacher.client.post(path, data={**hidden, "do": "save"}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed")
    assert teacher.get("/session").json == {"account": ""}
    assert count(runtime) == 0, "the script keeps the text itself"


def test_a_coach_gets_feedback_and_scores_back(
    coach: Browser, district: District, runtime: Runtime, waiting: Submission
) -> None:
    with unit_of_work(runtime.sessions) as session:
        reviews.claim(session, number=waiting.number, actor=Actor.of(district.coach), now=factories.NOW)
    path = f"/reviews/{waiting.number}"
    hidden = form(coach.get(path).text)
    sign_out(coach)
    coach.client.post(path, data={**hidden, "feedback": "Read twice.", "do": "return"})
    sign_in(coach, district.coach)
    assert "Read twice." in coach.get(path).text
    decision = f"{path}/decision/returned"
    hidden = form(coach.get(decision).text)
    sign_out(coach)
    sent = {**hidden, "feedback": "Written at the very end.", "outcome": "returned"}
    answer = coach.client.post(f"{path}/decision", data=sent)
    assert "decision" in answer.location
    sign_in(coach, district.coach)
    assert "Written at the very end." in coach.get(decision).text


def test_two_windows_of_a_coach_never_overwrite_each_other(
    coach: Browser, district: District, runtime: Runtime, waiting: Submission
) -> None:
    with unit_of_work(runtime.sessions) as session:
        reviews.claim(session, number=waiting.number, actor=Actor.of(district.coach), now=factories.NOW)
    path = f"/reviews/{waiting.number}"
    hidden = form(coach.get(path).text)
    coach.client.post(path, data={**hidden, "feedback": "From the first window.", "do": "save"})
    clash = coach.client.post(path, data={**hidden, "feedback": "From the second window.", "do": "save"})
    assert clash.status_code == 409
    assert "From the first window." in clash.text
    assert "From the second window." in clash.text
    script = coach.client.post(
        path, data={**hidden, "feedback": "Again.", "do": "save"}, headers={"Accept": "application/json"}
    )
    assert script.json["fields"]["feedback"] == {"yours": "Again.", "theirs": "From the first window."}
    late = coach.client.post(f"{path}/decision", data={**hidden, "outcome": "returned", "feedback": "From the second."})
    assert late.status_code == 409
    assert "From the first window." in late.text
    hidden = form(clash.text)
    both = {**hidden, "feedback": "Second.", "resolve-feedback": "both", "saved-feedback": "First.", "do": "save"}
    assert coach.client.post(path, data=both).status_code == 302
    assert "Second.\n\nFirst." in coach.get(path).text


def test_the_choice_of_the_saved_text_changes_nothing(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    teacher.client.post(path, data={**hidden, "answer-context": "Saved first.", "do": "save"})
    clash = teacher.client.post(path, data={**hidden, "answer-context": "Typed later.", "do": "save"})
    chosen = {**form(clash.text), "answer-context": "Typed later.", "resolve-answer-context": "saved", "do": "save"}
    assert teacher.client.post(path, data=chosen).status_code == 302
    page = teacher.get(path).text
    assert "Saved first." in page
    assert "Typed later." not in page


def test_what_is_held_has_a_bound_and_an_end(runtime: Runtime, district: District) -> None:
    user, now = district.teacher.id, factories.NOW
    with unit_of_work(runtime.sessions) as session:
        for index in range(unsent.MAX_FORMS + 5):
            unsent.hold(session, user_id=user, path=f"/submissions/{index}", fields={"a": "b"}, now=now)
            unsent.hold(session, user_id=user, path=f"/submissions/{index}", fields={"a": "c"}, now=now)
    assert count(runtime) == unsent.MAX_FORMS
    late = now + unsent.KEPT_FOR + timedelta(seconds=1)
    with unit_of_work(runtime.sessions) as session:
        assert unsent.held(session, user_id=user, path=f"/submissions/{unsent.MAX_FORMS}", now=now) == {"a": "c"}
        assert unsent.held(session, user_id=user, path=f"/submissions/{unsent.MAX_FORMS}", now=late) == {}
        unsent.hold(session, user_id=user, path="/submissions/new", fields={"a": "d"}, now=late)
    assert count(runtime) == 1


@pytest.mark.parametrize(
    ("answers", "status", "code"),
    [
        ({"answer-context": "x" * (unsent.MAX_CHARS + 1)}, 422, "text_too_long"),
        ({f"answer-{index}": "x" * 10_000 for index in range(60)}, 413, "too_large"),
    ],
)
def test_more_text_than_can_be_held(
    teacher: Browser, runtime: Runtime, draft: Submission, answers: dict[str, str], status: int, code: str
) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    sign_out(teacher)
    answer = teacher.client.post(path, data={**hidden, **answers})
    assert answer.status_code == status
    assert f"<code>{code}</code>" in answer.text
    assert count(runtime) == 0


def test_an_account_that_was_closed_holds_nothing(
    teacher: Browser, district: District, runtime: Runtime, draft: Submission
) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    sign_out(teacher)
    with unit_of_work(runtime.sessions) as session:
        session.merge(district.teacher).active = False
    assert teacher.client.post(path, data={**hidden, "answer-context": "Late."}).status_code == 400
    assert count(runtime) == 0


def test_several_files_without_script_of_which_one_is_refused(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    hidden = form(teacher.get(path).text)
    files = [(io.BytesIO(factories.PDF), "one.pdf"), (io.BytesIO(b"MZ\x90\x00 a program"), "two.exe")]
    answer = teacher.client.post(
        path, data={**hidden, "do": "add:lesson-plan", "answer-context": "Kept.", "file-lesson-plan": files}
    )
    assert answer.status_code == 415
    assert "two.exe was not added. Files of this kind are not accepted." in answer.text
    assert 'id="refused-lesson-plan-1"' in answer.text, "beside the field"
    page = teacher.get(path).text
    assert "one.pdf" in page
    assert "Kept." in page
