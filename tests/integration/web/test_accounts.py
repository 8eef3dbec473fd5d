"""Signing in and out, and passwords: the answers tell nobody which addresses have an account."""

from __future__ import annotations

import email
import html
import json
import re
from datetime import UTC, datetime
from email import policy as email_policy

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from issuer.db import unit_of_work
from issuer.models import User
from issuer.runtime import Runtime
from issuer.services import member_records
from issuer.services.passwords import hash_password
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, settle
from tests.simulator import TestSigner
from verifier import proofs

PASSWORD = "seven-quiet-herons"


@pytest.fixture
def known(runtime: Runtime, district: District) -> User:
    """The teacher, with a password."""
    with unit_of_work(runtime.sessions) as session:
        user = session.merge(district.teacher)
        user.password = hash_password(PASSWORD)
    return user


def sign_in(browser: Browser, address: str, password: str, path: str = "/sign-in") -> TestResponse:
    return browser.post(path, {"email": address, "password": password})


def bare(page: str) -> str:
    """The page without what differs between any two answers."""
    page = re.sub(r'name="csrf_token"[^>]*value="[^"]+"', "", page)
    return re.sub(r'value="[^"]*@[^"]*"', "", page)


def mails(runtime: Runtime) -> list[str]:
    folder = runtime.config.var / "mail"
    texts = []
    for path in sorted(folder.glob("*.eml")) if folder.exists() else []:
        message = email.message_from_bytes(path.read_bytes(), policy=email_policy.default)
        body = message.get_body()
        assert body is not None
        texts.append(f"{message['To']}\n{body.get_content()}")
    return texts


def test_in_and_out(stranger: Browser, known: User) -> None:
    answer = sign_in(stranger, "Tara@Lakeside.example", PASSWORD)
    assert answer.location == "/home"
    assert stranger.get("/home").location == "/teacher"
    assert "Sign out" in stranger.get("/teacher").text
    assert stranger.post("/sign-out").status_code == 302
    assert stranger.get("/teacher").status_code == 302


def test_after_signing_in_one_comes_back_but_never_to_another_site(app: Flask, known: User) -> None:
    assert sign_in(Browser(app), known.email, PASSWORD, "/sign-in?next=/catalogue").location == "/catalogue"
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example/"):
        answer = sign_in(Browser(app), known.email, PASSWORD, f"/sign-in?next={elsewhere}")
        location = answer.location or "/"
        # A backslash is a slash to browsers, unless it is written as %5C.
        assert location.startswith("/"), elsewhere
        assert not location.startswith(("//", "/\\")), elsewhere


def test_a_wrong_password_and_an_unknown_address_look_the_same(app: Flask, known: User) -> None:
    wrong = sign_in(Browser(app), known.email, "not-my-password")
    unknown = sign_in(Browser(app), "nobody@lakeside.example", "not-my-password")
    assert wrong.status_code == unknown.status_code == 200
    assert bare(wrong.text) == bare(unknown.text)
    assert "notice-bad" in wrong.text or "field-error" in wrong.text


def test_a_password_is_hashed_for_unknown_addresses_too(
    app: Flask, known: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same work, so that the time taken tells nothing."""
    hashed: list[str] = []
    monkeypatch.setattr("flask_security.forms.hash_password", lambda text: hashed.append(text) or "")
    sign_in(Browser(app), "nobody@lakeside.example", "not-my-password")
    assert hashed == ["not-my-password"]


def test_a_forgotten_password_is_reset_by_mail(app: Flask, runtime: Runtime, known: User) -> None:
    browser = Browser(app)
    answer = browser.post("/reset-password", {"email": known.email})
    other = Browser(app).post("/reset-password", {"email": "nobody@lakeside.example"})
    assert answer.status_code == other.status_code
    assert bare(answer.text) == bare(other.text)
    answer.close()
    other.close()
    settle(app)
    (mail,) = mails(runtime)
    assert mail.startswith(known.email)
    link = re.search(r"https?://\S+", mail)
    assert link is not None
    path = "/" + link[0].split("/", 3)[3]
    assert "Choose a new password" in browser.get(path).text
    assert "at least" in browser.post(path, {"password": "short", "password_confirm": "short"}).text.lower()
    done = browser.post(path, {"password": "nine-loud-herons", "password_confirm": "nine-loud-herons"})
    assert done.status_code == 302
    assert known.email not in browser.get("/sign-in").text
    settle(app)
    assert any("was reset just now" in each for each in mails(runtime))
    assert sign_in(Browser(app), known.email, PASSWORD).status_code == 200
    assert sign_in(Browser(app), known.email, "nine-loud-herons").location == "/home"
    again = browser.get(path)
    assert again.status_code == 302, "a link works once"


def test_changing_the_password_needs_the_present_one(app: Flask, known: User) -> None:
    browser = Browser(app)
    sign_in(browser, known.email, PASSWORD)
    new = {"new_password": "nine-loud-herons", "new_password_confirm": "nine-loud-herons"}
    assert browser.post("/account/password", {"password": "guess-guess", **new}).status_code == 200
    assert browser.post("/account/password", {"password": PASSWORD, **new}).status_code == 302
    assert sign_in(Browser(app), known.email, "nine-loud-herons").location == "/home"


def test_nobody_registers_alone(stranger: Browser) -> None:
    assert stranger.get("/register").status_code == 404


def test_the_profile_keeps_what_was_typed_when_it_is_wrong(teacher: Browser) -> None:
    answer = teacher.post("/account", {"name": "T" * 201})
    assert answer.status_code == 422
    assert "T" * 201 in answer.text
    assert teacher.post("/account", {"name": "Tara Tully"}).status_code == 302
    assert 'value="Tara Tully"' in teacher.get("/account").text


def test_the_account_page_says_which_name_badges_carry(teacher: Browser, runtime: Runtime, district: District) -> None:
    """The field for one's own name used to promise that it stood on the badges' pages."""
    with unit_of_work(runtime.sessions) as session:
        member_records.set_record(
            session,
            organisation_id=district.organisation.id,
            user_id=district.teacher.id,
            name="Tara Singh-Whitlock",
            educator_id="",
            actor=factories.actor(district.admin),
            now=datetime.now(UTC),
        )
    page = html.unescape(teacher.get("/account").get_data(as_text=True))
    assert f"Your badges from {district.organisation.name} name you as its record does: Tara Singh-Whitlock." in page


def test_a_did_is_proved_on_the_account_page(teacher: Browser, coach: Browser) -> None:
    """Seen: any DID was taken, without a signature."""
    wallet = TestSigner("wallet of Tara")
    assert teacher.post("/account", {"name": "Tara", "did": wallet.did}).status_code == 302
    assert wallet.did not in teacher.get("/account").text
    assert teacher.post("/account/did", {"did": "not a did"}).status_code == 422
    assert teacher.get("/account/did").status_code == 404
    assert teacher.post("/account/did", {"did": wallet.did}).location == "/account/did"
    page = html.unescape(teacher.get("/account/did").text)
    challenge = re.search(r'"challenge": "([^"]+)"', page)
    assert challenge is not None
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": wallet.did,
    }
    for options, status in (
        ({"challenge": "another", "domain": "localhost:8000"}, 422),
        ({"challenge": challenge[1], "domain": "localhost:8000"}, 302),
    ):
        signed = proofs.secure(presentation, wallet, datetime.now(UTC), purpose="authentication", options=options)
        assert coach.post("/account/did/prove", {"proof": json.dumps(signed)}).status_code == 404
        answer = teacher.post("/account/did/prove", {"proof": json.dumps(signed)})
        assert answer.status_code == status, answer.text
    assert "New badges are issued to it." in teacher.get("/account").text
    assert teacher.post("/account/did/remove").status_code == 302
    assert wallet.did not in teacher.get("/account").text


def test_a_refused_did_comes_back_with_the_reason_beside_it(teacher: Browser) -> None:
    """Lost: on a phone the page came back scrolled to an empty field, with the reason far above the screen."""
    page = teacher.post("/account/did", {"did": "not a <did>"}).text
    section = page[page.index('id="did"') : page.index('id="sessions"')]
    assert 'value="not a &lt;did&gt;"' in section
    assert 'id="did-error"' in section
    assert 'aria-describedby="did-hint did-error" aria-invalid="true" autofocus' in section
    assert page.count('role="alert"') == 1


def test_what_was_done_to_sessions_is_said_where_they_are_listed(teacher: Browser) -> None:
    """Lost: the browser stayed at the list, and the answer stood above the screen."""
    assert teacher.post("/account/sessions/end-others").status_code == 302
    page = teacher.get("/account").text
    assert page.count("You are now signed in only here.") == 1
    assert page.index('id="sessions"') < page.index("You are now signed in only here.")
    teacher.post("/account/sessions/end-others")
    assert "You are now signed in only here." in teacher.get("/teacher").text
