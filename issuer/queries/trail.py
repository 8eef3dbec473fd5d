"""Pages of the audit trail."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.models import AuditEvent, User


@dataclass(frozen=True, slots=True)
class Entry:
    """`who`: the person's name, or what acted where there is no person. `through`: the key that acted for them."""

    event: AuditEvent
    who: str
    through: str = ""


def events(
    session: Session,
    *,
    organisation_id: int | None,
    subject: str = "",
    action: str = "",
    before_id: int | None = None,
    limit: int = 50,
) -> tuple[Entry, ...]:
    """Events of an organisation (None: of the whole installation), the newest first.

    Args:
        subject: of one thing, such as `submission:6f2c…`.
        action: of one kind, such as `submission.approve`.
        before_id: older than this event: the next page.
    """
    question = (
        select(AuditEvent, User)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    )
    if organisation_id is not None:
        question = question.where(AuditEvent.organisation_id == organisation_id)
    if subject:
        question = question.where(AuditEvent.subject == subject)
    if action:
        question = question.where(AuditEvent.action == action)
    if before_id is not None:
        question = question.where(AuditEvent.id < before_id)
    return tuple(
        Entry(event, _who(event, user), _through(event, user)) for event, user in session.execute(question).unique()
    )


def _through(event: AuditEvent, user: User | None) -> str:
    return "" if user is None else _key(event)


def _key(event: AuditEvent) -> str:
    return str(event.details.get("api_key_name") or event.details.get("api_key", ""))


def _who(event: AuditEvent, user: User | None) -> str:
    if event.action == "member.decline":
        # Who did not join stays unknown here, even by the name of their account.
        return "the invited person"
    if user is not None:
        return user.name or user.email
    if event.actor_kind == "api_key":
        key = _key(event)
        return f"the API key {key}" if key else "an API key"
    return {"command": "command line", "job": "the service"}.get(event.actor_kind, "somebody")
