"""Where a password is asked for: each place counts wrong ones, and says the same whether or not there is an account."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from flask_security import ChangePasswordForm, LoginForm, VerifyForm, current_user, password_reset
from flask_security.utils import get_message

from issuer.db import unit_of_work
from issuer.errors import Invalid
from issuer.models import User
from issuer.runtime import Runtime
from issuer.services import user_sessions
from issuer.services.accounts import normalise_email
from issuer.web import sessions
from issuer.web.background import Background
from issuer.web.first_passwords import address_to_sign_in_with
from issuer.web.guessing import Attempt, TooMany, refuse, tries
from issuer.web.known_browsers import known_for
from issuer.web.passwords import LOOKED_AT


class SignInForm(LoginForm):
    """Counts before the address is looked up. `missing` are sentences beside fields that were left empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing: dict[str, str] = {}
        if request.method == "GET":
            self.email.data = address_to_sign_in_with() or self.email.data

    def validate(self, **kwargs: Any) -> bool:
        email, password = str(self.email.data or "").strip(), str(self.password.data or "")
        if not email:
            self.missing["email"] = "Please type your e-mail address."
        if not password:
            self.missing["password"] = "Please type your password."  # noqa: S105 - a sentence
        if self.missing:
            return False
        try:
            email = normalise_email(email)
        except Invalid:
            email = email.lower()
        account = tries().account(email)
        browser = known_for(account)
        try:
            attempt = tries().password(account, request.remote_addr or "", browser)
        except TooMany as error:
            if error.first:
                _note_refusal(email, known_browser=bool(browser))
            self.form_errors.append(refuse(error))
            return False
        people: Any = current_app.extensions["security"].datastore
        # Without an account it is hashed as it is, and that must not fail either.
        self.password.data = password[:LOOKED_AT]
        self.ifield, self.user = self.email, people.find_by_address(email)
        looked_at = self.user.password if self.user else None
        # A switched-off account counts like a wrong password, or else the count would tell the two apart.
        good: bool = super().validate(**kwargs)
        if good:
            tries().right(attempt)
            # With roles, which only now may cost time. A password that was changed meanwhile is not the one looked at.
            self.user = people.find_user(email=email)
            good = self.user is not None and self.user.password == looked_at
        return good


class ConfirmForm(VerifyForm):
    """The password once more, of somebody who is signed in."""

    def validate(self, **kwargs: Any) -> bool:
        attempt = _count(self)
        if attempt is None:
            return False
        good: bool = super().validate(**kwargs)
        _settle(self, attempt)
        if good:
            sessions.confirm()
        return good


class NewPasswordForm(ChangePasswordForm):
    """The present password and a new one."""

    def validate(self, **kwargs: Any) -> bool:
        attempt = _count(self)
        if attempt is None:
            return False
        good: bool = super().validate(**kwargs)
        _settle(self, attempt)
        return good


def is_password_of(user: User, password: str) -> bool:
    """Whether somebody who is signed in typed their own password.

    Raises:
        TooMany: it was not looked at.
    """
    attempt = tries().password(f"signed in {user.id}", request.remote_addr or "")
    passwords: Any = current_app.extensions["security"].password_util
    right: bool = user.verify_and_update_password(passwords.normalize(password))
    if right:
        tries().right(attempt)
    return right


def _count(form: Any) -> Attempt | None:
    """None, and the reason stands in the form, if the password must not be looked at."""
    try:
        return tries().password(f"signed in {current_user.id}", request.remote_addr or "")
    except TooMany as error:
        form.form_errors.append(refuse(error))
        return None


def _settle(form: Any, attempt: Attempt) -> None:
    if get_message("INVALID_PASSWORD")[0] not in form.password.errors:
        tries().right(attempt)


def _note_refusal(email: str, *, known_browser: bool) -> None:
    """One event for each time that an account is closed to guesses; not while the guesser waits, who could otherwise
    tell by the time it takes that there is an account."""
    runtime = cast(Runtime, current_app.extensions["badgewright"])
    background = cast(Background, current_app.extensions["badgewright_background"])

    def note() -> None:
        with unit_of_work(runtime.sessions) as session:
            user_sessions.guessing_refused(session, email=email, known_browser=known_browser, now=runtime.clock())

    background.start(note)


def install(app: Flask) -> None:
    def say_when(answer: Response) -> Response:
        error: TooMany | None = g.get("too_many")
        if error is not None:
            answer.status_code = 429
            answer.headers["Retry-After"] = str(error.seconds)
        return answer

    def forget(_app: Flask, user: User, **_kwargs: Any) -> None:
        tries().forget(tries().account(user.email))

    app.after_request(say_when)
    # Flask's signals keep weak references only.
    app.extensions["badgewright_asking_passwords"] = forget
    password_reset.connect(forget, app)
