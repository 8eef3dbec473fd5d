"""Heartbeats and the numbers for whoever watches."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from issuer.queries import workload
from issuer.services import heartbeat


def test_the_newest_worker_counts(session: Session, now: datetime) -> None:
    assert workload.heartbeat_age(session, now) is None
    heartbeat.beat(session, worker="old", now=now - timedelta(days=8))
    heartbeat.beat(session, worker="one", now=now - timedelta(seconds=90))
    heartbeat.beat(session, worker="two", now=now - timedelta(seconds=30))
    heartbeat.beat(session, worker="two", now=now - timedelta(seconds=20))
    assert workload.heartbeat_age(session, now) == 20


def test_an_empty_installation_has_every_number(session: Session, now: datetime) -> None:
    found = workload.measure(session, now)
    assert set(found.submissions.values()) == {0}
    assert (found.credentials, found.revoked, found.oldest_waiting_seconds, found.heartbeat_age) == (0, 0, 0, None)
