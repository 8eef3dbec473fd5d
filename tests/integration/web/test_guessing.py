"""Guessing passwords: few tries from the whole world, none of them tell anything, and owners are not locked out."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from issuer.db import reading, unit_of_work
from issuer.models import AuditEvent, User
from issuer.runtime import Runtime
from issuer.services.passwords import hash_password
from issuer.web.guessing import TooMany, Tries
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, an_hour_goes_by, settle
from tests.integration.web.test_accounts import bare

PASSWORD = "seven-quiet-herons"


@pytest.fixture
def known(runtime: Runtime, district: District) -> User:
    with unit_of_work(runtime.sessions) as session:
        user = session.merge(district.teacher)
        user.password = hash_password(PASSWORD)
    return user


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were compared, without the work of comparing."""
    found: list[str] = []

    def compare(password: str, user: User) -> bool:
        found.append(password)
        return password == PASSWORD

    monkeypatch.setattr(User, "verify_and_update_password", lambda self, password: compare(password, self))
    monkeypatch.setattr("flask_security.forms.hash_password", lambda text: found.append(text) or "")
    return found


def attempt(browser: Browser, email: str, password: str, address: str = "192.0.2.1") -> TestResponse:
    return browser.post("/sign-in", {"email": email, "password": password}, environ_base={"REMOTE_ADDR": address})


def events(runtime: Runtime, action: str) -> list[AuditEvent]:
    with reading(runtime.sessions) as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


@pytest.mark.parametrize("email", ["tara@lakeside.example", "nobody@lakeside.example"])
def test_many_addresses_have_ten_tries_at_one_account_together(
    app: Flask, runtime: Runtime, known: User, looked_at: list[str], email: str
) -> None:
    browser = Browser(app)
    codes = [
        attempt(browser, email, f"guess-{address}-{index}", f"198.51.100.{address}").status_code
        for address in range(25)
        for index in range(3)
    ]
    assert codes == [200] * 10 + [429] * 65
    assert len(looked_at) == 10
    assert attempt(browser, email.upper(), PASSWORD).status_code == 429, "in another case it is the same account"
    settle(app)
    refusals = events(runtime, "user.sign_in_refused")
    assert [each.subject for each in refusals] == ([f"user:{known.id}"] if email == known.email else [])


def test_a_whole_school_signs_in_from_one_address(app: Flask, known: User, looked_at: list[str]) -> None:
    for _ in range(40):
        assert attempt(Browser(app), known.email, PASSWORD).location == "/home"


def test_one_address_has_a_bounded_number_of_wrong_tries_at_all_accounts(app: Flask, looked_at: list[str]) -> None:
    browser = Browser(app)
    codes = [attempt(browser, f"teacher-{index}@lakeside.example", "Welcome-2026").status_code for index in range(25)]
    assert codes == [200] * 20 + [429] * 5
    elsewhere = [
        attempt(browser, "another@lakeside.example", "guess", f"2001:db8::{index}").status_code for index in (1, 2)
    ]
    assert elsewhere == [200, 200]


def test_a_refusal_is_the_sign_in_page_with_what_was_typed(app: Flask, known: User, looked_at: list[str]) -> None:
    pages = []
    for email in (known.email, "nobody@lakeside.example"):
        browser = Browser(app)
        for index in range(10):
            attempt(browser, email, f"guess-{index}", f"192.0.2.{index}")
        refused = attempt(browser, email, PASSWORD, "203.0.113.9")
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 15 * 60
        assert "There were too many tries. Please wait 15 minutes and try again." in refused.text
        assert f'value="{email}"' in refused.text
        assert PASSWORD not in refused.text
        pages.append(bare(refused.text))
    assert pages[0] == pages[1]


def test_fifty_at_once_get_no_more_tries_than_ten(app: Flask, district: District, looked_at: list[str]) -> None:
    browsers = [Browser(app) for _ in range(25)]
    tokens = [browser.get("/sign-in") for browser in browsers]
    assert all(page.status_code == 200 for page in tokens)
    start, codes = threading.Barrier(len(browsers)), []

    def go(number: int, browser: Browser) -> None:
        start.wait()
        codes.append(attempt(browser, "nobody@lakeside.example", f"guess-{number}", f"192.0.2.{number}").status_code)

    _in_threads([lambda number=number, browser=browser: go(number, browser) for number, browser in enumerate(browsers)])
    assert sorted(codes) == [200] * 10 + [429] * 15
    assert len(looked_at) == 10


def test_counting_is_exact_when_all_come_at_once() -> None:
    tries, start = Tries("memory://", "s" * 40), threading.Barrier(50)
    accepted: list[int] = []

    def go(number: int) -> None:
        start.wait()
        try:
            tries.password("account", f"192.0.2.{number}")
        except TooMany:
            return
        accepted.append(number)

    _in_threads([lambda number=number: go(number) for number in range(50)])
    assert len(accepted) == 10


def test_what_was_right_or_refused_does_not_count() -> None:
    tries = Tries("memory://", "s" * 40)
    for _ in range(100):
        tries.right(tries.password("account", "192.0.2.1"))
    for number in range(10):
        tries.password("account", f"192.0.2.{number}")
    for _ in range(100):
        with pytest.raises(TooMany):
            tries.password("account", "203.0.113.5")
    tries.password("another", "203.0.113.5")
    tries.forget("account")
    tries.password("account", "203.0.113.5")


def test_an_ipv6_subscriber_is_one_address() -> None:
    tries = Tries("memory://", "s" * 40)
    for number in range(20):
        tries.password(f"account {number}", f"2001:db8:1:2::{number:x}")
    with pytest.raises(TooMany):
        tries.password("account", "2001:db8:1:2:ffff::1")
    tries.password("account", "2001:db8:1:3::1")


def test_a_stranger_does_not_lock_out_a_browser_that_signed_in_before(
    app: Flask, known: User, looked_at: list[str]
) -> None:
    own = Browser(app)
    assert attempt(own, known.email, PASSWORD).location == "/home"
    own.post("/sign-out")
    for index in range(12):
        attempt(Browser(app), known.email, f"guess-{index}", f"198.51.100.{index}")
    assert attempt(Browser(app), known.email, PASSWORD).status_code == 429
    assert attempt(own, known.email, PASSWORD).location == "/home"
    own.post("/sign-out")
    codes = [attempt(own, known.email, f"guess-{index}", f"203.0.113.{index}").status_code for index in range(12)]
    assert codes == [200] * 10 + [429] * 2, "its own count is as small"


def test_being_known_for_ones_own_account_helps_nobody_at_anothers(
    app: Flask, runtime: Runtime, known: User, district: District, looked_at: list[str]
) -> None:
    with unit_of_work(runtime.sessions) as session:
        session.merge(district.coach).password = hash_password(PASSWORD)
    colleague = Browser(app)
    assert attempt(colleague, district.coach.email, PASSWORD).location == "/home"
    colleague.post("/sign-out")
    for index in range(10):
        attempt(Browser(app), known.email, f"guess-{index}", f"198.51.100.{index}")
    assert attempt(colleague, known.email, "guess").status_code == 429
    forged = Browser(app)
    forged.client.set_cookie("badgewright-known", "WyJhIixbImIiXV0.aaaa.bbbb")
    assert attempt(forged, known.email, "guess").status_code == 429


def test_an_account_that_is_switched_off_looks_like_a_wrong_password_and_counts_like_one(
    app: Flask, runtime: Runtime, known: User, looked_at: list[str]
) -> None:
    with unit_of_work(runtime.sessions) as session:
        session.merge(known).active = False
    off = [attempt(Browser(app), known.email, PASSWORD, f"192.0.2.{index}") for index in range(11)]
    wrong = [attempt(Browser(app), "nobody@lakeside.example", PASSWORD, f"192.0.2.{index}") for index in range(11)]
    assert [each.status_code for each in off] == [each.status_code for each in wrong] == [200] * 10 + [429]
    assert bare(off[0].text) == bare(wrong[0].text)
    assert off[0].text.count("The e-mail address or the password is not right.") == 1


@pytest.mark.parametrize("path", ["/account/confirm", "/account/password", "/account/sessions/end-others"])
def test_a_thief_of_a_session_does_not_guess_the_password_behind_it(
    app: Flask, known: User, looked_at: list[str], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("flask_security.forms.verify_password", lambda password, _hash: looked_at.append(password))
    thief = Browser(app, known)
    an_hour_goes_by(thief)
    codes = []
    for index in range(12):
        guess = f"guess-{index}"
        new = {"new_password": "nine-loud-herons", "new_password_confirm": "nine-loud-herons"}
        form = {"password": guess, "confirm-password": guess, **new}
        answer = thief.post(path, form, environ_base={"REMOTE_ADDR": f"192.0.2.{index}"})
        codes.append(answer.status_code)
    assert codes[10:] == [429, 429]
    assert len(looked_at) == 10
    assert "Please wait" in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_empty_fields_are_named_and_count_for_nothing(app: Flask, looked_at: list[str]) -> None:
    browser = Browser(app)
    for _ in range(15):
        answer = attempt(browser, "", "")
        assert answer.status_code == 200
    assert "Please type your e-mail address." in answer.text
    assert "Please type your password." in answer.text
    assert answer.text.count("autofocus") == 1
    assert looked_at == []


def _in_threads(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
