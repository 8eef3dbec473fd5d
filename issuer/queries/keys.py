"""API keys and the consents to them, for pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from issuer.errors import NotFound
from issuer.models import ApiKey, KeyConsent, Membership, Organisation


@dataclass(frozen=True, slots=True)
class Asked:
    """A consent as a page shows it. `state`: `asked`, `given`, `declined`, `taken_back`, `ended`."""

    row: KeyConsent
    state: str


@dataclass(frozen=True, slots=True)
class KeyOfMember:
    """A key that asks a member, and the organisation that it belongs to."""

    asked: Asked
    organisation: Organisation

    @property
    def key(self) -> ApiKey:
        return self.asked.row.key


def of_organisation(session: Session, organisation_id: int) -> tuple[ApiKey, ...]:
    """The organisation's keys, the newest first, revoked ones too."""
    return tuple(session.scalars(_keys(organisation_id).order_by(ApiKey.id.desc())))


def one(session: Session, organisation_id: int, prefix: str) -> ApiKey:
    """Raises: NotFound: the organisation has no such key."""
    found = session.scalars(_keys(organisation_id).where(ApiKey.prefix == prefix)).one_or_none()
    if found is None:
        raise NotFound("There is no such key.")
    return found


def consents_of_key(session: Session, key_id: int) -> tuple[KeyConsent, ...]:
    """Whom the key has asked, the newest question first."""
    rows = select(KeyConsent).where(KeyConsent.api_key_id == key_id).order_by(KeyConsent.asked_at.desc(), KeyConsent.id)
    return tuple(session.scalars(rows).unique())


def of_member(session: Session, user_id: int, now: datetime) -> tuple[KeyOfMember, ...]:
    """The keys that work and ask this person, in the organisations to which they belong; by the key's name."""
    rows = session.execute(
        select(KeyConsent, Organisation)
        .join(ApiKey, ApiKey.id == KeyConsent.api_key_id)
        .join(Organisation, Organisation.id == ApiKey.organisation_id)
        .where(
            KeyConsent.user_id == user_id,
            ApiKey.revoked_at.is_(None),
            ApiKey.expires_at > now,
            select(Membership.id)
            .where(Membership.user_id == user_id, Membership.organisation_id == Organisation.id)
            .exists(),
        )
        .order_by(ApiKey.name, ApiKey.id)
    )
    return tuple(
        KeyOfMember(Asked(consent, _state(consent, now)), organisation) for consent, organisation in rows.unique()
    )


def organisation_name(session: Session, consent: KeyConsent) -> str:
    """The name of the organisation that the key belongs to."""
    return session.execute(select(Organisation.name).where(Organisation.id == consent.key.organisation_id)).scalar_one()


def asked(consents: tuple[KeyConsent, ...], now: datetime) -> tuple[Asked, ...]:
    return tuple(Asked(row, _state(row, now)) for row in consents)


def with_state(consent: KeyConsent, now: datetime) -> dict[str, Any]:
    """As the API shows it."""
    names = ("asked_at", "given_at", "ends_at", "revoked_at", "last_used_at")
    return {
        "email": consent.user.email,
        "state": _state(consent, now),
        **{name: getattr(consent, name) for name in names},
    }


def _keys(organisation_id: int) -> Select[ApiKey]:
    return select(ApiKey).where(ApiKey.organisation_id == organisation_id).options(joinedload(ApiKey.creator))


def _state(consent: KeyConsent, now: datetime) -> str:
    if consent.revoked_at is not None:
        return "declined" if consent.given_at is None else "taken_back"
    if consent.given_at is None:
        return "asked"
    return "ended" if consent.ends_at is not None and consent.ends_at <= now else "given"
