"""A session is over when it is ended, whatever copy of its cookie somebody holds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from issuer.app import create_app
from issuer.db import reading, unit_of_work
from issuer.models import AuditEvent, User, UserSession
from issuer.queries.user_sessions import Lifetime, digest
from issuer.runtime import Runtime
from issuer.services import user_sessions
from issuer.services.passwords import hash_password
from issuer.web.sessions import describe_client
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser

PASSWORD = "seven-quiet-herons"
NEW = "nine-loud-herons"


@pytest.fixture
def known(runtime: Runtime, district: District) -> User:
    with unit_of_work(runtime.sessions) as session:
        user = session.merge(district.teacher)
        user.password = hash_password(PASSWORD)
    return user


def signed_in(app: Flask, user: User, password: str = PASSWORD, **more: Any) -> Browser:
    browser = Browser(app)
    answer = browser.post("/sign-in", {"email": user.email, "password": password, **more})
    assert answer.location == "/home"
    return browser


def stolen(app: Flask, browser: Browser, *names: str) -> Browser:
    """A copy of the browser's cookies, all or those named."""
    thief = Browser(app)
    for name in names or ("badgewright", "badgewright-stay"):
        cookie = browser.client.get_cookie(name)
        if cookie is not None:
            thief.client.set_cookie(name, cookie.value)
    return thief


def is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def actions(runtime: Runtime) -> list[str]:
    with reading(runtime.sessions) as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def rows(runtime: Runtime) -> list[UserSession]:
    with reading(runtime.sessions) as session:
        return list(session.scalars(select(UserSession).order_by(UserSession.id)))


@pytest.mark.parametrize("more", [{}, {"remember": "y"}])
def test_a_stolen_cookie_dies_with_signing_out(app: Flask, known: User, more: dict[str, str]) -> None:
    browser = signed_in(app, known, **more)
    thief = stolen(app, browser)
    assert is_in(thief)
    browser.post("/sign-out")
    assert not is_in(thief)
    assert not is_in(browser)


def test_a_stolen_stay_signed_in_cookie_alone_dies_with_its_session(app: Flask, runtime: Runtime, known: User) -> None:
    browser = signed_in(app, known, remember="y")
    thief = stolen(app, browser, "badgewright-stay")
    assert is_in(thief)
    browser.post("/sign-out")
    late = stolen(app, thief)
    assert not is_in(late)
    assert late.client.get_cookie("badgewright-stay") is None
    assert rows(runtime) == []
    assert actions(runtime)[-2:] == ["user.sign_in", "user.sign_out"]


def test_the_cookie_holds_nothing_that_the_database_holds(app: Flask, runtime: Runtime, known: User) -> None:
    browser = signed_in(app, known)
    with browser.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    (row,) = rows(runtime)
    assert token != known.fs_uniquifier
    assert token != row.number
    assert row.token_sha256 == digest(token)


def test_changing_the_password_ends_every_other_session_and_every_copy_of_this_one(
    app: Flask, runtime: Runtime, known: User
) -> None:
    here, elsewhere = signed_in(app, known, remember="y"), signed_in(app, known, remember="y")
    copy = stolen(app, here)
    answer = here.post("/account/password", {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})
    assert answer.status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)
    assert not is_in(copy)
    assert len(rows(runtime)) == 1
    assert actions(runtime)[-1] == "user.password_change"


def test_a_password_is_not_changed_when_the_session_ends_meanwhile(
    app: Flask, runtime: Runtime, known: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else the others would stay signed in under the new password."""
    here, elsewhere = signed_in(app, known), signed_in(app, known)
    real = user_sessions.renew

    def too_late(session: Any, *, number: str) -> str:
        return real(session, number="none")

    monkeypatch.setattr("issuer.services.user_sessions.renew", too_late)
    answer = here.post("/account/password", {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})
    assert answer.status_code == 404
    assert is_in(elsewhere)
    signed_in(app, known, PASSWORD)
    assert "user.password_change" not in actions(runtime)


def test_a_session_ends_when_idle_and_at_its_last_day_in_any_case(runtime: Runtime, known: User) -> None:
    moment = [runtime.clock()]
    app = create_app(runtime=replace(runtime, clock=lambda: moment[0]))
    short, long = signed_in(app, known), signed_in(app, known, remember="y")
    moment[0] += timedelta(hours=11)
    assert is_in(short)
    moment[0] += timedelta(hours=11)
    assert is_in(short), "it was used in between"
    moment[0] += timedelta(hours=12)
    assert not is_in(short)
    assert is_in(long)
    moment[0] += timedelta(days=29)
    assert not is_in(long)
    with unit_of_work(runtime.sessions) as session:
        assert user_sessions.forget_expired(session, lifetime=Lifetime.of(runtime.config), now=moment[0]) == 2
    assert rows(runtime) == []


def test_the_last_use_is_written_once_in_five_minutes(runtime: Runtime, known: User) -> None:
    moment = [runtime.clock()]
    app = create_app(runtime=replace(runtime, clock=lambda: moment[0]))
    browser = signed_in(app, known)
    begun = moment[0]
    for minutes, noted in ((4, 0), (5, 5), (9, 5), (10, 10)):
        moment[0] = begun + timedelta(minutes=minutes)
        browser.get("/account")
        assert rows(runtime)[0].seen_at == begun + timedelta(minutes=noted)


def test_one_sees_where_one_is_signed_in_and_ends_it(app: Flask, runtime: Runtime, known: User) -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    here, there = signed_in(app, known), Browser(app)
    token = re.search(r'name="csrf_token" value="([^"]+)"', there.get("/verify").text)
    assert token is not None
    form = {"email": known.email, "password": PASSWORD, "csrf_token": token[1]}
    there.client.post("/sign-in", data=form, headers={"User-Agent": firefox})
    page = here.get("/account").text
    assert "Where you are signed in" in page
    assert page.count("This browser") == 1
    assert "Firefox on Windows" in page
    end = re.search(r'action="(/account/sessions/[^"]+/end)"', page)
    assert end is not None
    assert here.post(end[1]).status_code == 302
    assert not is_in(there)
    assert is_in(here)
    assert here.post(end[1]).status_code == 404, "twice"
    signed_in(app, known)
    signed_in(app, known)
    assert here.post("/account/sessions/end-others").status_code == 302
    assert len(rows(runtime)) == 1
    assert is_in(here)
    assert actions(runtime).count("session.end") == 2


def test_nobody_ends_the_session_of_somebody_else(
    app: Flask, runtime: Runtime, known: User, neighbour: Browser, admin: Browser
) -> None:
    browser = signed_in(app, known)
    number = rows(runtime)[-1].number
    for other in (neighbour, admin):
        assert other.post(f"/account/sessions/{number}/end").status_code == 404
        other.post("/account/sessions/end-others")
    assert is_in(browser)


def test_a_deactivated_account_is_out_at_once(app: Flask, runtime: Runtime, known: User) -> None:
    browser = signed_in(app, known, remember="y")
    with unit_of_work(runtime.sessions) as session:
        session.merge(known).active = False
    assert not is_in(browser)


@pytest.mark.parametrize(
    ("sent", "described"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "Chrome on Linux",
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/19.0 Safari/605", "Safari on Mac"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
        ("<script>" * 100_000, "A browser"),
    ],
)
def test_browsers_are_described_in_our_own_words(sent: str, described: str) -> None:
    assert describe_client(sent) == described


def test_a_static_file_asks_the_database_for_nothing(app: Flask, runtime: Runtime, known: User) -> None:
    """A page with ten of them asked thirty times who is signed in."""
    browser = signed_in(app, known)
    statements: list[str] = []
    event.listen(runtime.engine, "before_cursor_execute", lambda *found: statements.append(found[2]))
    with browser.get("/static/badgewright.css") as answer:
        assert (answer.status_code, "private" in answer.headers["Cache-Control"]) == (200, False)
    assert statements == []
    assert "private" in browser.get("/account").headers["Cache-Control"]
