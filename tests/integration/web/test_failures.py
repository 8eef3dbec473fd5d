"""Every kind of trouble has a page in our own look, with a code and without a trace of code."""

from __future__ import annotations

import pytest
from flask import Flask

from issuer.errors import Conflict, Invalid, ServiceError, TooLarge, UnsupportedType
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


def test_a_form_that_is_too_large(app: Flask, stranger: Browser) -> None:
    answer = stranger.post("/sign-in", {"email": "x" * 5_000_000})
    assert answer.status_code == 413
    assert "Please choose a smaller file" in answer.text
