"""Many credentials verified as a job: taken in, carried on by a worker in pieces, told, forgotten.

The worker commits each piece together with the place it has come to, so that after a crash it goes on from there and
no credential is counted twice. What is kept of each is its name in the file, the verdict and the reason.
"""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Forbidden, NotFound, ServiceError
from issuer.models import BulkRow, BulkStatusList, BulkUploadPart, BulkVerification
from issuer.queries import verifications as queries
from issuer.services.access import Actor, note, require_role
from issuer.services.words import invalid
from issuer.storage import Received
from verifier.batch import Kind, Row, kind_of
from verifier.report import Verdict

#: Roles that may have credentials verified in bulk, and the scope of a key that may.
ROLES = ("agency", "admin")
SCOPE = "verifications:write"
#: Files of one organisation that may wait or run at the same time.
MAX_UNFINISHED = 5
#: Credentials in one file.
MAX_ITEMS = 200_000
_PART = 1024 * 1024
_SPOOL = 8 * 1024 * 1024
MEDIA_TYPES = {
    "text/csv": Kind.CSV,
    "application/jsonl": Kind.JSON_LINES,
    "application/x-ndjson": Kind.JSON_LINES,
    "application/zip": Kind.ZIP,
}


class OutOfStep(Conflict):
    """Another worker has gone on with this job; this one leaves it."""

    code = "out_of_step"


class UploadDamaged(ServiceError):
    """What was handed in is not there as it came."""

    status = 500
    code = "upload_damaged"


def start(
    session: Session,
    organisation_id: int,
    received: Received,
    *,
    file_name: str,
    media_type: str,
    actor: Actor,
    now: datetime,
) -> BulkVerification:
    """Take in a file with many credentials. A worker begins with it after the commit.

    Args:
        received: its bytes, within the limit of the installation.
        file_name, media_type: as the caller states them; an archive is known by its content.

    Raises:
        Forbidden: the actor is neither of the agency nor an admin there.
        Invalid: `bulk_kind_unknown`, `bulk_empty`.
        Conflict: `bulk_too_many`.
    """
    require_role(session, actor, organisation_id, *ROLES, scope=SCOPE)
    kind = _kind(received.file, file_name, media_type)
    if received.size == 0:
        raise invalid("bulk_empty", "The file is empty.", "file")
    unfinished = session.scalar(
        select(func.count())
        .select_from(BulkVerification)
        .where(BulkVerification.organisation_id == organisation_id, BulkVerification.finished_at.is_(None))
    )
    if (unfinished or 0) >= MAX_UNFINISHED:
        raise Conflict(
            f"{MAX_UNFINISHED} files of this organisation are still being verified. Please wait for one to end.",
            code="bulk_too_many",
        )
    job = BulkVerification(
        number=str(uuid.uuid4()),
        organisation_id=organisation_id,
        asked_by=actor.label[:200],
        file_name=_shown(file_name, 200),
        kind=kind.value,
        sha256=received.sha256,
        size=received.size,
        state="waiting",
        done=0,
        verified=0,
        failed=0,
        undetermined=0,
        unrecognised=0,
        registries=[],
        problem="",
        created_at=now,
        touched_at=now,
    )
    session.add(job)
    session.flush()
    received.file.seek(0)
    position = 0
    while data := received.file.read(_PART):
        session.execute(insert(BulkUploadPart).values(verification_id=job.id, position=position, data=data))
        position += 1
    note(session, actor, organisation_id, "bulk.start", f"bulk:{job.number}", now, {"sha256": job.sha256})
    return job


def open_upload(session: Session, job: BulkVerification) -> BinaryIO:
    """What was handed in, as a file of our own that can be searched.

    Raises:
        UploadDamaged: it is not what was handed in.
    """
    file: BinaryIO = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # type: ignore[assignment]  # noqa: SIM115 - typed too narrowly; given to the caller
    digest = hashlib.sha256()
    parts = session.scalars(
        select(BulkUploadPart.data)
        .where(BulkUploadPart.verification_id == job.id)
        .order_by(BulkUploadPart.position)
        .execution_options(yield_per=4)
    )
    for data in parts:
        digest.update(data)
        file.write(data)
    if digest.hexdigest() != job.sha256:
        file.close()
        raise UploadDamaged("The file that was handed in is damaged or gone.")
    file.seek(0)
    return file


def begin(
    session: Session, number: str, registries: Sequence[dict[str, str]], moment: datetime, now: datetime
) -> BulkVerification:
    """Say that a worker has it; the first one sets the moment that all of it is judged for.

    Raises:
        NotFound: no such job. OutOfStep: it has ended.
    """
    job = _locked(session, number)
    job.state = "running"
    job.moment = job.moment or moment
    # The operator may have changed them since another worker began.
    both = (tuple(sorted(each.items())) for each in (*job.registries, *registries))
    job.registries = [dict(pairs) for pairs in dict.fromkeys(both)]
    job.touched_at = now
    return job


def store(session: Session, number: str, done: int, rows: Sequence[Row], now: datetime) -> BulkVerification:
    """Add the answers that follow the first `done`.

    Raises:
        NotFound: no such job. OutOfStep: it has ended, or somebody else has stored them.
    """
    job = _locked(session, number)
    if job.done != done:
        raise OutOfStep("Another worker has gone on with this file.")
    if rows:
        session.execute(
            insert(BulkRow),
            [
                {
                    "verification_id": job.id,
                    "number": row.number,
                    "name": _shown(row.name, 2000),
                    "verdict": str(row.verdict),
                    "code": row.code,
                    "message": _shown(row.message, 1000),
                    "recognised_by": _shown(row.registry, 200),
                }
                for row in rows
            ],
        )
        _add_lists(session, job, rows)
    counts = Counter(row.verdict for row in rows)
    job.done += len(rows)
    job.verified += counts[Verdict.VERIFIED]
    job.failed += counts[Verdict.FAILED]
    job.undetermined += counts[Verdict.UNDETERMINED]
    job.unrecognised += counts[Verdict.UNRECOGNISED]
    job.touched_at = now
    return job


def finish(session: Session, number: str, receipt: bytes, now: datetime) -> BulkVerification:
    """The last answer is there: keep the receipt, drop what was handed in.

    Raises:
        NotFound: no such job. OutOfStep: it has ended.
    """
    job = _locked(session, number)
    job.state, job.receipt, job.finished_at, job.touched_at = "done", receipt, now, now
    _drop_upload(session, job)
    note(session, Actor.job(), job.organisation_id, "bulk.finish", f"bulk:{number}", now, {"credentials": job.done})
    return job


def give_up(session: Session, number: str, why: str, now: datetime) -> BulkVerification:
    """It cannot be finished; the answers so far stay readable.

    Raises:
        NotFound: no such job. OutOfStep: it has ended.
    """
    job = _locked(session, number)
    job.state, job.problem, job.finished_at, job.touched_at = "failed", why[:1000], now, now
    _drop_upload(session, job)
    note(session, Actor.job(), job.organisation_id, "bulk.fail", f"bulk:{number}", now)
    return job


def forget(session: Session, days: int, now: datetime) -> int:
    """Delete the answers of jobs that ended more than `days` ago; how many jobs. Counts and receipts stay."""
    old = (
        select(BulkVerification.id)
        .where(
            BulkVerification.state.in_(("done", "failed")), BulkVerification.finished_at < now - timedelta(days=days)
        )
        .limit(100)
    )
    found = list(session.scalars(old))
    for job_id in found:
        for table in (BulkRow, BulkStatusList, BulkUploadPart):
            session.execute(delete(table).where(table.verification_id == job_id))
        session.execute(
            update(BulkVerification).where(BulkVerification.id == job_id).values(state="forgotten", file_name="")
        )
    return len(found)


def seen(session: Session, actor: Actor, number: str) -> BulkVerification:
    """The job, for somebody of the organisation that asked.

    Raises:
        NotFound: there is none, or it is another organisation's: the two are never told apart.
    """
    job = queries.by_number(session, number)
    if job is None:
        raise NotFound("There is no such verification.")
    try:
        require_role(session, actor, job.organisation_id, *ROLES, scope=SCOPE)
    except Forbidden:
        raise NotFound("There is no such verification.") from None
    return job


def with_results(job: BulkVerification) -> None:
    """Go on only if the answers are there to be read.

    Raises:
        Conflict: `bulk_not_finished`. NotFound: `bulk_forgotten`.
    """
    if job.finished_at is None:
        raise Conflict("This file is still being verified.", code="bulk_not_finished")
    if job.state == "forgotten":
        raise NotFound("The answers have been deleted; the counts and the receipt are kept.", code="bulk_forgotten")


def receipt_of(job: BulkVerification) -> bytes:
    """The signed receipt.

    Raises:
        Conflict: `bulk_not_finished`. NotFound: `bulk_without_receipt`.
    """
    if job.finished_at is None:
        raise Conflict("This file is still being verified.", code="bulk_not_finished")
    if job.receipt is None:
        raise NotFound("This verification could not be finished, so there is no receipt.", code="bulk_without_receipt")
    return job.receipt


def _locked(session: Session, number: str) -> BulkVerification:
    job = session.scalars(
        select(BulkVerification)
        .where(BulkVerification.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if job is None:
        raise NotFound("There is no such verification.")
    if job.finished_at is not None:
        raise OutOfStep("This verification has ended.")
    return job


def _add_lists(session: Session, job: BulkVerification, rows: Sequence[Row]) -> None:
    found = {
        hashlib.sha256(f"{digest} {url}".encode("utf-8", "replace")).hexdigest(): (url, digest)
        for row in rows
        for url, digest in row.status_lists
    }
    known = set(
        session.scalars(
            select(BulkStatusList.digest).where(
                BulkStatusList.verification_id == job.id, BulkStatusList.digest.in_(found)
            )
        )
    )
    new = [
        {"verification_id": job.id, "digest": key, "url": _shown(url, 2000), "sha256": digest}
        for key, (url, digest) in found.items()
        if key not in known
    ]
    if new:
        session.execute(insert(BulkStatusList), new)


def _drop_upload(session: Session, job: BulkVerification) -> None:
    session.execute(delete(BulkUploadPart).where(BulkUploadPart.verification_id == job.id))


def _kind(file: BinaryIO, file_name: str, media_type: str) -> Kind:
    file.seek(0)
    kind = kind_of(file_name, file.read(4)) or MEDIA_TYPES.get(media_type)
    if kind is None:
        raise invalid(
            "bulk_kind_unknown",
            "Send a CSV file with a column of addresses, a JSON Lines file or a zip archive.",
            "file",
        )
    return kind


def _shown(text: str, length: int) -> str:
    """Text out of a stranger's file: printable, on one line, storable in every database."""
    return "".join(c if c.isprintable() else "�" for c in text[:length])
