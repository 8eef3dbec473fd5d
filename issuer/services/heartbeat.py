"""A worker says that it lives. Not in the audit trail: it changes nothing for anybody."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from issuer.models import WorkerHeartbeat

#: A worker that has been silent for so long is gone, not late; its row is taken away.
FORGOTTEN_AFTER = timedelta(days=7)


def beat(session: Session, *, worker: str, now: datetime) -> None:
    """Note that `worker` lives at `now`."""
    row = session.get(WorkerHeartbeat, worker)
    if row is None:
        session.add(WorkerHeartbeat(worker=worker, seen_at=now))
    else:
        row.seen_at = now
    session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < now - FORGOTTEN_AFTER))
    session.flush()
