"""How much there is to do and whether anybody does it, for /readyz and /metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from issuer.models import Credential, StatusEntry, Submission, WorkerHeartbeat
from issuer.workflow import State

#: A worker beats every 30 seconds; after three missed ones somebody should look.
HEARTBEAT_LATE_SECONDS = 100


@dataclass(frozen=True, slots=True)
class Workload:
    """`heartbeat_age` in seconds, None if no worker ever ran."""

    submissions: Mapping[str, int]
    oldest_waiting_seconds: int
    credentials: int
    revoked: int
    heartbeat_age: int | None


def heartbeat_age(session: Session, now: datetime) -> int | None:
    """Seconds since the newest sign of life of any worker; None if none ever ran."""
    newest = session.scalar(select(func.max(WorkerHeartbeat.seen_at)))
    return None if newest is None else max(0, int((now - newest).total_seconds()))


def measure(session: Session, now: datetime) -> Workload:
    """All numbers at once; every state is there, with 0 where nothing is in it."""
    rows = session.execute(select(Submission.state, func.count()).group_by(Submission.state))
    counted = {state: number for state, number in rows}  # noqa: C416 - dict() does not accept rows by their types
    oldest = session.scalar(select(func.min(Submission.submitted_at)).where(Submission.state == State.SUBMITTED))
    return Workload(
        submissions={state.value: counted.get(state.value, 0) for state in State},
        oldest_waiting_seconds=0 if oldest is None else max(0, int((now - oldest).total_seconds())),
        credentials=session.scalar(select(func.count()).select_from(Credential).where(Credential.replaced_at.is_(None)))
        or 0,
        revoked=session.scalar(
            select(func.count())
            .select_from(Credential)
            .join(StatusEntry, StatusEntry.id == Credential.status_entry_id)
            .where(StatusEntry.value != 0, Credential.replaced_at.is_(None))
        )
        or 0,
        heartbeat_age=heartbeat_age(session, now),
    )
