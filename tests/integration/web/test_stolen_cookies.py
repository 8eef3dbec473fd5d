"""No cookie of one session says anything for another one: not who signed in, not when, and not which form is theirs."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from issuer.db import reading, unit_of_work
from issuer.models import ApiKey, User, UserSession
from issuer.runtime import Runtime
from issuer.services import user_sessions
from issuer.services.passwords import hash_password
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, an_hour_goes_by
from tests.integration.web.test_sessions import is_in, rows, signed_in, stolen

PASSWORD = "seven-quiet-herons"
KEYS = "/admin/lakeside/keys"
KEY = {"name": "Stolen", "scope": "members:read"}
SESSION, STAY = "badgewright", "badgewright-stay"


@pytest.fixture
def victim(runtime: Runtime, district: District) -> User:
    return _with_password(runtime, district.admin)


@pytest.fixture
def thief(runtime: Runtime, district: District) -> User:
    """Has an account of their own, in another organisation."""
    return _with_password(runtime, district.stranger)


def _with_password(runtime: Runtime, user: User) -> User:
    with unit_of_work(runtime.sessions) as session:
        found = session.merge(user)
        found.password = hash_password(PASSWORD)
    return found


def keys(runtime: Runtime) -> list[ApiKey]:
    with reading(runtime.sessions) as session:
        return list(session.scalars(select(ApiKey)))


def form_token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found is not None
    return found[1]


def cookie_of(browser: Browser) -> dict[str, Any]:
    with browser.client.session_transaction() as cookie:
        return dict(cookie)


@pytest.mark.parametrize("forged_time", [False, True])
@pytest.mark.parametrize("own", ["none", "dead", "live", "live with another's proof"])
@pytest.mark.parametrize("stay", [False, True])
def test_a_stolen_stay_cookie_does_not_borrow_the_freshness_of_another_session(
    app: Flask, runtime: Runtime, victim: User, thief: User, own: str, stay: bool, forged_time: bool
) -> None:
    theirs = signed_in(app, victim, remember="y")
    mine = signed_in(app, thief)
    mixed = Browser(app)
    if own != "none":
        mixed = stolen(app, mine, SESSION)
    if own == "dead":
        mine.post("/sign-out")
    if own == "live with another's proof":
        # A cookie that only this service could have written.
        copied = cookie_of(theirs)["proof"]
        with mixed.client.session_transaction() as cookie:
            cookie["proof"] = copied
    if forged_time:
        with mixed.client.session_transaction() as cookie:
            cookie["fs_paa"], cookie["fs_gexp"] = time.time(), time.time() + 3600
    if stay:
        mixed.client.set_cookie(STAY, theirs.client.get_cookie(STAY).value)  # type: ignore[union-attr]
    as_victim = stay and own in ("none", "dead")
    # Asked for the password, or another person who is no admin: 403. Nobody at all: to the sign-in page.
    refused = 403 if as_victim or own.startswith("live") else 302
    asked = mixed.post(KEYS, KEY)
    assert asked.status_code == refused, asked.text
    assert keys(runtime) == []
    assert (mixed.get(KEYS).status_code == 200) == as_victim
    assert ('name="confirm-password"' in asked.text) == (as_victim or own == "live with another's proof")
    wrong = mixed.post(KEYS, {**KEY, "confirm-password": "guess"})
    assert wrong.status_code == refused
    assert keys(runtime) == []
    assert theirs.post(KEYS, KEY).status_code == 200, "its owner is not asked"


@pytest.mark.parametrize("path", [KEYS, "/account/sessions/end-others"])
def test_the_time_of_typing_is_nowhere_in_the_cookie(app: Flask, victim: User, path: str) -> None:
    browser = signed_in(app, victim)
    an_hour_goes_by(browser)
    with browser.client.session_transaction() as cookie:
        cookie["fs_paa"], cookie["fs_gexp"] = time.time(), time.time() + 3600
    assert browser.post(path, KEY).status_code == 403


@pytest.mark.parametrize("by", ["form", "page"])
def test_a_copy_of_a_session_cookie_is_not_fresh_again_when_its_owner_types_the_password(
    app: Flask, runtime: Runtime, victim: User, by: str
) -> None:
    browser = signed_in(app, victim)
    copy = stolen(app, browser)
    an_hour_goes_by(browser)
    if by == "form":
        assert browser.post(KEYS, {**KEY, "confirm-password": PASSWORD}).status_code == 200
    else:
        assert browser.post("/account/confirm", {"password": PASSWORD}).status_code == 302
    assert browser.post(KEYS, {**KEY, "name": "Second"}).status_code == 200
    there = len(keys(runtime))
    assert is_in(copy)
    assert copy.post(KEYS, KEY).status_code == 403
    assert len(keys(runtime)) == there


def test_typing_the_password_into_a_session_that_has_ended_makes_nothing_fresh(
    app: Flask, runtime: Runtime, victim: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in(app, victim)
    an_hour_goes_by(browser)
    real = user_sessions.confirm

    def too_late(session: Any, **named: Any) -> str:
        session.execute(UserSession.__table__.delete())
        return real(session, **named)

    monkeypatch.setattr("issuer.services.user_sessions.confirm", too_late)
    assert browser.post(KEYS, {**KEY, "confirm-password": PASSWORD}).status_code == 404
    assert keys(runtime) == []


def test_a_session_from_before_the_upgrade_asks_once(app: Flask, runtime: Runtime, victim: User) -> None:
    browser = signed_in(app, victim)
    with unit_of_work(runtime.sessions) as session:
        session.execute(update(UserSession).values(confirmed_at=None, proof_sha256=None))
    assert browser.post(KEYS, KEY).status_code == 403
    assert browser.post(KEYS, {**KEY, "confirm-password": PASSWORD}).status_code == 200
    assert browser.post(KEYS, {**KEY, "name": "Second"}).status_code == 200


def test_a_planted_cookie_is_not_the_session_that_somebody_signs_in_to(app: Flask, victim: User) -> None:
    """Session fixation: a thief writes a cookie into the browser of a victim and waits for the sign-in."""
    browser = Browser(app)
    planted = form_token(browser.get("/sign-in").text)
    thief = stolen(app, browser)
    before = cookie_of(browser)
    browser.post("/sign-in", {"email": victim.email, "password": PASSWORD})
    assert is_in(browser)
    assert not is_in(thief)
    after = cookie_of(browser)
    assert after["csrf_token"] != before["csrf_token"]
    refused = browser.client.post(KEYS, data={**KEY, "csrf_token": planted})
    assert refused.status_code == 400


@pytest.mark.parametrize("planted", ["anonymous", "dead", "live"])
def test_a_planted_cookie_does_not_make_forms_of_a_browser_that_stays_signed_in(
    app: Flask, runtime: Runtime, victim: User, thief: User, planted: str
) -> None:
    """Its token is known to the thief, and with it another site could send forms in the victim's name."""
    source = Browser(app) if planted == "anonymous" else signed_in(app, thief)
    token = form_token(source.get("/verify").text)
    browser = stolen(app, source, SESSION)
    if planted == "dead":
        source.post("/sign-out")
    theirs = signed_in(app, victim, remember="y")
    browser.client.set_cookie(STAY, theirs.client.get_cookie(STAY).value)  # type: ignore[union-attr]
    answer = browser.client.post("/account", data={"name": "Mallory", "csrf_token": token})
    assert answer.status_code == (302 if planted == "live" else 400), "signed in as the thief, or refused"
    with reading(runtime.sessions) as session:
        assert session.get_one(User, victim.id).name != "Mallory"


def test_signing_in_as_somebody_else_keeps_nothing_of_the_first(
    app: Flask, runtime: Runtime, victim: User, thief: User
) -> None:
    browser = signed_in(app, victim, remember="y")
    with browser.client.session_transaction() as cookie:
        cookie["planted"], cookie["_flashes"] = "yes", [("info", "a message for the first")]
    names = ("_user_id", "csrf_token", "proof")
    first = {cookie_of(browser)[name] for name in names}
    for by in ("signing out", "ending elsewhere"):
        if by == "signing out":
            browser.post("/sign-out")
        else:
            with unit_of_work(runtime.sessions) as session:
                session.execute(UserSession.__table__.delete())
        assert "a message for the first" not in browser.get("/sign-in").text
        browser.post("/sign-in", {"email": thief.email, "password": PASSWORD})
        assert is_in(browser)
        second = cookie_of(browser)
        assert "planted" not in second
        assert first.isdisjoint({second[name] for name in names})
        assert browser.client.get_cookie(STAY) is None
        first = {second[name] for name in names}


def test_all_windows_of_a_browser_that_stays_signed_in_have_one_token(app: Flask, victim: User) -> None:
    """A browser that starts asks for all its windows at once, and only one of the answers' cookies is left."""
    theirs = signed_in(app, victim, remember="y")
    windows = [stolen(app, theirs, STAY) for _ in range(2)]
    token = form_token(windows[0].get("/account").text)
    assert is_in(windows[1])
    answer = windows[1].client.post("/account", data={"name": "Ada", "csrf_token": token})
    assert answer.status_code == 302


def test_a_stay_cookie_makes_no_rows_however_often_it_comes(app: Flask, runtime: Runtime, victim: User) -> None:
    theirs = signed_in(app, victim, remember="y")
    for _ in range(20):
        assert is_in(stolen(app, theirs, STAY))
    assert len(rows(runtime)) == 1


def test_a_sign_in_under_way_while_the_password_changes_is_not_begun(
    app: Flask, runtime: Runtime, victim: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or else who knows the old password would be signed in after the change that was made to get rid of them."""
    real = user_sessions.require_password

    def late(session: Any, **named: Any) -> None:
        session.execute(update(User).where(User.id == victim.id).values(password=hash_password("nine-loud-herons")))
        real(session, **named)

    monkeypatch.setattr("issuer.services.user_sessions.require_password", late)
    browser = Browser(app)
    answer = browser.post("/sign-in", {"email": victim.email, "password": PASSWORD, "remember": "y"})
    assert answer.status_code == 409
    assert "Please sign in again." in answer.text
    assert not is_in(browser)
    assert browser.client.get_cookie(STAY) is None
    assert rows(runtime) == []


def test_a_password_that_changes_between_the_look_and_the_sign_in(
    app: Flask, runtime: Runtime, victim: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = app.extensions["security"].datastore
    real = people.find_user

    def late(**named: Any) -> Any:
        with unit_of_work(runtime.sessions) as session:
            session.get_one(User, victim.id).password = hash_password("nine-loud-herons")
        return real(**named)

    monkeypatch.setattr(people, "find_user", late)
    browser = Browser(app)
    browser.post("/sign-in", {"email": victim.email, "password": PASSWORD})
    assert not is_in(browser)
    assert rows(runtime) == []


def test_a_row_that_takes_the_place_of_an_ended_session_is_not_mistaken_for_it(
    app: Flask, runtime: Runtime, victim: User, thief: User
) -> None:
    """SQLite gives the id of a deleted row to the next one: a change of A's password must not renew B's session."""
    browser = signed_in(app, thief)
    (old,) = rows(runtime)
    with unit_of_work(runtime.sessions) as session:
        session.execute(UserSession.__table__.delete())
    other = signed_in(app, victim)
    (new,) = rows(runtime)
    assert new.id == old.id
    with pytest.raises(Exception, match="has ended"), unit_of_work(runtime.sessions) as session:
        user_sessions.confirm(session, number=old.number, now=runtime.clock())
    assert is_in(other)
    assert not is_in(browser)


def test_a_form_of_an_ended_session_leads_to_signing_in(app: Flask, runtime: Runtime, victim: User) -> None:
    browser = signed_in(app, victim)
    token = form_token(browser.get("/account").text)
    with unit_of_work(runtime.sessions) as session:
        session.execute(UserSession.__table__.delete())
    answer = browser.client.post("/account", data={"name": "Ada", "csrf_token": token})
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_signing_in_in_two_windows_is_no_error(app: Flask, victim: User) -> None:
    browser = Browser(app)
    form = {"email": victim.email, "password": PASSWORD, "csrf_token": form_token(browser.get("/sign-in").text)}
    assert browser.client.post("/sign-in", data=form).status_code == 302
    again = browser.client.post("/sign-in", data=form)
    assert again.status_code == 303
    assert browser.get(again.location).location == "/home"
