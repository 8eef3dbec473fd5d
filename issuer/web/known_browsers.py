"""Browsers that signed in before, known by a signed cookie that lasts a year.

It opens nothing. It gives its browser a count of wrong passwords of its own (`issuer.web.guessing`), so that a stranger
who guesses at an account does not keep its owner out.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask_security import password_reset, user_authenticated
from itsdangerous import BadSignature, URLSafeTimedSerializer

from issuer.models import User
from issuer.runtime import Runtime
from issuer.web.guessing import tries

_SECONDS = 365 * 24 * 3600
#: Accounts that one browser is known for, as on a family's computer.
_ACCOUNTS = 8


def known_for(account: str) -> str:
    """The random name of this browser if it signed in on `account` before; else empty."""
    name, accounts = _read()
    return name if account in accounts else ""


def install(app: Flask, runtime: Runtime) -> None:
    def remember(_app: Flask, user: User, **_kwargs: Any) -> None:
        g.remember_browser_for = tries().account(user.email)

    def set_cookie(answer: Response) -> Response:
        account = g.get("remember_browser_for")
        if account is not None:
            name, accounts = _read()
            kept = [account, *(each for each in accounts if each != account)][:_ACCOUNTS]
            answer.set_cookie(
                _cookie(),
                _serializer().dumps([name or secrets.token_hex(8), kept]),
                max_age=_SECONDS,
                secure=runtime.config.secure,
                httponly=True,
                samesite="Lax",
            )
        return answer

    app.after_request(set_cookie)
    # Flask's signals keep weak references only.
    app.extensions["badgewright_known_browsers"] = remember
    user_authenticated.connect(remember, app)
    password_reset.connect(remember, app)


def _cookie() -> str:
    return "__Host-badgewright-known" if current_app.config["SESSION_COOKIE_SECURE"] else "badgewright-known"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known browser")


def _read() -> tuple[str, list[str]]:
    try:
        name, accounts = _serializer().loads(request.cookies.get(_cookie(), "")[:2000], max_age=_SECONDS)
    except (BadSignature, ValueError):
        return "", []
    return str(name), [str(each) for each in accounts]
