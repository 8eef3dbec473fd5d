"""Sessions of people in browsers: begun by a sign-in, ended by a sign-out, by their owner, by a password, by time.

A session is named by its `number`: SQLite gives the `id` of a row that was deleted to the next one, which may be
another person's.
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, not_, select, update
from sqlalchemy.orm import Session

from issuer.errors import Conflict, NotFound
from issuer.models import User, UserSession
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


def require_password(session: Session, *, user_id: int, password_hash: str | None) -> None:
    """The password that was looked at is still the account's. Holds the account until the session commits, so that a
    change of the password comes before it, or after it and ends what is begun here.

    Raises:
        Conflict: `password_changed`, also for an account that was switched off.
    """
    with session.no_autoflush:
        now_valid = session.execute(
            select(User.password).where(User.id == user_id, User.active.is_(True)).with_for_update(of=User)
        ).one_or_none()
    if now_valid is None or now_valid[0] != password_hash:
        raise Conflict("Your password was changed a moment ago. Please sign in again.", code="password_changed")


def confirm(session: Session, *, number: str, now: datetime) -> str:
    """The password of this session's owner was typed in its browser. Returns a proof, which only that browser keeps;
    earlier ones, and their copies, are worth nothing from here on.

    Raises:
        NotFound: the session has ended in the meantime.
    """
    proof = secrets.token_urlsafe(32)
    found = session.scalar(
        update(UserSession)
        .where(UserSession.number == number)
        .values(confirmed_at=now, proof_sha256=digest(proof))
        .returning(UserSession.id)
    )
    if found is None:
        raise NotFound("This session has ended.")
    return proof


def renew(session: Session, *, number: str) -> str:
    """A new random id for a session that goes on; whoever copied the old one has nothing. Returns it.

    Raises:
        NotFound: the session has ended in the meantime.
    """
    token = secrets.token_urlsafe(32)
    found = session.scalar(
        update(UserSession)
        .where(UserSession.number == number)
        .values(token_sha256=digest(token))
        .returning(UserSession.id)
    )
    if found is None:
        raise NotFound("This session has ended.")
    return token


def is_confirmed(found: UserSession, *, proof: str, within: timedelta, now: datetime) -> bool:
    """Whether the password was typed lately in the browser that shows this proof."""
    if found.confirmed_at is None or found.proof_sha256 is None:
        return False
    return now - found.confirmed_at < within and hmac.compare_digest(digest(proof), found.proof_sha256)


def touch(session: Session, *, number: str, now: datetime) -> None:
    """The session was used. Writes nothing if that is known well enough."""
    session.execute(
        update(UserSession)
        .where(UserSession.number == number, UserSession.seen_at <= now - SEEN_EVERY)
        .values(seen_at=now)
    )


def sign_out(session: Session, *, number: str, actor: Actor, now: datetime) -> None:
    """End the session from which this is asked. Twice is once."""
    user_id = require_person(actor)
    ended = session.scalar(
        delete(UserSession)
        .where(UserSession.number == number, UserSession.user_id == user_id)
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


def end_others(session: Session, *, keep: str | None, actor: Actor, now: datetime) -> int:
    """End all of one's own sessions but the one of the number `keep`. Returns how many."""
    user_id = require_person(actor)
    ended = _end_of(session, user_id, keep)
    if ended:
        note(session, actor, None, "session.end", f"user:{user_id}", now, {"sessions": ended})
    return ended


def password_changed(session: Session, *, keep: str | None, reset: bool, actor: Actor, now: datetime) -> None:
    """A person has a new password: every other session of theirs ends. `reset`: by a link, not by the old password."""
    user_id = require_person(actor)
    ended = _end_of(session, user_id, keep)
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


def _end_of(session: Session, user_id: int, keep: str | None) -> int:
    wanted = delete(UserSession).where(UserSession.user_id == user_id)
    if keep is not None:
        wanted = wanted.where(UserSession.number != keep)
    return len(session.scalars(wanted.returning(UserSession.id)).all())
