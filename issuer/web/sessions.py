"""Sessions as the browser knows them: the cookie holds a random id, the database says whose it is and until when.

Flask-Login keeps one id in its session cookie and in its “stay signed in” cookie. Here that id is the session's own and
not the account's, so that both cookies are worth nothing once the session has ended.

Nothing in the cookie outlives the session that it was written for. When the password was typed is known of the row; the
cookie has a proof that it was typed in this browser. The token of forms follows from the session's id.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, current_app, g, request, session
from flask_login import user_loaded_from_cookie, user_logged_out
from flask_security import current_user, password_changed, password_reset, user_authenticated
from sqlalchemy.orm import Session

from issuer.db import reading, trouble, unit_of_work
from issuer.errors import NotFound
from issuer.models import User, UserSession
from issuer.queries import user_sessions as queries
from issuer.queries.user_sessions import Lifetime
from issuer.runtime import Runtime
from issuer.services import user_sessions
from issuer.services.access import Actor

#: What Flask-Login keeps in the cookie of whoever signs in; `_user_id` is the session's random id.
_KEYS = ("_user_id", "_fresh", "_id", "_remember", "_remember_seconds")
#: In the session cookie: that the password was typed in this browser.
PROOF = "proof"
_CSRF = "csrf_token"
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


def is_confirmed() -> bool:
    """Whether the password was typed lately, in this session and in this browser."""
    mine = current()
    if mine is None:
        return False
    runtime = _runtime()
    within = timedelta(minutes=runtime.config.confirm_minutes)
    return user_sessions.is_confirmed(mine, proof=str(session.get(PROOF, "")), within=within, now=runtime.clock())


def confirm() -> None:
    """Whoever is signed in has just typed their password.

    Raises:
        NotFound: the session has ended in the meantime.
    """
    mine, runtime = current(), _runtime()
    if mine is None:
        raise NotFound("This session has ended.")
    now = runtime.clock()
    with unit_of_work(runtime.sessions) as changing:
        proof = user_sessions.confirm(changing, number=mine.number, now=now)
    session[PROOF], mine.confirmed_at, mine.proof_sha256 = proof, now, queries.digest(proof)


def recognise() -> None:
    """Run before the token of a form is looked at: a cookie of a session that has ended vouches for no form."""
    # A style sheet is for everybody.
    if (request.endpoint or "").rpartition(".")[2] != "static":
        current_user.is_authenticated  # noqa: B018 - looking is what loads the session


def _start_over(*keep: str) -> None:
    """Drop what the cookie holds but for `keep`."""
    kept = {key: session[key] for key in keep if key in session}
    session.clear()
    session.update(kept)
    # Flask-WTF makes the token once for each request.
    g.pop(_CSRF, None)


def _bind_forms(token: str) -> None:
    """The token of forms is the same in all windows of a session, and known to nobody who has another session's."""
    secret = _runtime().config.secret_key.encode()
    bound = hmac.new(secret, f"forms of the session {token}".encode(), hashlib.sha256).hexdigest()
    if session.get(_CSRF) != bound:
        session[_CSRF] = bound
        g.pop(_CSRF, None)


def _runtime() -> Runtime:
    return cast(Runtime, current_app.extensions["badgewright"])


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
            _start_over()
            return None
        user, g.user_session = found
        # Flask-Security would believe a time in the cookie; what needs the password lately asks `is_confirmed`.
        g.fs_authn_via, g.fs_paa = "session", 0
        _bind_forms(str(token))
        return user

    def loaded_from_cookie(_app: Flask, **_kwargs: Any) -> None:
        """“Stay signed in” brought another session than the cookie was written for."""
        _start_over("_user_id", "_fresh")
        _bind_forms(session["_user_id"])

    @contextmanager
    def together() -> Iterator[Session]:
        """Flask-Security commits at the end of the request, after an error too: what is half done must not be left."""
        try:
            yield accounts.db.session
        except BaseException:
            accounts.db.session.rollback()
            g.pop("user_session", None)
            _start_over()
            app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]  # set by Flask-Login
            raise

    def begin(_app: Flask, user: User, authn_via: list[str] | None = None, **_kwargs: Any) -> None:
        mine = current()
        with together() as changing:
            if authn_via == ["change"] and mine is not None:
                enter(changing, mine, user_sessions.renew(changing, number=mine.number))
                return
            user_sessions.require_password(changing, user_id=user.id, password_hash=user.password)
            g.user_session, token = user_sessions.begin(
                changing,
                user_id=user.id,
                client=describe_client(request.user_agent.string),
                remembered=session.get("_remember") == "set",
                actor=Actor.of(user),
                now=runtime.clock(),
            )
            enter(changing, g.user_session, token)

    def enter(changing: Session, mine: UserSession, token: str) -> None:
        """The cookie of a session whose password was just typed; of what was in it before, nothing is left."""
        _start_over(*_KEYS)
        session["_user_id"] = token
        session[PROOF] = user_sessions.confirm(changing, number=mine.number, now=runtime.clock())
        _bind_forms(token)

    def change(_app: Flask, user: User, **_kwargs: Any) -> None:
        _new_password(user, current(), reset=False)

    def reset(_app: Flask, user: User, **_kwargs: Any) -> None:
        # Whoever follows a link from a mail may sit at a browser that somebody else is signed in at.
        _new_password(user, None, reset=True)

    def _new_password(user: User, keep: UserSession | None, *, reset: bool) -> None:
        with together() as changing:
            user_sessions.password_changed(
                changing,
                keep=keep.number if keep else None,
                reset=reset,
                actor=Actor.of(user),
                now=runtime.clock(),
            )

    def end(_app: Flask, user: User, **_kwargs: Any) -> None:
        mine = g.pop("user_session", None)
        _start_over("_remember")
        if mine is None:
            return
        with unit_of_work(runtime.sessions) as changing:
            user_sessions.sign_out(changing, number=mine.number, actor=Actor.of(user), now=runtime.clock())

    def note_use(answer: Response) -> Response:
        """After everything else, so that no transaction of this request is still open."""
        mine = current()
        if mine is not None and runtime.clock() - mine.seen_at >= user_sessions.SEEN_EVERY:
            try:
                with unit_of_work(runtime.sessions) as changing:
                    user_sessions.touch(changing, number=mine.number, now=runtime.clock())
            except Exception as error:
                if trouble(error) is None:
                    raise
                # What was asked is done, and its page ready; the next one will note the use.
                current_app.logger.warning("the use of a session could not be noted")
        return answer

    def clear_ended(answer: Response) -> Response:
        """The “stay signed in” cookie of a session that has ended is taken away, too."""
        if g.get("session_has_ended") and not current_user.is_authenticated:
            session["_remember"] = "clear"
        return answer

    app.login_manager.user_loader(load)  # type: ignore[attr-defined]  # set by Flask-Login
    app.after_request(note_use)
    app.after_request(clear_ended)
    # Flask's signals keep weak references only; these live as long as the application.
    app.extensions["badgewright_sessions"] = (loaded_from_cookie, begin, change, reset, end)
    user_loaded_from_cookie.connect(loaded_from_cookie, app)
    user_authenticated.connect(begin, app)
    password_changed.connect(change, app)
    password_reset.connect(reset, app)
    user_logged_out.connect(end, app)
