"""Where people are signed in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from issuer.config import Config
from issuer.models import User, UserSession


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts: `idle` without a request, unless it is remembered, and `total` in any case."""

    idle: timedelta
    total: timedelta

    @classmethod
    def of(cls, config: Config) -> Lifetime:
        return cls(idle=timedelta(hours=config.session_idle_hours), total=timedelta(days=config.session_days))

    def alive(self, now: datetime) -> ColumnElement[bool]:
        """The sessions that have not run out."""
        return and_(
            UserSession.begun_at > now - self.total,
            or_(UserSession.remembered.is_(True), UserSession.seen_at > now - self.idle),
        )


def digest(token: str) -> str:
    """What is stored of a session's random id."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_token(session: Session, token: str, lifetime: Lifetime, now: datetime) -> tuple[User, UserSession] | None:
    """Whose session this is. None if there is none, if it has run out, or if the account is switched off."""
    found = session.execute(
        select(User, UserSession)
        .join(UserSession, UserSession.user_id == User.id)
        .where(UserSession.token_sha256 == digest(token), lifetime.alive(now), User.active.is_(True))
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def of_user(session: Session, user_id: int, lifetime: Lifetime, now: datetime) -> list[UserSession]:
    """A person's sessions, the one used last first."""
    return list(
        session.scalars(
            select(UserSession)
            .where(UserSession.user_id == user_id, lifetime.alive(now))
            .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
        )
    )
