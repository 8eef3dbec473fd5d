"""A form that arrives after its session has ended: its text waits for the same person to sign in again.

Each long form carries who it was made for and on which page, signed. With the session gone, and with it the token
against forged requests, that value alone says whose text this is. Holding it changes nothing of theirs; the person
sees the text again and saves it.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from itsdangerous import BadSignature, URLSafeTimedSerializer

from issuer.errors import Conflict
from issuer.services import unsent
from issuer.web.current import changing, looking, person, runtime, wants_json

#: The pages that have such forms.
_BLUEPRINTS = frozenset({"teacher", "coach"})
#: Never held: they belong to the session that has ended, or say what to do rather than what was written.
_NOT_TEXT = frozenset({"csrf_token", "written_by", "do", "outcome"})
_NOT_TEXT_PREFIXES = ("shared-", "listed", "resolve-", "saved-")
#: A form that was open for longer is not taken.
_OPEN_FOR = 30 * 24 * 3600


def account_key() -> str:
    """Names whoever is signed in to their own browser, without saying who they are; "" for a stranger."""
    if not current_user.is_authenticated:
        return ""
    secret = runtime().config.secret_key.encode()
    return hmac.new(secret, f"browser drafts of {person().id}".encode(), hashlib.sha256).hexdigest()[:32]


def written_by(path: str) -> str:
    """The value of the form's hidden field `written_by`. `path`: of the page that shows the form."""
    return _signer().dumps([person().id, path])


def divert() -> ResponseReturnValue | None:
    """Run before the views: a form of nobody, or of somebody else than who is signed in, goes no further.

    Raises:
        Conflict: `other_account`.
    """
    if request.method != "POST":
        return None
    owner = _owner()
    if owner is None or (current_user.is_authenticated and person().id == owner[0]):
        return None
    if not current_user.is_authenticated and wants_json():
        # Our own script keeps the text itself; `signed_in` answers 401.
        return None
    return after_expiry()


def after_expiry() -> ResponseReturnValue | None:
    """The answer to a form whose session has ended: its text is held and its page, or sign-in, is where it leads.
    None: not such a form.

    Raises:
        Conflict: `other_account`: somebody else is signed in by now. What was typed is held for its writer.
        TooLarge.
    """
    owner = _owner()
    if owner is None:
        return None
    user_id, path = owner
    other = current_user.is_authenticated and person().id != user_id
    if not wants_json():
        fields = {
            name: text
            for name, text in request.form.items()
            if name not in _NOT_TEXT and not name.startswith(_NOT_TEXT_PREFIXES)
        }
        with changing() as session:
            if not unsent.hold(session, user_id=user_id, path=path, fields=fields, now=runtime().clock()):
                return None
    if other:
        raise Conflict(
            "This page was opened by another account than the one that is signed in now. Nothing was saved."
            " Sign in as the person who wrote it, and the text is there again.",
            code="other_account",
        )
    if wants_json():
        return None
    if current_user.is_authenticated:
        return redirect(path)
    return redirect(url_for("security.login", next=path))


def held(path: str) -> dict[str, str]:
    """The fields that wait for whoever is signed in on this page."""
    with looking() as session:
        return unsent.held(session, user_id=person().id, path=path, now=runtime().clock())


def release(path: str) -> None:
    """Its form has been saved."""
    user_id = person().id
    with looking() as session:
        waiting = unsent.held(session, user_id=user_id, path=path, now=runtime().clock())
    if waiting:
        with changing() as session:
            unsent.release(session, user_id=user_id, path=path)


def install(app: Flask) -> None:
    app.jinja_env.globals.update(account_key=account_key, written_by=written_by)


def _owner() -> tuple[int, str] | None:
    """(user id, path of the page) from the form, if this service wrote them there."""
    if request.blueprint not in _BLUEPRINTS:
        return None
    try:
        user_id, path = _signer().loads(request.form.get("written_by", ""), max_age=_OPEN_FOR)
    except BadSignature:
        return None
    return int(user_id), str(path)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(runtime().config.secret_key, salt="written-by")
