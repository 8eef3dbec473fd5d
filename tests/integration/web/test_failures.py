"""Every kind of trouble has a page in our own look, with a code and without a trace of code."""

from __future__ import annotations

import errno
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from issuer.errors import Conflict, Invalid, ServiceError, TooLarge, UnsupportedType
from issuer.models import Submission
from issuer.runtime import Runtime
from issuer.services import user_sessions
from tests.integration.web.conftest import Browser


@pytest.mark.parametrize("error", [Conflict, Invalid, TooLarge, UnsupportedType, ServiceError])
def test_errors_of_the_service(app: Flask, error: type[ServiceError]) -> None:
    def fail() -> str:
        raise error("A sentence for a person.", code="a_code")

    app.add_url_rule("/fail", "fail", fail)
    page = Browser(app).get("/fail")
    assert page.status_code == error.status
    assert "A sentence for a person." in page.text
    assert "<code>a_code</code>" in page.text
    assert "Skip to the content" in page.text
    problem = Browser(app).get("/fail", headers={"Accept": "application/json"})
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json(force=True)["code"] == "a_code"


def test_what_nobody_expected_says_nothing_of_itself(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> str:
        raise RuntimeError("the password is hunter2")

    app.add_url_rule("/fail", "fail", fail)
    page = Browser(app).get("/fail")
    assert page.status_code == 500
    assert "That went wrong on our side" in page.text
    assert "hunter2" not in page.text
    assert "RuntimeError" in caplog.text


def test_wrong_methods_and_missing_pages(stranger: Browser) -> None:
    assert stranger.get("/nowhere").status_code == 404
    wrong = stranger.post("/privacy")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]


def test_a_submission_that_is_not_there_spoke_of_badges(teacher: Browser) -> None:
    missing = teacher.get("/submissions/00000000000000000000000000000000")
    assert missing.status_code == 404
    assert "stopped sharing" not in missing.text
    assert "signed in with the right account" in missing.text
    assert "<code>" not in missing.text, "the status says as much"
    badge = teacher.get("/credentials/00000000-0000-4000-8000-000000000000")
    assert badge.status_code == 404
    assert "its owner may have stopped sharing it" in badge.text


def test_a_form_that_is_too_large(app: Flask, stranger: Browser) -> None:
    answer = stranger.post("/sign-in", {"email": "x" * 5_000_000})
    assert answer.status_code == 413
    assert "Please choose a smaller file" in answer.text


@pytest.mark.parametrize(
    "trouble",
    [OSError(errno.ENOSPC, "full"), OperationalError("COMMIT", {}, Exception("lost"), connection_invalidated=True)],
)
def test_nothing_was_saved_is_never_said_when_something_was(
    teacher: Browser, runtime: Runtime, draft: Submission, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    """The answers are committed; then the disk is full for the file, or the connection is lost during COMMIT."""

    def fail(*_: object) -> None:
        raise trouble

    monkeypatch.setattr("issuer.web.attachments.add", fail)
    sent = {"do": "add:lesson-plan", "answer-context": "Typed before.", "revision": "0"}
    answer = teacher.post(f"/submissions/{draft.number}", sent)
    assert answer.status_code in (503, 507)
    assert "Please reload the page and check before you try again." in answer.text
    assert "Nothing was saved" not in answer.text
    assert "Typed before." in teacher.get(f"/submissions/{draft.number}").text


@pytest.mark.parametrize("trouble", [PoolTimeout(), OperationalError("", {}, Exception(), connection_invalidated=True)])
def test_a_session_that_cannot_be_noted_does_not_hide_what_was_done(
    teacher: Browser, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(user_sessions, "SEEN_EVERY", timedelta(0))
    monkeypatch.setattr(user_sessions, "touch", fail)
    assert teacher.get("/account").status_code == 200
