"""Asking for a new password does not tell who has an account: not by the answer, the work or a full queue."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from issuer.db import unit_of_work
from issuer.models import User
from issuer.runtime import Runtime
from issuer.services.passwords import hash_password
from issuer.web.background import Background
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, settle, settle_background
from tests.integration.web.test_accounts import PASSWORD, bare, mails, sign_in
from tests.integration.web.test_guessing import attempt

UNKNOWN = "nobody@lakeside.example"


@pytest.fixture
def known(runtime: Runtime, district: District) -> User:
    with unit_of_work(runtime.sessions) as session:
        user = session.merge(district.teacher)
        user.password = hash_password(PASSWORD)
    return user


@pytest.fixture
def put_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """Work for the background, not yet done."""
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr(app.extensions["badgewright_background"], "submit", lambda work: waiting.append(work) or True)
    return waiting


@pytest.fixture
def statements(runtime: Runtime) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    event.listen(runtime.engine, "before_cursor_execute", note)
    yield found
    event.remove(runtime.engine, "before_cursor_execute", note)


def ask(browser: Browser, email: str, address: str = "192.0.2.1", **more: Any) -> Any:
    # Closed like an answer that was sent: what goes on afterwards begins then.
    with browser.post("/reset-password", {"email": email}, environ_base={"REMOTE_ADDR": address}, **more) as answer:
        answer.get_data()
    return answer


@pytest.mark.parametrize("email", ["tara@lakeside.example", UNKNOWN])
def test_no_look_up_and_no_token_while_somebody_waits(
    app: Flask,
    runtime: Runtime,
    known: User,
    put_off: list[Callable[[], None]],
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
    email: str,
) -> None:
    tokens: list[str] = []
    monkeypatch.setattr(
        "issuer.web.resetting.generate_reset_password_token", lambda user: tokens.append(user.email) or "token"
    )
    browser = Browser(app)
    statements.clear()
    answer = ask(browser, email)
    assert "If there is an account with this address" in answer.text
    assert [each for each in statements if "users" in each] == []
    assert tokens == []
    assert mails(runtime) == []
    (work,) = put_off
    work()
    # A token for nobody is thrown away; what is measured is the same.
    assert tokens == ([email] if email == known.email else [None])
    assert len(mails(runtime)) == (1 if email == known.email else 0)


def test_a_full_queue_refuses_both_kinds_alike(app: Flask, known: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.extensions["badgewright_background"], "reserve", lambda: None)
    answers = [ask(Browser(app), email) for email in (known.email, UNKNOWN)]
    assert [each.status_code for each in answers] == [503, 503]
    assert "Please try again in a few minutes." in answers[0].text
    assert bare(answers[0].text) == bare(answers[1].text)


def test_the_link_in_the_mail_leads_to_the_base_address(app: Flask, runtime: Runtime, known: User) -> None:
    client = app.test_client()
    page = client.get("/reset-password", base_url="http://127.0.0.1:8000")
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page.text)
    assert token is not None
    form = {"email": known.email, "csrf_token": token[1]}
    refused = client.post("/reset-password", data=form, base_url="http://evil.example")
    assert refused.status_code == 400
    client.post(
        "/reset-password", data=form, base_url="http://127.0.0.1:8000", headers={"X-Forwarded-Host": "evil.example"}
    ).close()
    settle(app)
    (mail,) = mails(runtime)
    assert "\nhttp://localhost:8000/reset-password/" in mail
    assert "evil.example" not in mail


def test_an_account_is_not_flooded_with_mail_from_many_addresses(app: Flask, runtime: Runtime, known: User) -> None:
    pages = []
    for email in (known.email, UNKNOWN):
        codes = [ask(Browser(app), email, f"198.51.100.{index}").status_code for index in range(7)]
        assert codes == [200] * 5 + [429] * 2
        pages.append(bare(ask(Browser(app), email, "203.0.113.7").text))
    assert pages[0] == pages[1]
    settle(app)
    assert len(mails(runtime)) == 5


def test_a_switched_off_account_gets_no_mail(app: Flask, runtime: Runtime, known: User) -> None:
    with unit_of_work(runtime.sessions) as session:
        session.merge(known).active = False
    assert "on its way" in ask(Browser(app), known.email).text
    settle(app)
    assert mails(runtime) == []


def test_a_new_password_ends_the_sessions_and_the_wait(app: Flask, runtime: Runtime, known: User) -> None:
    thief = Browser(app)
    sign_in(thief, known.email, PASSWORD)
    assert thief.get("/account").status_code == 200
    browser = Browser(app)
    tries = [attempt(browser, known.email, f"guess-{index}", f"198.51.100.{index}") for index in range(11)]
    assert [each.status_code for each in tries] == [200] * 10 + [429]
    ask(browser, known.email)
    settle(app)
    link = re.search(r"http://localhost:8000(/\S+)", mails(runtime)[-1])
    assert link is not None
    new = {"password": "nine-loud-herons", "password_confirm": "nine-loud-herons"}
    assert browser.post(link[1], new).status_code == 302
    assert thief.get("/account").status_code == 302
    assert attempt(Browser(app), known.email, "nine-loud-herons").location == "/home"


def test_a_used_or_broken_link_says_so_and_offers_a_new_one(app: Flask, known: User) -> None:
    page = Browser(app).client.get("/reset-password/nonsense", follow_redirects=True)
    assert "This link does not work any more" in page.text
    assert "Send the link" in page.text


def test_an_expired_link_says_so_and_offers_a_new_one(app: Flask, runtime: Runtime, known: User) -> None:
    ask(Browser(app), known.email)
    settle(app)
    link = re.search(r"http://localhost:8000(/\S+)", mails(runtime)[-1])
    assert link is not None
    app.config["SECURITY_RESET_PASSWORD_WITHIN"] = timedelta(seconds=-2)
    page = Browser(app).client.get(link[1], follow_redirects=True)
    assert "This link has expired. Type your address to get a new one." in page.text


@pytest.mark.parametrize(
    ("typed", "again", "sentence"),
    [
        ("short", "short", "Please use at least 10 characters."),
        ("password123", "password123", "This password is easy to guess."),
        ("Lakeside-Schools-2026", "Lakeside-Schools-2026", "Please do not use your own name"),
        ("nine-loud-herons", "nine-loud-heroes", "The two passwords are not the same."),
    ],
)
def test_what_is_wrong_with_a_new_password_stands_beside_its_field(
    app: Flask, runtime: Runtime, known: User, typed: str, again: str, sentence: str
) -> None:
    ask(Browser(app), known.email)
    settle(app)
    link = re.search(r"http://localhost:8000(/\S+)", mails(runtime)[-1])
    assert link is not None
    page = Browser(app).post(link[1], {"password": typed, "password_confirm": again}).text
    fault = re.search(r'<p class="field-error" id="([^"]+)">([^<]+)</p>', page)
    assert fault is not None
    assert fault[2].startswith(sentence)
    field = re.search(rf'<input[^>]*aria-describedby="[^"]*{fault[1]}"[^>]*>', page)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert "autofocus" in field[0]


def test_an_address_that_is_none_is_named(app: Flask) -> None:
    answer = ask(Browser(app), "not an address")
    assert answer.status_code == 422
    assert "it does not look like an e-mail address" in answer.text
    assert 'value="not an address"' in answer.text


def test_the_background_takes_no_more_than_it_has_room_for() -> None:
    background, hold = Background(threads=1, waiting=2), threading.Event()
    assert [background.start(hold.wait) for _ in range(4)] == [True, True, True, False]
    hold.set()
    settle_background(background)
    assert background.start(lambda: None)
    background.start(lambda: 1 / 0)  # type: ignore[arg-type,return-value]  # what fails takes no thread with it
    settle_background(background)
    done: list[int] = []
    assert background.start(lambda: done.append(1))
    settle_background(background)
    assert done == [1]


def test_a_place_that_is_not_used_is_given_back() -> None:
    background = Background(threads=1, waiting=0)
    place = background.reserve()
    assert place is not None
    assert background.reserve() is None
    del place
    again = background.reserve()
    assert again is not None
    assert again.start(lambda: None)
    assert not again.start(lambda: None), "twice"
    settle_background(background)
    assert background.start(lambda: None)


def test_what_waits_is_done_before_the_process_ends() -> None:
    program = (
        "import threading\n"
        "from issuer.web.background import Background\n"
        "background, gate = Background(threads=1), threading.Event()\n"
        "background.start(lambda: gate.wait(5))\n"
        "for number in range(20):\n"
        "    background.start(lambda number=number: print(number, flush=True))\n"
        "gate.set()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == [str(number) for number in range(20)]
