"""Who belongs to an organisation, and to which organisations somebody belongs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from issuer.errors import NotFound
from issuer.models import (
    MEMBER_ROLES,
    AchievementRow,
    AchievementVersion,
    ApiKey,
    MemberInvitation,
    Membership,
    Organisation,
    Submission,
    User,
)
from issuer.workflow import State


@dataclass(frozen=True, slots=True)
class Member:
    """A person and their roles there, in the order of `MEMBER_ROLES`."""

    user: User
    roles: tuple[str, ...]
    invited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Belonging:
    """An organisation and the person's roles there."""

    organisation: Organisation
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes with a role: `claimed` are the microcredentials of submissions that go back into the queue, `keys`
    the API keys whose secret the person has seen. `last_admin`: the role cannot be removed, nobody else has it."""

    user: User
    role: str
    last_role: bool
    last_admin: bool = False
    claimed: tuple[str, ...] = ()
    keys: tuple[ApiKey, ...] = ()


def removal(session: Session, *, organisation_id: int, user_id: int, role: str, now: datetime) -> Removal:
    """What removing this role would do, for whoever is asked to confirm it.

    Raises:
        NotFound: the person does not have the role there.
    """
    everybody = of_organisation(session, organisation_id)
    member = next((each for each in everybody if each.user.id == user_id), None)
    if member is None or role not in member.roles:
        raise NotFound("This person does not have that role here.")
    claimed: tuple[str, ...] = ()
    keys: tuple[ApiKey, ...] = ()
    if role == "coach":
        claimed = tuple(
            session.scalars(
                select(AchievementVersion.name)
                .join(Submission, Submission.version_id == AchievementVersion.id)
                .join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)
                .where(
                    Submission.reviewer_id == user_id,
                    Submission.state == State.IN_REVIEW,
                    AchievementRow.organisation_id == organisation_id,
                )
                .order_by(Submission.id)
            )
        )
    if role == "admin":
        keys = tuple(session.scalars(keys_of_maker(organisation_id, user_id, now)))
    last_admin = role == "admin" and sum("admin" in each.roles for each in everybody) == 1
    return Removal(member.user, role, len(member.roles) == 1, last_admin, claimed, keys)


def keys_of_maker(organisation_id: int, user_id: int, now: datetime) -> Select[ApiKey]:
    """The keys whose secret this person has seen and that still work: what ends when they are no longer an admin."""
    return (
        select(ApiKey)
        .where(
            ApiKey.organisation_id == organisation_id,
            ApiKey.revoked_at.is_(None),
            ApiKey.expires_at > now,
            or_(
                ApiKey.created_by_id == user_id,
                and_(ApiKey.previous_by_id == user_id, ApiKey.previous_ends_at > now),
            ),
        )
        .order_by(ApiKey.id)
    )


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


def invitations(session: Session, organisation_id: int) -> tuple[MemberInvitation, ...]:
    """Those that wait for an answer, the newest first; expired ones too, until they are withdrawn or sent again."""
    rows = (
        select(MemberInvitation)
        .where(MemberInvitation.organisation_id == organisation_id, MemberInvitation.state == "open")
        .order_by(MemberInvitation.id.desc())
    )
    return tuple(session.scalars(rows).unique())


def invitations_of(session: Session, user_id: int, now: datetime) -> tuple[MemberInvitation, ...]:
    """What this person may accept."""
    rows = (
        select(MemberInvitation)
        .where(MemberInvitation.user_id == user_id, MemberInvitation.state == "open", MemberInvitation.expires_at > now)
        .order_by(MemberInvitation.id)
    )
    return tuple(session.scalars(rows).unique())


def _ordered(roles: set[str]) -> tuple[str, ...]:
    return tuple(role for role in MEMBER_ROLES if role in roles)
