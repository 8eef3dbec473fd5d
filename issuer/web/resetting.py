"""Asking for a link to choose a new password. The answer is the same, and takes as long, for every address.

Whether there is such an account is looked up after the answer, in the background, and the token and the mail are made
there: nothing in the request depends on it.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import Any

from flask import Flask, flash, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_security.recoverable import generate_reset_password_token
from flask_wtf import FlaskForm
from wtforms import EmailField, ValidationError
from wtforms.validators import DataRequired

from issuer.db import reading
from issuer.errors import Invalid
from issuer.mail import Mailer
from issuer.models import User
from issuer.runtime import Runtime
from issuer.services.accounts import find_user, normalise_email
from issuer.web.background import Background
from issuer.web.guessing import TooMany, refuse, tries

SENT = "If there is an account with this address, a mail with a link is on its way to it."
_BUSY = "Mails cannot be sent at the moment. Please try again in a few minutes."


class ResetRequest(FlaskForm):  # type: ignore[misc]  # Flask-WTF carries no types
    email = EmailField(
        render_kw={"autocomplete": "email"}, validators=[DataRequired("Please type your e-mail address.")]
    )

    def validate_email(self, field: Any) -> None:
        try:
            normalise_email(str(field.data))
        except Invalid:
            raise ValidationError("Please check this address: it does not look like an e-mail address.") from None


def _nobody() -> User:
    return User(fs_uniquifier=secrets.token_hex(32), password="-" * 97)


def install(app: Flask, runtime: Runtime, mailer: Mailer, background: Background) -> None:
    def send(email: str) -> None:
        with reading(runtime.sessions) as session:
            user = find_user(session, email)
        there = user is not None and user.active
        with app.app_context():
            # For an address without an account, too: what this process does next must not be slowed down by one kind.
            token = generate_reset_password_token(user if there else _nobody())  # type: ignore[no-untyped-call]  # the library leaves it untyped
            template = app.jinja_env.get_template("security/email/reset_instructions.txt")
            text = template.render(reset_link=runtime.addresses.new_password(token))
        if user is not None and there:
            mailer.deliver(user.email, "Choose a new password", text)

    def ask() -> ResponseReturnValue:
        """Takes the place of Flask-Security's view, which looks the address up while one waits."""
        form, status, place = ResetRequest(), 200, None
        if request.method == "GET" and current_user.is_authenticated:
            form.email.data = current_user.email
        elif form.validate_on_submit():
            email = normalise_email(str(form.email.data))
            try:
                tries().mail(tries().account(email), request.remote_addr or "")
            except TooMany as error:
                form.form_errors.append(refuse(error))
            else:
                place = background.reserve()
                if place is None:
                    form.form_errors.append(_BUSY)
                    status = 503
                else:
                    flash(SENT, "info")
        elif request.method == "POST":
            status = 422
        page = make_response(render_template("security/forgot_password.html", forgot_password_form=form), status)
        if place is not None:
            # When the whole answer has been sent: a thread that works at the same time would slow it down.
            page.call_on_close(partial(place.start, partial(send, email)))
        return page

    app.view_functions["security.forgot_password"] = ask
    app.extensions["badgewright_background"] = background
