"""A member's consent to a key that wants to act for them. Without one, no key acts for anybody.

An admin, or the key itself, asks; the member alone gives and takes back, signed in. It is consent to this key: rotation
changes its secret and keeps the consent, and the scopes of a key never change.

Work that is private stays private through a key: it is read only if the teacher whose work it is has agreed to that
key. The consent of a coach lets a key act as that coach; it opens nobody else's work.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Forbidden, NotFound
from issuer.models import ApiKey, KeyConsent, Membership, User
from issuer.services.access import Actor, note, require_person, require_role
from issuer.services.words import invalid

#: The scopes with which a key acts for a member, and what each means to that member.
MEMBER_SCOPES = {
    "submissions:read": "Read your drafts, what you handed in, and your evidence.",
    "submissions:write": "Start, change and hand in work in your name, and add or remove evidence.",
    "reviews:write": "Take work from the queue, score it and decide in your name, where you are a coach.",
    "credentials:write": "Share and hide the pages of your badges.",
}
#: For how many days a member may agree; None for as long as the key works.
PERIODS = (30, 365, None)
#: A member is written to about one key at most this often, and a key that was refused waits this long.
_ASK_AGAIN_AFTER = timedelta(days=7)
#: `last_used_at` is for people: it is not worth a write on every request.
_USE_IS_NOTED_EVERY = timedelta(minutes=5)


def ask(
    session: Session, *, organisation_id: int, prefix: str, user_id: int, actor: Actor, now: datetime
) -> tuple[KeyConsent, bool]:
    """Ask a member to let a key act for them. Returns the question, and True if the member is to be written to.

    Asking again while the question is open, or once it was answered with yes, changes nothing.

    Raises:
        NotFound: the organisation has no such key, or the actor is another key.
        Forbidden: the actor is no admin there; `member_unknown`: nobody with a role there.
        Conflict: `key_ended`; `consent_refused`: a key asks again too soon after the member said no.
        Invalid: `key_acts_for_nobody`: none of its scopes is about a member's work.
    """
    if actor.kind == "api_key":
        if (actor.organisation_id, actor.via) != (organisation_id, prefix):
            raise NotFound("There is no such key.")
    else:
        require_role(session, actor, organisation_id, "admin")
    key = _key(session, organisation_id, prefix)
    if key.revoked_at is not None or key.expires_at <= now:
        raise Conflict("This key has ended. Nobody can be asked for it.", code="key_ended")
    if not MEMBER_SCOPES.keys() & set(key.scopes):
        raise invalid("key_acts_for_nobody", "This key has no scope that is about a member's work.", "key")
    if not _is_member(session, user_id, organisation_id):
        raise Forbidden("This organisation has no such member.", code="member_unknown")
    found = _consent(session, key.id, user_id)
    if found is None:
        try:
            with session.begin_nested():
                found = KeyConsent(api_key_id=key.id, user_id=user_id, asked_at=now, mailed_at=now)
                session.add(found)
                session.flush()
        except IntegrityError:
            # Two asked at once; the database let one through, and that one writes the mail.
            found = _consent(session, key.id, user_id)
            if found is None:
                raise
            return found, False
        _note(session, actor, key, user_id, "consent.ask", now)
        return found, True
    ended = found.ends_at is not None and found.ends_at <= now
    if found.revoked_at is None and not ended:
        return found, False
    if actor.kind == "api_key" and found.revoked_at is not None and now - found.revoked_at < _ASK_AGAIN_AFTER:
        raise Conflict("The member said no lately. A key may ask again after seven days.", code="consent_refused")
    write = found.mailed_at is None or now - found.mailed_at >= _ASK_AGAIN_AFTER
    found.asked_at, found.given_at, found.ends_at, found.revoked_at = now, None, None, None
    if write:
        found.mailed_at = now
    session.flush()
    _note(session, actor, key, user_id, "consent.ask", now)
    return found, write


def give(session: Session, *, prefix: str, days: int | None, actor: Actor, now: datetime) -> KeyConsent:
    """The actor lets a key that asked act for them, for `days` or (None) as long as the key works.

    Raises:
        Forbidden: `person_needed`; `not_by_key`: no key agrees in anybody's name.
        NotFound: no such key asked this person, or they no longer belong to its organisation. Conflict: `key_ended`.
        Invalid: `consent_period_unknown`.
    """
    user_id = require_person(actor)
    found = _asked(session, prefix, user_id)
    if found is None or not _is_member(session, user_id, found.key.organisation_id):
        raise NotFound("No such key asks for your consent.")
    if days not in PERIODS:
        raise invalid("consent_period_unknown", "Please choose one of the periods offered.", "days")
    if found.key.revoked_at is not None or found.key.expires_at <= now:
        raise Conflict("This key has ended. There is nothing left to agree to.", code="key_ended")
    found.given_at, found.revoked_at = now, None
    found.ends_at = None if days is None else now + timedelta(days=days)
    session.flush()
    _note(session, actor, found.key, user_id, "consent.give", now)
    return found


def take_back(session: Session, *, prefix: str, actor: Actor, now: datetime) -> KeyConsent:
    """The actor declines, or takes back what they agreed to. It counts from the next request on; twice changes nothing.

    Raises:
        Forbidden: `person_needed`, `not_by_key`. NotFound: no such key asked this person.
    """
    user_id = require_person(actor)
    found = _asked(session, prefix, user_id)
    if found is None:
        raise NotFound("No such key asks for your consent.")
    if found.revoked_at is None:
        action = "consent.decline" if found.given_at is None else "consent.take_back"
        found.revoked_at = now
        session.flush()
        _note(session, actor, found.key, user_id, action, now)
    return found


def require(session: Session, key: ApiKey, user_id: int, now: datetime) -> None:
    """Go on only if this member lets this key act for them.

    Raises:
        Forbidden: `consent_needed`.
    """
    found = _consent(session, key.id, user_id)
    if found is None or not _holds(found, now):
        raise Forbidden(
            "This member has not agreed that the key acts for them. Ask with POST /api/v1/consents.",
            code="consent_needed",
        )
    if found.last_used_at is None or now - found.last_used_at >= _USE_IS_NOTED_EVERY:
        found.last_used_at = now
        session.flush()


def may_read_work_of(session: Session, actor: Actor, teacher_id: int, now: datetime | None) -> bool:
    """Whether a key stands between the actor and this teacher's work that the teacher has not agreed to.

    True for everybody who is signed in themselves: what they may see is for others to say. `now` None: closed to keys.
    """
    if not actor.by_key:
        return True
    if now is None or not actor.via:
        return False
    found = session.execute(
        select(KeyConsent)
        .join(ApiKey, ApiKey.id == KeyConsent.api_key_id)
        .where(
            ApiKey.prefix == actor.via,
            ApiKey.organisation_id == actor.organisation_id,
            KeyConsent.user_id == teacher_id,
        )
    ).scalar_one_or_none()
    return found is not None and _holds(found, now)


def require_reading(session: Session, actor: Actor, teacher_id: int, now: datetime) -> None:
    """Raises: Forbidden: `consent_needed`: the teacher whose work it is has not agreed to this key."""
    if not may_read_work_of(session, actor, teacher_id, now):
        raise Forbidden(
            "The teacher whose work this is has not agreed that this key reads it.",
            code="consent_needed",
            details={"of": "teacher"},
        )


def end_all(session: Session, *, organisation_id: int, user_id: int, now: datetime) -> None:
    """The person leaves the organisation: what they agreed to there ends, and is not there when they come back."""
    keys = select(ApiKey.id).where(ApiKey.organisation_id == organisation_id)
    session.execute(
        update(KeyConsent)
        .where(KeyConsent.user_id == user_id, KeyConsent.api_key_id.in_(keys), KeyConsent.revoked_at.is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session="fetch")
    )


def _holds(consent: KeyConsent, now: datetime) -> bool:
    return (
        consent.given_at is not None
        and consent.revoked_at is None
        and (consent.ends_at is None or consent.ends_at > now)
    )


def _key(session: Session, organisation_id: int, prefix: str) -> ApiKey:
    key = session.execute(
        select(ApiKey).where(ApiKey.organisation_id == organisation_id, ApiKey.prefix == prefix)
    ).scalar_one_or_none()
    if key is None:
        raise NotFound("There is no such key.")
    return key


def _consent(session: Session, key_id: int, user_id: int) -> KeyConsent | None:
    return session.execute(
        select(KeyConsent).where(KeyConsent.api_key_id == key_id, KeyConsent.user_id == user_id)
    ).scalar_one_or_none()


def _asked(session: Session, prefix: str, user_id: int) -> KeyConsent | None:
    """The question, its row locked: an answer and its taking back come one after the other."""
    return session.execute(
        select(KeyConsent)
        .join(ApiKey, ApiKey.id == KeyConsent.api_key_id)
        .where(ApiKey.prefix == prefix, KeyConsent.user_id == user_id)
        .with_for_update(of=KeyConsent)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _is_member(session: Session, user_id: int, organisation_id: int) -> bool:
    found = session.execute(
        select(Membership.id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.user_id == user_id, Membership.organisation_id == organisation_id, User.active.is_(True))
        .limit(1)
    ).first()
    return found is not None


def _note(session: Session, actor: Actor, key: ApiKey, user_id: int, action: str, now: datetime) -> None:
    note(session, actor, key.organisation_id, action, f"api_key:{key.prefix}", now, {"user": user_id})
