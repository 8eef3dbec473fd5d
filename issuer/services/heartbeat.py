"""Workers say that they are alive, and one takes over from another that no longer does.

Not in the audit trail: it changes nothing for anybody.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from issuer.models import WorkerHeartbeat

#: The last sign of life of a worker that ended in order, or of one that is known by its work alone.
ENDED = datetime(1970, 1, 1, tzinfo=UTC)


def beat(session: Session, *, worker: str, now: datetime) -> None:
    """Note that `worker` is alive at `now`."""
    row = session.get(WorkerHeartbeat, worker)
    if row is None:
        session.add(WorkerHeartbeat(worker=worker, seen_at=now))
    else:
        row.seen_at = now
    session.flush()


def all_beats(session: Session) -> dict[str, datetime]:
    """The last sign of life of every worker whose work may still lie somewhere."""
    return {row.worker: row.seen_at for row in session.scalars(select(WorkerHeartbeat))}


def claim(session: Session, *, worker: str, seen_at: datetime, now: datetime) -> bool:
    """Be the one that takes over from `worker`; False if another one was faster, or it has come back.

    Whoever claims and dies before the work is handed over is found like the first: `now` goes stale in its turn.
    """
    changed = session.execute(
        update(WorkerHeartbeat)
        .where(WorkerHeartbeat.worker == worker, WorkerHeartbeat.seen_at == seen_at)
        .values(seen_at=now)
    )
    return isinstance(changed, CursorResult) and changed.rowcount == 1


def forget(session: Session, *, worker: str) -> None:
    """Its work is in other hands."""
    session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.worker == worker))
