"""Sessions of people in browsers: begun by a sign-in, ended by a sign-out, by their owner, by a password, by time."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, not_, select, update
from sqlalchemy.orm import Session

from issuer.errors import NotFound
from issuer.models import UserSession
from issuer.queries.user_sessions import Lifetime, digest
from issuer.services.access import Actor, note, require_person
from issuer.services.accounts import find_user

#: How exactly it is known when a session was last used; more often would be a write for every page.
SEEN_EVERY = timedelta(minutes=5)
#: Sessions of one person at a time. With one more, the one used longest ago ends.
MAX_SESSIONS = 50


def begin(
    session: Session, *, user_id: int, client: str, remembered: bool, actor: Actor, now: datetime
) -> tuple[UserSession, str]:
    """A person has signed in. Returns the session and its random id, which only their browser keeps."""
    token = secrets.token_urlsafe(32)
    made = UserSession(
        number=str(uuid.uuid4()),
        user_id=user_id,
        token_sha256=digest(token),
        client=client[:60],
        remembered=remembered,
        begun_at=now,
        seen_at=now,
    )
    session.add(made)
    session.flush()
    newest = (
        select(UserSession.id)
        .where(UserSession.user_id == user_id)
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
        .limit(MAX_SESSIONS)
    )
    session.execute(
        delete(UserSession)
        .where(UserSession.user_id == user_id, UserSession.id.not_in(newest))
        .execution_options(synchronize_session=False)
    )
    note(session, actor, None, "user.sign_in", f"user:{user_id}", now, {"session": made.number})
    return made, token


def renew(session: Session, *, session_id: int) -> str:
    """A new random id for a session that goes on; whoever copied the old one has nothing. Returns it.

    Raises:
        NotFound: the session has ended in the meantime.
    """
    token = secrets.token_urlsafe(32)
    found = session.scalar(
        update(UserSession)
        .where(UserSession.id == session_id)
        .values(token_sha256=digest(token))
        .returning(UserSession.id)
    )
    if found is None:
        raise NotFound("This session has ended.")
    return token


def touch(session: Session, *, session_id: int, now: datetime) -> None:
    """The session was used. Writes nothing if that is known well enough."""
    session.execute(
        update(UserSession)
        .where(UserSession.id == session_id, UserSession.seen_at <= now - SEEN_EVERY)
        .values(seen_at=now)
    )


def sign_out(session: Session, *, session_id: int, actor: Actor, now: datetime) -> None:
    """End the session from which this is asked. Twice is once."""
    user_id = require_person(actor)
    ended = session.scalar(
        delete(UserSession)
        .where(UserSession.id == session_id, UserSession.user_id == user_id)
        .returning(UserSession.number)
    )
    if ended is not None:
        note(session, actor, None, "user.sign_out", f"user:{user_id}", now, {"session": ended})


def end(session: Session, *, number: str, actor: Actor, now: datetime) -> None:
    """End one of one's own sessions, wherever it is.

    Raises:
        NotFound: there is none, it has ended, or it is somebody else's.
    """
    user_id = require_person(actor)
    ended = session.scalar(
        delete(UserSession)
        .where(UserSession.number == number, UserSession.user_id == user_id)
        .returning(UserSession.number)
    )
    if ended is None:
        raise NotFound("There is no such session.")
    note(session, actor, None, "session.end", f"user:{user_id}", now, {"session": number})


def end_others(session: Session, *, keep_id: int | None, actor: Actor, now: datetime) -> int:
    """End all of one's own sessions but `keep_id`. Returns how many."""
    user_id = require_person(actor)
    ended = _end_of(session, user_id, keep_id)
    if ended:
        note(session, actor, None, "session.end", f"user:{user_id}", now, {"sessions": ended})
    return ended


def password_changed(session: Session, *, keep_id: int | None, reset: bool, actor: Actor, now: datetime) -> None:
    """A person has a new password: every other session of theirs ends. `reset`: by a link, not by the old password."""
    user_id = require_person(actor)
    ended = _end_of(session, user_id, keep_id)
    action = "user.password_reset" if reset else "user.password_change"
    note(session, actor, None, action, f"user:{user_id}", now, {"sessions_ended": ended})


def guessing_refused(session: Session, *, email: str, known_browser: bool, now: datetime) -> None:
    """Somebody tried too many passwords on an account. Leaves an event if there is such an account: what strangers
    make up must not fill the trail."""
    user = find_user(session, email)
    if user is not None:
        details = {"known_browser": known_browser}
        note(session, Actor.job("sign-in"), None, "user.sign_in_refused", f"user:{user.id}", now, details)


def forget_expired(session: Session, *, lifetime: Lifetime, now: datetime) -> int:
    """Delete the sessions that have run out; they opened nothing any more. Returns how many."""
    gone = session.scalars(delete(UserSession).where(not_(lifetime.alive(now))).returning(UserSession.id))
    return len(gone.all())


def _end_of(session: Session, user_id: int, keep_id: int | None) -> int:
    wanted = delete(UserSession).where(UserSession.user_id == user_id)
    if keep_id is not None:
        wanted = wanted.where(UserSession.id != keep_id)
    return len(session.scalars(wanted.returning(UserSession.id)).all())
