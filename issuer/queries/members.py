"""Who belongs to an organisation, to which organisations somebody belongs, and an organisation's API keys."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from issuer.models import MEMBER_ROLES, ApiKey, Membership, Organisation, User


@dataclass(frozen=True, slots=True)
class Member:
    """A person and their roles there, in the order of `MEMBER_ROLES`."""

    user: User
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organisation and the person's roles there."""

    organisation: Organisation
    roles: tuple[str, ...]


def of_organisation(session: Session, organisation_id: int) -> tuple[Member, ...]:
    """Everybody with a role there, by name."""
    found: dict[int, tuple[User, set[str]]] = {}
    rows = session.scalars(
        select(Membership).where(Membership.organisation_id == organisation_id).options(joinedload(Membership.user))
    )
    for row in rows.unique():
        found.setdefault(row.user_id, (row.user, set()))[1].add(row.role)
    members = [Member(user, _ordered(roles)) for user, roles in found.values()]
    return tuple(sorted(members, key=lambda member: (member.user.name.casefold(), member.user.email)))


def organisations_of(session: Session, user_id: int) -> tuple[Belonging, ...]:
    """Where somebody has a role, by the organisation's name. Empty for an account that is switched off."""
    found: dict[int, tuple[Organisation, set[str]]] = {}
    rows = session.scalars(
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.user_id == user_id, User.active.is_(True))
    )
    for row in rows.unique():
        found.setdefault(row.organisation_id, (row.organisation, set()))[1].add(row.role)
    places = [Belonging(organisation, _ordered(roles)) for organisation, roles in found.values()]
    return tuple(sorted(places, key=lambda place: place.organisation.name.casefold()))


def organisations(session: Session) -> tuple[Organisation, ...]:
    """Every organisation of the installation, by name."""
    return tuple(session.scalars(select(Organisation).order_by(Organisation.name, Organisation.id)))


def api_keys(session: Session, organisation_id: int) -> tuple[ApiKey, ...]:
    """The organisation's keys, the newest first, revoked ones too."""
    return tuple(
        session.scalars(select(ApiKey).where(ApiKey.organisation_id == organisation_id).order_by(ApiKey.id.desc()))
    )


def _ordered(roles: set[str]) -> tuple[str, ...]:
    return tuple(role for role in MEMBER_ROLES if role in roles)
