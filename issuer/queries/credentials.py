"""Questions about keys, status lists and issued credentials. Whoever asks has to see to who may know the answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from issuer.errors import NotFound
from issuer.models import (
    AchievementRow,
    AchievementVersion,
    Credential,
    EvidenceItem,
    Organisation,
    SigningKey,
    StatusList,
    Submission,
    User,
)

#: Of an award with several credentials the one that counts.
_CURRENT = Credential.replaced_at.is_(None)


def published_keys(session: Session, organisation_id: int) -> tuple[str, ...]:
    """The publicKeyMultibase of every key the organisation ever had, the newest first."""
    return tuple(
        session.scalars(
            select(SigningKey.public_multibase)
            .where(SigningKey.organisation_id == organisation_id)
            .order_by(SigningKey.id.desc())
        )
    )


def revoked_keys(session: Session, organisation_id: int) -> dict[str, datetime]:
    """The publicKeyMultibase of every key that is no longer trusted, and since when."""
    rows = session.execute(
        select(SigningKey.public_multibase, SigningKey.revoked_at)
        .where(SigningKey.organisation_id == organisation_id, SigningKey.revoked_at.is_not(None))
        .order_by(SigningKey.id.desc())
    )
    return {key: revoked_at for key, revoked_at in rows if revoked_at is not None}


def signing_keys(session: Session, organisation_id: int) -> tuple[SigningKey, ...]:
    """Every key of the organisation, the newest first, for its admin page."""
    return tuple(
        session.scalars(
            select(SigningKey).where(SigningKey.organisation_id == organisation_id).order_by(SigningKey.id.desc())
        )
    )


def organisation_by_slug(session: Session, slug: str) -> Organisation:
    """Raises: NotFound."""
    found = session.scalars(select(Organisation).where(Organisation.slug == slug)).one_or_none()
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


def organisation_slugs(session: Session) -> tuple[str, ...]:
    """Of every organisation of the installation: those whose credentials it recognises as its own."""
    return tuple(session.scalars(select(Organisation.slug).order_by(Organisation.id)))


def organisation_names(session: Session) -> dict[str, str]:
    """The same with their names, by short name."""
    rows = session.execute(select(Organisation.slug, Organisation.name).order_by(Organisation.id))
    return {slug: name for slug, name in rows}  # noqa: C416 - rows are not pairs to a type checker


def status_list(session: Session, number: str) -> bytes:
    """The signed list as last published, for anybody. Raises: NotFound."""
    found = session.scalars(select(StatusList.document).where(StatusList.number == number)).one_or_none()
    if found is None:
        raise NotFound("There is no such status list.")
    return found


def signed_by(document: bytes) -> str:
    """The public key (Multikey) under which one of our own documents says that it was signed."""
    proofs = json.loads(document)["proof"]
    proof = proofs[0] if isinstance(proofs, list) else proofs
    return str(proof["verificationMethod"]).rpartition("#")[2]


def published_version(session: Session, slug: str, key: str, number: int) -> AchievementVersion:
    """A version that was ever published, retired ones too: credentials point to it for good. Raises: NotFound."""
    found = session.scalars(
        select(AchievementVersion)
        .join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)
        .join(Organisation, Organisation.id == AchievementRow.organisation_id)
        .where(
            Organisation.slug == slug,
            AchievementRow.key == key,
            AchievementVersion.number == number,
            AchievementVersion.published_at.is_not(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such microcredential.")
    return found


def of_teacher(session: Session, teacher_id: int) -> tuple[Credential, ...]:
    """A teacher's credentials, the newest first; of an award the current one."""
    return tuple(session.scalars(_whole().where(Credential.teacher_id == teacher_id, _CURRENT)))


def has_earned(session: Session, teacher_id: int) -> bool:
    """They hold a credential, whatever they do today."""
    return session.scalar(select(Credential.id).where(Credential.teacher_id == teacher_id).limit(1)) is not None


def numbers_of(session: Session, submission_ids: Sequence[int]) -> dict[int, str]:
    """Submission id to the number of its current credential, for those that have one."""
    rows = session.execute(
        select(Credential.submission_id, Credential.number).where(
            Credential.submission_id.in_(submission_ids), _CURRENT
        )
    )
    return {row.submission_id: row.number for row in rows}


def of_organisation(
    session: Session, organisation_id: int, *, words: str = "", limit: int = 50, offset: int = 0
) -> tuple[Credential, ...]:
    """What an organisation has issued, the newest first; `words` looks in names of teachers and microcredentials."""
    query = _whole().where(Credential.organisation_id == organisation_id, _CURRENT)
    return tuple(session.scalars(_named(query, words).limit(limit).offset(offset)))


def shared_by_organisations(
    session: Session, organisation_ids: Sequence[int], *, words: str = "", limit: int = 50, offset: int = 0
) -> tuple[Credential, ...]:
    """What these organisations have issued and its teachers share, the newest first; `words` as above."""
    query = _whole().where(
        Credential.organisation_id.in_(organisation_ids), Credential.shared_at.is_not(None), _CURRENT
    )
    return tuple(session.scalars(_named(query, words).limit(limit).offset(offset)))


def by_number(session: Session, number: str) -> Credential:
    """One that was replaced as well. Raises: NotFound."""
    found = session.scalars(_whole().where(Credential.number == number)).one_or_none()
    if found is None:
        raise NotFound("There is no such credential.")
    return found


def of_submission(session: Session, submission_id: int) -> Credential | None:
    return session.scalars(_whole().where(Credential.submission_id == submission_id, _CURRENT)).one_or_none()


def current_of(session: Session, credential: Credential) -> Credential:
    """The current credential of the same award; the credential itself if it was not replaced."""
    if credential.replaced_at is None:
        return credential
    return session.scalars(_whole().where(Credential.submission_id == credential.submission_id, _CURRENT)).one()


def shared_evidence(session: Session, number: str) -> EvidenceItem:
    """A piece of evidence that its teacher shares, of a submission whose credential is out. Raises: NotFound."""
    found = session.scalars(
        select(EvidenceItem)
        .join(Submission, Submission.id == EvidenceItem.submission_id)
        .where(EvidenceItem.number == number, EvidenceItem.shared.is_(True), Submission.state == "issued")
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such evidence, or it is not shared.")
    return found


def awaiting_issue(session: Session, *, limit: int = 1000) -> tuple[tuple[int, str, int], ...]:
    """(id, number, attempt) of approved submissions that have no credential yet, the oldest decision first."""
    rows = session.execute(
        select(Submission.id, Submission.number, Submission.attempt)
        .where(Submission.state == "approved")
        .order_by(Submission.decided_at)
        .limit(limit)
    )
    return tuple((row.id, row.number, row.attempt) for row in rows)


def _named(query: Select[Credential], words: str) -> Select[Credential]:
    if not words.strip():
        return query
    pattern = f"%{words.strip().replace('%', '').replace('_', '')}%"
    return (
        query.join(User, User.id == Credential.teacher_id)
        .join(Submission, Submission.id == Credential.submission_id)
        .join(AchievementVersion, AchievementVersion.id == Submission.version_id)
        .where(
            or_(
                Credential.recipient_name.ilike(pattern),
                User.email.ilike(pattern),
                AchievementVersion.name.ilike(pattern),
            )
        )
    )


def _whole() -> Select[Credential]:
    """A credential with what every page shows of it, in one query."""
    return (
        select(Credential)
        .options(
            joinedload(Credential.submission),
            joinedload(Credential.teacher),
            joinedload(Credential.organisation),
            joinedload(Credential.status_entry),
            joinedload(Credential.replaces).load_only(Credential.replaced_at, Credential.replacement_reason),
        )
        .order_by(Credential.awarded_at.desc(), Credential.id.desc())
    )
