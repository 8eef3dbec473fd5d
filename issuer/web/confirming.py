"""The password once more, before something that a thief of an open browser would do.

The question stands in the way of a form that was sent: its page carries every field of that form along and sends it to
the same address again, together with the password. So the person goes on where they were, nothing that was typed is
lost, and there is no address to go on to that somebody could forge.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast, overload

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.wrappers import Response

from issuer.errors import Forbidden
from issuer.web import sessions
from issuer.web.accepting import wants_json
from issuer.web.asking_passwords import is_password_of
from issuer.web.guessing import TooMany, refuse

P = ParamSpec("P")
R = TypeVar("R")

#: The field of the page that asks.
FIELD = "confirm-password"


@overload
def fresh_sign_in(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]: ...


@overload
def fresh_sign_in(*, when: Callable[[], bool]) -> Callable[[Callable[P, R]], Callable[P, R | ResponseReturnValue]]: ...


def fresh_sign_in(
    view: Callable[P, R] | None = None, *, when: Callable[[], bool] | None = None
) -> Callable[P, R | ResponseReturnValue] | Callable[[Callable[P, R]], Callable[P, R | ResponseReturnValue]]:
    """The view needs an account whose password was typed lately (`BADGEWRIGHT_CONFIRM_MINUTES`); else it is asked for.

    Stands in place of `signed_in`. Files are not carried along: a form with files asks before it is shown.

    Args:
        when: for a form that needs it only sometimes; called for requests of people who are signed in.
    """

    def guard(guarded: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
        @wraps(guarded)
        def asking(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
            if not current_user.is_authenticated:
                return cast(Response, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]  # set by Flask-Login
            if (when is None or when()) and not sessions.is_confirmed():
                answer = _ask()
                if answer is not None:
                    return answer
            return guarded(*args, **kwargs)

        return asking

    return guard if view is None else guard(view)


def _ask() -> ResponseReturnValue | None:
    """The page that asks; None if the password came with this request and is right, so that the view goes on."""
    if request.method in ("GET", "HEAD"):
        flash("Please type your password once more.", "info")
        query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
        return redirect(url_for("security.verify", next=request.path + query))
    if wants_json():
        raise Forbidden("Please type your password once more.", code="password_needed")
    error = ""
    if FIELD in request.form:
        try:
            if is_password_of(current_user._get_current_object(), request.form[FIELD]):
                sessions.confirm()
                request.form = ImmutableMultiDict(_fields())
                return None
            error = "This is not your password."
        except TooMany as refused:
            error = refuse(refused)
    page = render_template(
        "security/confirm.html", fields=_fields(), name=FIELD, error=error, files=bool(request.files)
    )
    return page, 403, {"Cache-Control": "no-store"}


def _fields() -> list[tuple[str, str]]:
    """What was typed, but for the password and the token, of which the next form has its own."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in (FIELD, "csrf_token")]
