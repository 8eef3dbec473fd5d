"""Asking for a link to choose a new password. The answer is the same, and takes as long, for every address.

Whether there is such an account is looked up after the answer, in the background, and the token and the mail are made
there: nothing in the request depends on it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_security.recoverable import generate_reset_password_token
from flask_wtf import FlaskForm
from wtforms import EmailField, ValidationError
from wtforms.validators import DataRequired

from issuer.db import reading
from issuer.errors import Invalid
from issuer.mail import Mailer
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


def install(app: Flask, runtime: Runtime, mailer: Mailer, background: Background) -> None:
    def send(email: str) -> None:
        with reading(runtime.sessions) as session:
            user = find_user(session, email)
        if user is None or not user.active:
            return
        with app.app_context():
            token = generate_reset_password_token(user)  # type: ignore[no-untyped-call]  # the library leaves it untyped
            template = app.jinja_env.get_template("security/email/reset_instructions.txt")
            text = template.render(reset_link=runtime.addresses.new_password(token))
        mailer.deliver(user.email, "Choose a new password", text)

    def ask() -> ResponseReturnValue:
        """Takes the place of Flask-Security's view, which looks the address up while one waits."""
        form, status = ResetRequest(), 200
        if request.method == "GET" and current_user.is_authenticated:
            form.email.data = current_user.email
        elif form.validate_on_submit():
            email = normalise_email(str(form.email.data))
            try:
                tries().mail(tries().account(email), request.remote_addr or "")
            except TooMany as error:
                form.form_errors.append(refuse(error))
            else:
                if background.start(lambda: send(email)):
                    flash(SENT, "info")
                else:
                    form.form_errors.append(_BUSY)
                    status = 503
        elif request.method == "POST":
            status = 422
        return render_template("security/forgot_password.html", forgot_password_form=form), status

    app.view_functions["security.forgot_password"] = ask
    app.extensions["badgewright_background"] = background
