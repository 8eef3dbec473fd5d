"""What our own script asks to go on after somebody signed in again, and the page that says so."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import generate_csrf

from issuer.web.current import signed_in
from issuer.web.unsent import account_key

pages = Blueprint("resuming", __name__)


@pages.get("/session")
def state() -> Response:
    """Whose session this is, and its token for forms. Other sites cannot read it: nothing here allows them to."""
    if not current_user.is_authenticated:
        answer = jsonify(account="")
    else:
        answer = jsonify(account=account_key(), csrf_token=generate_csrf())
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@pages.get("/signed-in")
@signed_in
def ready() -> ResponseReturnValue:
    return render_template("account/signed_in.html")
