"""Sessions as the browser knows them: the cookie holds a random id, the database says whose it is and until when.

Flask-Login keeps one id in its session cookie and in its “stay signed in” cookie. Here that id is the session's own and
not the account's, so that both cookies are worth nothing once the session has ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, current_app, g, request, session
from flask_login import user_logged_out
from flask_security import current_user, password_changed, password_reset, user_authenticated
from sqlalchemy.orm import Session

from issuer.db import reading, trouble, unit_of_work
from issuer.models import User, UserSession
from issuer.queries import user_sessions as queries
from issuer.queries.user_sessions import Lifetime
from issuer.runtime import Runtime
from issuer.services import user_sessions
from issuer.services.access import Actor

#: What Flask-Login and Flask-Security keep in the cookie of whoever is signed in.
_KEYS = ("_user_id", "_fresh", "_id", "fs_paa", "fs_gexp")
# The first that fits counts: every browser names those whose pages it wants to be shown.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(Chrome|CriOS|HeadlessChrome)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("Mac", re.compile(r"\bMac(intosh| OS X)\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)


def describe_client(user_agent: str) -> str:
    """Browser and system in words of ours, such as `Firefox on Windows`; what a client sent is never stored."""
    user_agent = user_agent[:1000]
    browser = next((name for name, form in _BROWSERS if form.search(user_agent)), "A browser")
    system = next((name for name, form in _SYSTEMS if form.search(user_agent)), "")
    return f"{browser} on {system}" if system else browser


def current() -> UserSession | None:
    """The session of this request. None for a stranger."""
    found: UserSession | None = g.get("user_session")
    return found


def install(app: Flask, runtime: Runtime, accounts: Any) -> None:
    """Bind Flask-Login's cookies to rows. Call it after Flask-Security.

    Args:
        accounts: Flask-Security's datastore. What belongs to a sign-in or a new password is written in its session, so
            that it is committed together with them.
    """
    until = Lifetime.of(runtime.config)

    def load(token: str) -> User | None:
        if not token:
            return None
        with reading(runtime.sessions) as looking:
            found = queries.by_token(looking, str(token), until, runtime.clock())
        if found is None:
            g.session_has_ended = True
            return None
        user, g.user_session = found
        g.fs_authn_via, g.fs_paa = "session", session.get("fs_paa", 0)
        return user

    @contextmanager
    def together() -> Iterator[Session]:
        """Flask-Security commits at the end of the request, after an error too: what is half done must not be left."""
        try:
            yield accounts.db.session
        except BaseException:
            accounts.db.session.rollback()
            raise

    def begin(_app: Flask, user: User, authn_via: list[str] | None = None, **_kwargs: Any) -> None:
        mine = current()
        with together() as changing:
            if authn_via == ["change"] and mine is not None:
                session["_user_id"] = user_sessions.renew(changing, session_id=mine.id)
                return
            g.user_session, session["_user_id"] = user_sessions.begin(
                changing,
                user_id=user.id,
                client=describe_client(request.user_agent.string),
                remembered=session.get("_remember") == "set",
                actor=Actor.of(user),
                now=runtime.clock(),
            )

    def change(_app: Flask, user: User, **_kwargs: Any) -> None:
        _new_password(user, current(), reset=False)

    def reset(_app: Flask, user: User, **_kwargs: Any) -> None:
        # Whoever follows a link from a mail may sit at a browser that somebody else is signed in at.
        _new_password(user, None, reset=True)

    def _new_password(user: User, keep: UserSession | None, *, reset: bool) -> None:
        with together() as changing:
            user_sessions.password_changed(
                changing,
                keep_id=keep.id if keep else None,
                reset=reset,
                actor=Actor.of(user),
                now=runtime.clock(),
            )

    def end(_app: Flask, user: User, **_kwargs: Any) -> None:
        mine = g.pop("user_session", None)
        if mine is None:
            return
        with unit_of_work(runtime.sessions) as changing:
            user_sessions.sign_out(changing, session_id=mine.id, actor=Actor.of(user), now=runtime.clock())

    def note_use(answer: Response) -> Response:
        """After everything else, so that no transaction of this request is still open."""
        mine = current()
        if mine is not None and runtime.clock() - mine.seen_at >= user_sessions.SEEN_EVERY:
            try:
                with unit_of_work(runtime.sessions) as changing:
                    user_sessions.touch(changing, session_id=mine.id, now=runtime.clock())
            except Exception as error:
                if trouble(error) is None:
                    raise
                # What was asked is done, and its page ready; the next one will note the use.
                current_app.logger.warning("the use of a session could not be noted")
        return answer

    def clear_ended(answer: Response) -> Response:
        """The cookies of a session that has ended are taken away."""
        if g.get("session_has_ended") and not current_user.is_authenticated:
            for key in _KEYS:
                session.pop(key, None)
            session["_remember"] = "clear"
        return answer

    app.login_manager.user_loader(load)  # type: ignore[attr-defined]  # set by Flask-Login
    app.after_request(note_use)
    app.after_request(clear_ended)
    # Flask's signals keep weak references only; these live as long as the application.
    app.extensions["badgewright_sessions"] = (begin, change, reset, end)
    user_authenticated.connect(begin, app)
    password_changed.connect(change, app)
    password_reset.connect(reset, app)
    user_logged_out.connect(end, app)
