"""What hangs on a version of a microcredential: for whoever is about to retire it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from issuer.models import Credential, StatusEntry, Submission
from issuer.workflow import EDITABLE, State

_WAITING = (State.SUBMITTED, State.IN_REVIEW)


@dataclass(frozen=True, slots=True)
class Work:
    """`drafts`: teachers at work, what was returned to them included. `waiting`: handed in and not decided. `approved`:
    the credential is being made. `credentials`: awards in force, each counted once however often it was signed."""

    drafts: int
    waiting: int
    approved: int
    credentials: int


def work_on(session: Session, version_id: int) -> Work:
    found = session.execute(
        select(Submission.state, func.count()).where(Submission.version_id == version_id).group_by(Submission.state)
    )
    states = {state: count for state, count in found}  # noqa: C416 - typed rows, which dict() does not take
    credentials = session.scalar(
        select(func.count())
        .select_from(Credential)
        .join(Submission, Submission.id == Credential.submission_id)
        .join(StatusEntry, StatusEntry.id == Credential.status_entry_id)
        .where(Submission.version_id == version_id, StatusEntry.value == 0, Credential.replaced_at.is_(None))
    )
    return Work(
        drafts=sum(states.get(state, 0) for state in EDITABLE),
        waiting=sum(states.get(state, 0) for state in _WAITING),
        approved=states.get(State.APPROVED, 0),
        credentials=credentials or 0,
    )
