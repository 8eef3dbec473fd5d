"""The audit trail: who did what to which thing. Written here alone, chained by hash, never changed.

The hash of an event is SHA-256 over the RFC 8785 form of the event together with the hash before it. Leaving an event
out, changing one or putting one in between breaks every hash that follows. Cutting off the end does not show by itself:
whoever needs that keeps `check_chain(session).newest_hash` somewhere else (docs/security.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from issuer.models import AuditEvent

#: PostgreSQL advisory lock of the chain. Any number will do as long as nothing else in this database uses it.
_LOCK = 0x6261646765


@dataclass(frozen=True, slots=True)
class ChainState:
    """`intact` is false if an event was changed, left out or put in; `broken_at` is then the id where it shows."""

    intact: bool
    events: int
    newest_hash: str
    broken_at: int | None = None


def record(
    session: Session,
    actor_kind: str,
    actor_id: int | None,
    organisation_id: int | None,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None,
    now: datetime,
) -> AuditEvent:
    """Append one event. Call it last in a use case: it holds the chain's lock until the transaction ends.

    So that no two transactions wait for each other, rows are locked before this is called, and with
    `with_for_update(key_share=True)`: the event names its organisation and its actor, and a plain FOR UPDATE on those
    would hold up everybody's events.

    Args:
        action: what was done, as `thing.verb`, such as `submission.approve`.
        subject: kind and public number of the thing, such as `submission:6f2c…`.
        details: JSON values that help a person later; never words of evidence, never secrets.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Two transactions that append at once would both read the same newest hash. On SQLite the database's single
        # writer already serialises them (see `issuer.db.make_engine`).
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    newest = session.execute(select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)).scalar_one_or_none()
    event = AuditEvent(
        at=now,
        actor_kind=actor_kind,
        actor_id=actor_id,
        organisation_id=organisation_id,
        action=action,
        subject=subject,
        details=dict(details or {}),
        previous_hash=newest or "",
    )
    event.hash = event_hash(event)
    session.add(event)
    session.flush()
    return event


def event_hash(event: AuditEvent) -> str:
    """The hash that this event must have, from its own content and `previous_hash`."""
    content = {
        "at": event.at.isoformat(),
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id,
        "organisation_id": event.organisation_id,
        "action": event.action,
        "subject": event.subject,
        "details": event.details,
        "previous_hash": event.previous_hash,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def check_chain(session: Session) -> ChainState:
    """Walk the whole trail and recompute every hash."""
    previous, count = "", 0
    everything = select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=500)
    # Closed at once when a break is found: the rest of the trail is not read.
    with session.execute(everything) as result:
        for event in result.scalars():
            if event.previous_hash != previous or event.hash != event_hash(event):
                return ChainState(False, count, previous, event.id)
            previous, count = event.hash, count + 1
    return ChainState(True, count, previous)
