"""Questions about awards that are signed again, and about what a signing key has signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from issuer.models import (
    AchievementVersion,
    AuditEvent,
    BulkVerification,
    Credential,
    MemberRecord,
    Organisation,
    Reissue,
    SigningKey,
    StatusEntry,
    StatusList,
    Submission,
    User,
)
from issuer.queries.credentials import revoked_keys, signed_by
from issuer.queries.records import differs

#: Receipts and lists that one look reads at a time.
_AT_ONCE = 50
#: Two servers may sign by clocks that do not agree.
_CLOCKS_DIFFER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What a key signed: credentials in force, revoked, expired; and those of `/vc-api`, which are not stored."""

    good: int
    revoked: int
    expired: int
    plain: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """A replacement whose holder has not been written to yet."""

    credential_id: int
    number: str
    issued_at: datetime
    name: str
    organisation_name: str
    user_id: int
    email: str
    reason: str


@dataclass(frozen=True, slots=True)
class Signed:
    """One thing that a key signed, for a person to look at. `state`: good, revoked, expired, replaced or not stored."""

    subject: str
    microcredential: str
    teacher: str
    awarded_at: datetime | None
    signed_at: datetime
    decided_by: str
    state: str


def key_use(session: Session, key: SigningKey, method: str, now: datetime) -> KeyUse:
    """`method`: the key's verification method, as the audit trail has it."""
    rows = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(StatusEntry.value), 0),
        )
        .select_from(Credential)
        .join(StatusEntry, StatusEntry.id == Credential.status_entry_id)
        .where(Credential.key_id == key.id, Credential.replaced_at.is_(None))
    ).one()
    total, revoked = int(rows[0]), int(rows[1])
    good = session.scalar(select(func.count()).select_from(_good(now).where(Credential.key_id == key.id).subquery()))
    plain = session.scalar(select(func.count()).select_from(_plain(key, method).subquery()))
    return KeyUse(good or 0, revoked, total - revoked - (good or 0), plain or 0)


def signed_since(session: Session, key: SigningKey, method: str, since: datetime, now: datetime) -> Iterator[Signed]:
    """What the key signed at `since` or later, the oldest first: awards, then what was signed and is not stored."""
    rows = session.scalars(
        select(Credential)
        .where(Credential.key_id == key.id, Credential.issued_at >= since)
        .options(
            joinedload(Credential.submission),
            joinedload(Credential.teacher),
            joinedload(Credential.status_entry),
        )
        .order_by(Credential.issued_at, Credential.id)
    )
    pairs = session.execute(
        select(Submission.id, User.email)
        .join(User, User.id == Submission.decided_by_id)
        .join(Credential, Credential.submission_id == Submission.id)
        .where(Credential.key_id == key.id, Credential.issued_at >= since)
    )
    deciders = {submission_id: email for submission_id, email in pairs}  # noqa: C416 - rows are not pairs to a type checker
    for row in rows:
        yield Signed(
            f"credential:{row.number}",
            row.submission.version.name,
            row.teacher.email,
            row.awarded_at,
            row.issued_at,
            deciders.get(row.submission_id, ""),
            _state(row, now),
        )
    for event in session.scalars(_plain(key, method).where(AuditEvent.at >= since).order_by(AuditEvent.id)):
        yield Signed(event.subject, "", "", None, event.at, "", "not stored")


def open_for_keys(session: Session, organisation_id: int) -> Reissue | None:
    return session.scalars(
        select(Reissue).where(
            Reissue.organisation_id == organisation_id, Reissue.teacher_id.is_(None), Reissue.finished_at.is_(None)
        )
    ).one_or_none()


def open_for_person(session: Session, organisation_id: int, user_id: int) -> Reissue | None:
    return session.scalars(
        select(Reissue).where(
            Reissue.organisation_id == organisation_id, Reissue.teacher_id == user_id, Reissue.finished_at.is_(None)
        )
    ).one_or_none()


def by_number(session: Session, number: str) -> Reissue | None:
    return session.scalars(select(Reissue).where(Reissue.number == number)).one_or_none()


def latest(session: Session, organisation_id: int) -> Reissue | None:
    """The newest one because of a key, for the page."""
    return session.scalars(
        select(Reissue)
        .where(Reissue.organisation_id == organisation_id, Reissue.teacher_id.is_(None))
        .order_by(Reissue.id.desc())
        .limit(1)
    ).one_or_none()


def unfinished(session: Session) -> tuple[tuple[str, datetime], ...]:
    """(number, when somebody last did something for it), the oldest first."""
    rows = session.execute(
        select(Reissue.number, Reissue.touched_at).where(Reissue.finished_at.is_(None)).order_by(Reissue.id)
    )
    return tuple((number, touched_at) for number, touched_at in rows)


def has_work_for_keys(session: Session, organisation_id: int, now: datetime) -> bool:
    """Whether anything that a revoked key signed is still good: an award, a status list, a receipt; or whether a holder
    has not been written to."""
    distrusted = revoked_keys(session, organisation_id)
    if not distrusted:
        return False
    if session.execute(_distrusted(organisation_id, now).limit(1)).first() is not None:
        return True
    if session.execute(_unannounced(organisation_id).limit(1)).first() is not None:
        return True
    # Who signed them stands in the documents alone. A revoked key signed nothing after its revocation, so that newer
    # lists are not read; nor are receipts that a whole job has looked through since.
    newest = max(distrusted.values())
    queries: list[Select[bytes | None]] = [
        select(StatusList.document).where(
            StatusList.organisation_id == organisation_id, StatusList.published_at <= newest + _CLOCKS_DIFFER
        )
    ]
    looked_through = select(Reissue.id).where(
        Reissue.organisation_id == organisation_id,
        Reissue.teacher_id.is_(None),
        Reissue.requested_at > newest,
        Reissue.finished_at.is_not(None),
        Reissue.failed == 0,
    )
    if session.execute(looked_through.limit(1)).first() is None:
        queries.append(
            select(BulkVerification.receipt).where(
                BulkVerification.organisation_id == organisation_id, BulkVerification.receipt.is_not(None)
            )
        )
    return any(
        document is not None and signed_by(document) in distrusted
        for query in queries
        for document in session.scalars(query.execution_options(yield_per=_AT_ONCE))
    )


def next_award(session: Session, job: Reissue, now: datetime) -> tuple[int, str] | None:
    """(id, number) of the next credential to be replaced, after the job's position."""
    if job.teacher_id is None:
        query = _distrusted(job.organisation_id, now)
    else:
        query = (
            _good(now)
            .join(Organisation, Organisation.id == Credential.organisation_id)
            .join(
                MemberRecord,
                and_(
                    MemberRecord.organisation_id == Credential.organisation_id,
                    MemberRecord.user_id == Credential.teacher_id,
                ),
            )
            .where(
                Credential.organisation_id == job.organisation_id, Credential.teacher_id == job.teacher_id, differs()
            )
        )
    row = session.execute(query.where(Credential.id > job.position).order_by(Credential.id).limit(1)).first()
    return (row.id, row.number) if row is not None else None


def unannounced(
    session: Session, organisation_id: int, *, after: tuple[int, int] = (0, 0), limit: int
) -> tuple[Announcement, ...]:
    """The replacements whose holders have not been written to, those of one holder side by side.

    `after`: the holder and the replacement that were looked at last.
    """
    holder, last = after
    query = _unannounced(organisation_id).where(or_(User.id > holder, and_(User.id == holder, Credential.id > last)))
    rows = session.execute(query.order_by(User.id, Credential.id).limit(limit))
    return tuple(Announcement(*row) for row in rows)


def _unannounced(organisation_id: int) -> Select[int, str, datetime, str, str, int, str, str]:
    old = Credential.__table__.alias("old")
    return (
        select(
            Credential.id,
            Credential.number,
            Credential.issued_at,
            AchievementVersion.name,
            Organisation.name,
            User.id,
            User.email,
            old.c.replacement_reason,
        )
        .join(old, old.c.id == Credential.replaces_id)
        .join(Submission, Submission.id == Credential.submission_id)
        .join(AchievementVersion, AchievementVersion.id == Submission.version_id)
        .join(User, User.id == Credential.teacher_id)
        .join(Organisation, Organisation.id == Credential.organisation_id)
        .where(
            Credential.organisation_id == organisation_id,
            Credential.announced_at.is_(None),
            Credential.replaced_at.is_(None),
        )
    )


def _distrusted(organisation_id: int, now: datetime) -> Select[int, str]:
    return (
        _good(now)
        .join(SigningKey, SigningKey.id == Credential.key_id)
        .where(Credential.organisation_id == organisation_id, SigningKey.revoked_at.is_not(None))
    )


def _good(now: datetime) -> Select[int, str]:
    """Current credentials in force: neither revoked nor expired."""
    return (
        select(Credential.id, Credential.number)
        .join(StatusEntry, StatusEntry.id == Credential.status_entry_id)
        .where(
            Credential.replaced_at.is_(None),
            StatusEntry.value == 0,
            or_(Credential.valid_until.is_(None), Credential.valid_until > now),
        )
    )


def _plain(key: SigningKey, method: str) -> Select[AuditEvent]:
    named: ColumnElement[bool] = AuditEvent.details["verification_method"].as_string() == method
    return select(AuditEvent).where(
        and_(AuditEvent.organisation_id == key.organisation_id, AuditEvent.action == "credential.sign", named)
    )


def _state(row: Credential, now: datetime) -> str:
    if row.replaced_at is not None:
        return "replaced"
    if row.status_entry.value:
        return "revoked"
    return "expired" if row.valid_until is not None and row.valid_until <= now else "good"
