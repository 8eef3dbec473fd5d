"""Bulk verifications: how they stand, and what came out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.models import BulkRow, BulkStatusList, BulkVerification
from verifier.batch.output import csv_writer

COLUMNS = ("number", "name", "verdict", "code", "message", "recognised by")


def by_number(session: Session, number: str) -> BulkVerification | None:
    return session.scalars(select(BulkVerification).where(BulkVerification.number == number)).one_or_none()


def of_organisations(
    session: Session, organisation_ids: list[int], *, limit: int = 100
) -> tuple[BulkVerification, ...]:
    """The newest first."""
    return tuple(
        session.scalars(
            select(BulkVerification)
            .where(BulkVerification.organisation_id.in_(organisation_ids))
            .order_by(BulkVerification.id.desc())
            .limit(limit)
        )
    )


def unfinished(session: Session) -> tuple[tuple[str, datetime], ...]:
    """(number, when a worker last did something for it) of whatever has not ended, the oldest first."""
    rows = session.execute(
        select(BulkVerification.number, BulkVerification.touched_at)
        .where(BulkVerification.finished_at.is_(None))
        .order_by(BulkVerification.id)
    )
    return tuple((number, touched_at) for number, touched_at in rows)


def problems(session: Session, job: BulkVerification, *, limit: int) -> tuple[BulkRow, ...]:
    """The first answers that are not "verified"."""
    return tuple(
        session.scalars(
            select(BulkRow)
            .where(BulkRow.verification_id == job.id, BulkRow.verdict != "verified")
            .order_by(BulkRow.number)
            .limit(limit)
        )
    )


def results(session: Session, job: BulkVerification) -> Iterator[bytes]:
    """The results as CSV in UTF-8, piece by piece: a cell that a spreadsheet would run begins with an apostrophe."""
    buffer = io.StringIO(newline="")
    write = csv_writer(buffer, COLUMNS)
    columns = (BulkRow.number, BulkRow.name, BulkRow.verdict, BulkRow.code, BulkRow.message, BulkRow.recognised_by)
    rows = session.execute(
        select(*columns)
        .where(BulkRow.verification_id == job.id)
        .order_by(BulkRow.number)
        .execution_options(yield_per=500)
    )
    for row in rows:
        write(row)
        if buffer.tell() > 64 * 1024:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def results_digest(session: Session, job: BulkVerification) -> str:
    """SHA-256 of `results`, in hex."""
    digest = hashlib.sha256()
    for piece in results(session, job):
        digest.update(piece)
    return digest.hexdigest()


def status_lists(session: Session, job: BulkVerification) -> list[tuple[str, str]]:
    """(address, SHA-256) of each list that was looked at, sorted by address."""
    rows = session.execute(
        select(BulkStatusList.url, BulkStatusList.sha256).where(BulkStatusList.verification_id == job.id)
    )
    return sorted((url, digest) for url, digest in rows)
