"""Writing requests that are sent twice do their work once (draft-ietf-httpapi-idempotency-key-header).

Whoever works on a request holds a lease on its row. The answer is written in the transaction of the effect, and only by
the holder of the lease: a process that dies leaves neither effect nor answer, and one that is slower than its lease
loses both. A request that was refused changed nothing and is forgotten, so that it can be sent again.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Invalid, ServiceError
from issuer.models import IdempotentRequest

#: How long an answer is replayed.
KEEP = timedelta(hours=24)
#: How long a request may take before another one with the same key may do its work.
LEASE = timedelta(minutes=2)
#: Rows of one API key.
MAX_ROWS = 10_000
#: Of a stored answer, compressed. The work of a larger one is still done once.
MAX_BODY = 1024 * 1024


class TooManyKeys(ServiceError):
    """An API key has used more idempotency keys in a day than are stored for it."""

    status = 429
    code = "idempotency_keys_exhausted"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work of one request."""

    row_id: int
    lease: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with when its work was done."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def claim(session: Session, *, api_key_id: int, key: str, fingerprint: str, now: datetime) -> Claim | Answer:
    """The right to work on this request, or the answer that it had. Commit at once: others see the claim only then.

    Args:
        key: the header's value. Only its hash is stored.
        fingerprint: SHA-256 of what makes two requests the same.

    Raises:
        Invalid: `idempotency_key_reused`: it was sent with another request.
        Conflict: `idempotency_in_progress`; `idempotency_answer_not_stored`: done, but its answer was too large.
        TooManyKeys.
    """
    key_sha256 = hashlib.sha256(key.encode()).hexdigest()
    session.execute(
        delete(IdempotentRequest).where(
            IdempotentRequest.api_key_id == api_key_id,
            IdempotentRequest.created_at <= now - KEEP,
            IdempotentRequest.lease_ends_at <= now,
        )
    )
    lease, ends = secrets.token_hex(16), now + LEASE
    for _ in range(3):
        found = _row(session, api_key_id, key_sha256)
        if found is not None:
            return _judge(found, fingerprint, lease, ends, now)
        count = select(func.count()).select_from(IdempotentRequest).where(IdempotentRequest.api_key_id == api_key_id)
        if (session.scalar(count) or 0) >= MAX_ROWS:
            raise TooManyKeys(f"An API key may use {MAX_ROWS} idempotency keys a day. Please send without one.")
        row = IdempotentRequest(
            api_key_id=api_key_id,
            key_sha256=key_sha256,
            fingerprint=fingerprint,
            created_at=now,
            lease=lease,
            lease_ends_at=ends,
            headers={},
        )
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()
        except IntegrityError:
            # Somebody else was faster: what they wrote is looked at next, unless it is gone again by then.
            continue
        return Claim(row.id, lease)
    raise _in_progress()


def store(
    session: Session, claimed: Claim, *, status: int, headers: Mapping[str, str], body: bytes, now: datetime
) -> None:
    """Write the answer beside its effect, in the same transaction.

    Raises:
        Conflict: `idempotency_in_progress`: the lease has gone to another request. The effect must be rolled back.
    """
    packed: bytes | None = zlib.compress(body)
    if packed is not None and len(packed) > MAX_BODY:
        packed = None
    written = session.execute(
        update(IdempotentRequest)
        .where(
            IdempotentRequest.id == claimed.row_id,
            IdempotentRequest.lease == claimed.lease,
            IdempotentRequest.status.is_(None),
        )
        .values(status=status, headers=dict(headers), body=packed, lease_ends_at=now)
        .returning(IdempotentRequest.id)
    ).scalar_one_or_none()
    if written is None:
        raise _in_progress()


def release(session: Session, claimed: Claim) -> None:
    """Forget a request that was refused: it may be sent again with the same key at once."""
    session.execute(
        delete(IdempotentRequest).where(
            IdempotentRequest.id == claimed.row_id,
            IdempotentRequest.lease == claimed.lease,
            IdempotentRequest.status.is_(None),
        )
    )


def sweep(session: Session, now: datetime) -> None:
    """Delete what is older than a day. A worker calls this now and then."""
    session.execute(
        delete(IdempotentRequest).where(
            IdempotentRequest.created_at <= now - KEEP, IdempotentRequest.lease_ends_at <= now
        )
    )


def _judge(found: IdempotentRequest, fingerprint: str, lease: str, ends: datetime, now: datetime) -> Claim | Answer:
    if found.fingerprint != fingerprint:
        raise Invalid(
            "This Idempotency-Key was sent with another request before. Use a new one for each.",
            code="idempotency_key_reused",
        )
    if found.status is not None:
        if found.body is None:
            raise Conflict(
                "This request was carried out, but its answer was too large to be stored. Ask for the thing itself.",
                code="idempotency_answer_not_stored",
            )
        headers = {name: str(value) for name, value in found.headers.items()}
        return Answer(found.status, headers, zlib.decompress(found.body))
    if found.lease_ends_at > now:
        raise _in_progress()
    found.lease, found.lease_ends_at = lease, ends
    return Claim(found.id, lease)


def _row(session: Session, api_key_id: int, key_sha256: str) -> IdempotentRequest | None:
    return session.execute(
        select(IdempotentRequest)
        .where(IdempotentRequest.api_key_id == api_key_id, IdempotentRequest.key_sha256 == key_sha256)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _in_progress() -> Conflict:
    return Conflict(
        "A request with this Idempotency-Key is being carried out. Please ask again in a moment.",
        code="idempotency_in_progress",
    )
