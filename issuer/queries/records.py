"""What organisations have on record of people. Whoever asks has to see to who may know the answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from issuer.models import AuditEvent, Credential, MemberRecord, Membership, Organisation, StatusEntry, Submission


def record_of(session: Session, organisation_id: int, user_id: int) -> MemberRecord | None:
    return session.scalars(
        select(MemberRecord).where(MemberRecord.organisation_id == organisation_id, MemberRecord.user_id == user_id)
    ).one_or_none()


def records_of(session: Session, organisation_id: int) -> dict[int, MemberRecord]:
    """By the person's id, those without a role any more too."""
    found = session.scalars(select(MemberRecord).where(MemberRecord.organisation_id == organisation_id))
    return {record.user_id: record for record in found}


def names_of(session: Session, user_id: int) -> tuple[tuple[str, str], ...]:
    """The organisation's name and the person's name on its record, by organisation."""
    found = session.execute(
        select(Organisation.name, MemberRecord.name)
        .join(MemberRecord, MemberRecord.organisation_id == Organisation.id)
        .where(MemberRecord.user_id == user_id)
        .order_by(Organisation.name)
    )
    return tuple((organisation, name) for organisation, name in found)


def belongs(session: Session, organisation_id: int, user_id: int) -> bool:
    """The person has a role there, or a badge from there."""
    here = select(Membership.id).where(Membership.organisation_id == organisation_id, Membership.user_id == user_id)
    awarded = select(Credential.id).where(
        Credential.organisation_id == organisation_id, Credential.teacher_id == user_id
    )
    return any(session.execute(query.limit(1)).first() is not None for query in (here, awarded))


def questions_since(
    session: Session, organisation_id: int, actor_kind: str, user_id: int | None, since: datetime
) -> int:
    """How often somebody has asked whether a badge of the organisation is so-and-so's, by the trail."""
    query = select(func.count()).select_from(AuditEvent)
    who = AuditEvent.actor_id.is_(None) if user_id is None else AuditEvent.actor_id == user_id
    return (
        session.scalar(
            query.where(
                AuditEvent.organisation_id == organisation_id,
                AuditEvent.action == "record.ask",
                AuditEvent.actor_kind == actor_kind,
                AuditEvent.at >= since,
                who,
            )
        )
        or 0
    )


def outdated(session: Session, organisation_id: int, user_id: int, now: datetime) -> tuple[Credential, ...]:
    """Badges in force that say something else of the person than the record does now, the oldest first."""
    return tuple(
        session.scalars(
            select(Credential)
            .join(StatusEntry, StatusEntry.id == Credential.status_entry_id)
            .join(Organisation, Organisation.id == Credential.organisation_id)
            .join(
                MemberRecord,
                and_(
                    MemberRecord.organisation_id == Credential.organisation_id,
                    MemberRecord.user_id == Credential.teacher_id,
                ),
            )
            .where(
                Credential.organisation_id == organisation_id,
                Credential.teacher_id == user_id,
                Credential.replaced_at.is_(None),
                StatusEntry.value == 0,
                or_(Credential.valid_until.is_(None), Credential.valid_until > now),
                differs(),
            )
            .options(joinedload(Credential.submission).joinedload(Submission.version))
            .order_by(Credential.id)
        ).unique()
    )


def differs() -> ColumnElement[bool]:
    """Of a credential joined with its organisation and the record of its holder: whether they differ."""
    number = case((Organisation.educator_id_signed, MemberRecord.educator_id), else_="")
    return or_(Credential.recipient_name != MemberRecord.name, Credential.recipient_educator_id != number)
