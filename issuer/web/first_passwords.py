"""The page at which somebody chooses a password for the first time, and how they go on to sign in.

The token of the mail is the proof of the address: only with it does the page say who is invited, where and as what.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Response, current_app, g, request, session
from flask_security import ResetPasswordForm, current_user
from flask_security.recoverable import reset_password_token_status

from issuer.db import reading
from issuer.models import User
from issuer.queries import members as people
from issuer.runtime import Runtime

#: In the session cookie, until the sign-in page has been shown: the address to sign in with.
_ADDRESS = "sign-in-as"


class ChoosePasswordForm(ResetPasswordForm):
    """Notes whether the password is the first one: nothing was reset then, and there is nobody to warn."""

    def validate(self, **kwargs: Any) -> bool:
        first = self.user is not None and self.user.password is None
        good: bool = super().validate(**kwargs)
        g.first_password_of = cast(User, self.user).email if good and first else None
        return good


def is_first() -> bool:
    """This request chose somebody's first password."""
    return bool(g.get("first_password_of"))


def address_to_sign_in_with() -> str | None:
    """The address of whoever has just chosen their first password in this browser; asked for once."""
    address: str | None = session.pop(_ADDRESS, None)
    return address


def _greeting() -> dict[str, Any]:
    """`welcome`: who chooses a first password, and the invitations that wait for them. None for everybody else."""
    expired, invalid, user = reset_password_token_status((request.view_args or {}).get("token", ""))  # type: ignore[no-untyped-call]  # the library leaves it untyped
    if user is None or expired or invalid or user.password is not None:
        return {"welcome": None}
    runtime = cast(Runtime, current_app.extensions["badgewright"])
    with reading(runtime.sessions) as reader:
        invitations = people.invitations_of(reader, user.id, runtime.clock())
    g.welcomes = True
    return {"welcome": user, "invitations": invitations}


def install(app: Flask, library: Any) -> None:
    library.reset_password_context_processor(_greeting)

    @app.after_request
    def _lead_to_sign_in(answer: Response) -> Response:
        if is_first() and not current_user.is_authenticated:
            session[_ADDRESS] = g.first_password_of
        if g.get("welcomes"):
            answer.headers["Cache-Control"] = "no-store"
        return answer
