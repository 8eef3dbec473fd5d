"""Keeping what somebody typed when the form arrives after their session has ended.

The owner comes from a value that this service signed into the form, never from the request: nobody can put text into
another person's form. No audit event: like a draft, it is text on its way, not an act.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.errors import TooLarge
from issuer.models import UnsentForm, User
from issuer.services.words import kept

#: All fields of one form together; several times the longest answer.
MAX_CHARS = 500_000
MAX_FIELDS = 300
MAX_FORMS = 20
KEPT_FOR = timedelta(days=14)


def hold(session: Session, *, user_id: int, path: str, fields: Mapping[str, str], now: datetime) -> bool:
    """Hold the fields for this person until the page is next saved, at most `KEPT_FOR`. False: no such active account.

    A second form of the same page replaces the first.

    Raises:
        TooLarge: `too_large`: more than `MAX_CHARS` or `MAX_FIELDS`. Nothing is held.
    """
    clean = {name: kept(text, name) for name, text in fields.items()}
    if len(clean) > MAX_FIELDS or sum(map(len, clean.values())) + sum(map(len, clean)) > MAX_CHARS:
        raise TooLarge("This is more text than can be kept while you sign in.")
    user = session.get(User, user_id)
    if user is None or not user.active:
        return False
    forget_expired(session, now=now)
    found = _find(session, user_id, path)
    if found is None:
        try:
            with session.begin_nested():
                session.add(UnsentForm(user_id=user_id, path=path, fields=clean, saved_at=now))
                session.flush()
        except IntegrityError:
            # The same form was sent twice at once; the later one wins, as it does one after the other.
            found = _find(session, user_id, path)
    if found is not None:
        found.fields, found.saved_at = clean, now
        session.flush()
    _drop_oldest(session, user_id)
    return True


def held(session: Session, *, user_id: int, path: str, now: datetime) -> dict[str, str]:
    """What is held for this person and page; empty if there is nothing."""
    found = _find(session, user_id, path)
    return dict(found.fields) if found is not None and found.saved_at >= now - KEPT_FOR else {}


def release(session: Session, *, user_id: int, path: str) -> None:
    """The page has been saved: nothing needs to be held for it any more."""
    session.execute(delete(UnsentForm).where(UnsentForm.user_id == user_id, UnsentForm.path == path))


def forget_expired(session: Session, *, now: datetime) -> int:
    """Delete what was held for `KEPT_FOR`, as the privacy page promises; it was shown to nobody any more. How many."""
    gone = session.scalars(delete(UnsentForm).where(UnsentForm.saved_at < now - KEPT_FOR).returning(UnsentForm.id))
    return len(gone.all())


def _find(session: Session, user_id: int, path: str) -> UnsentForm | None:
    return session.scalars(
        select(UnsentForm).where(UnsentForm.user_id == user_id, UnsentForm.path == path)
    ).one_or_none()


def _drop_oldest(session: Session, user_id: int) -> None:
    newest = (
        select(UnsentForm.id)
        .where(UnsentForm.user_id == user_id)
        .order_by(UnsentForm.saved_at.desc(), UnsentForm.id.desc())
        .limit(MAX_FORMS)
    )
    session.execute(
        delete(UnsentForm)
        .where(UnsentForm.user_id == user_id, UnsentForm.id.not_in(newest))
        .execution_options(synchronize_session=False)
    )
