"""Joining an organisation takes two: an admin invites, the person accepts. Until then they are no member.

The admin who invites learns nothing about the account behind an address: there is an invitation with the name that was
typed, whether or not the account was there before. Only who is a member already gets another role at once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.errors import Conflict, NotFound
from issuer.models import MEMBER_ROLES, MemberInvitation, Membership, User
from issuer.services import accounts, member_records
from issuer.services.access import Actor, note, require_person
from issuer.services.words import invalid

#: How long an invitation may be accepted.
OPEN_FOR = timedelta(days=14)
#: How long nobody is written to again about one invitation.
SEND_AGAIN_AFTER = timedelta(minutes=10)
#: Open invitations of one organisation: each of them is a mail to somebody.
MAX_OPEN = 5_000


@dataclass(frozen=True, slots=True)
class Invited:
    """Either a member who got another role, or an invitation about which the person is to be written to."""

    member: Membership | None = None
    invitation: MemberInvitation | None = None


def invite(
    session: Session,
    *,
    organisation_id: int,
    email: str,
    name: str,
    role: str,
    actor: Actor,
    now: datetime,
    recorded: bool = True,
) -> Invited:
    """Invite a person to a role; whoever is a member there already gets it at once.

    Where there is no account, one is made: choosing its password accepts. It keeps the name typed here; an account that
    was there keeps its own. An invitation that has expired is opened again.

    Args:
        recorded: the name is the organisation's own, for its record; False for one that was made up from the address.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`: an API key cannot invite an admin.
        Invalid: `email_invalid`, `name_missing`, `role_unknown`.
        Conflict: `already_member`, `already_invited`, `invitations_too_many`.
    """
    accounts.require_right_over(session, actor, organisation_id, role)
    if role not in MEMBER_ROLES:
        raise invalid("role_unknown", f"The roles are {', '.join(MEMBER_ROLES)}.", "role")
    email, name = accounts.normalise_email(email), accounts.clean_name(name)
    user = accounts.find_user(session, email)
    if user is not None and accounts.is_member(session, user.id, organisation_id):
        member = accounts.add_member(
            session, user_id=user.id, organisation_id=organisation_id, role=role, actor=actor, now=now
        )
        if recorded:
            member_records.begin_record(
                session, organisation_id=organisation_id, user_id=user.id, name=name, actor=actor, now=now
            )
        return Invited(member)
    made_account = user is None
    if user is None:
        user, made_account = _new_account(session, email, name, now)
    open_ones = select(func.count()).where(
        MemberInvitation.organisation_id == organisation_id, MemberInvitation.state == "open"
    )
    if (session.scalar(open_ones) or 0) >= MAX_OPEN:
        raise Conflict("Too many invitations are open. Please withdraw some.", code="invitations_too_many")
    found = session.execute(
        select(MemberInvitation)
        .where(
            MemberInvitation.organisation_id == organisation_id,
            MemberInvitation.user_id == user.id,
            MemberInvitation.role == role,
            MemberInvitation.state == "open",
        )
        .with_for_update(of=MemberInvitation)
    ).scalar_one_or_none()
    if found is not None and found.expires_at > now:
        raise _already_invited()
    if found is None:
        found = MemberInvitation(
            number=secrets.token_hex(16),
            organisation_id=organisation_id,
            user_id=user.id,
            email=email,
            role=role,
            made_account=made_account,
            state="open",
            invited_at=now,
        )
    found.name, found.invited_by_id = name, actor.user_id
    found.names_record = recorded and (not actor.by_key or member_records.SCOPE in actor.scopes)
    found.sent_at, found.expires_at = now, now + OPEN_FOR
    try:
        with session.begin_nested():
            session.add(found)
            session.flush()
    except IntegrityError:
        # Two admins invited the same person at once; the database let one through.
        raise _already_invited() from None
    _note(session, actor, found, "member.invite", now)
    return Invited(invitation=found)


def send_again(session: Session, *, organisation_id: int, number: str, actor: Actor, now: datetime) -> MemberInvitation:
    """Open for another fourteen days; the person is to be written to again.

    Raises:
        Forbidden: as for `invite`. NotFound: the organisation has no such invitation.
        Conflict: `invitation_ended`; `invitation_sent_lately`.
    """
    found = _of_organisation(session, organisation_id, number, actor)
    if found.state != "open":
        raise _ended()
    if now - found.sent_at < SEND_AGAIN_AFTER:
        raise Conflict("The mail was sent a few minutes ago. Please wait a little.", code="invitation_sent_lately")
    found.sent_at, found.expires_at = now, now + OPEN_FOR
    session.flush()
    _note(session, actor, found, "member.invite_again", now)
    return found


def withdraw(session: Session, *, organisation_id: int, number: str, actor: Actor, now: datetime) -> MemberInvitation:
    """Take an invitation back. Withdrawing it again changes nothing.

    Raises:
        Forbidden: as for `invite`. NotFound: the organisation has no such invitation.
        Conflict: `invitation_ended`: it has been answered.
    """
    found = _of_organisation(session, organisation_id, number, actor)
    if found.state == "withdrawn":
        return found
    if found.state != "open":
        raise _ended()
    return _end(session, found, "withdrawn", "member.withdraw_invitation", actor, now)


def accept(session: Session, *, number: str, actor: Actor, now: datetime) -> MemberInvitation:
    """The actor joins. Accepting twice is accepting once; a role given meanwhile stays as it is.

    Raises:
        Forbidden: `person_needed`, `not_by_key`. NotFound: there is none for this person.
        Conflict: `invitation_ended`: it has expired, was declined or withdrawn.
    """
    found = _of_person(session, number, require_person(actor))
    if found.state == "accepted":
        return found
    if found.state != "open" or found.expires_at <= now:
        raise _ended()
    accounts.join(session, user_id=found.user_id, organisation_id=found.organisation_id, role=found.role, now=now)
    if found.names_record:
        member_records.begin_record(
            session, organisation_id=found.organisation_id, user_id=found.user_id, name=found.name, actor=actor, now=now
        )
    return _end(session, found, "accepted", "member.accept", actor, now)


def decline(session: Session, *, number: str, actor: Actor, now: datetime) -> MemberInvitation:
    """The actor does not want to join. Declining it again changes nothing.

    Raises:
        Forbidden: `person_needed`, `not_by_key`. NotFound: there is none for this person.
        Conflict: `invitation_ended`: it was accepted or withdrawn.
    """
    found = _of_person(session, number, require_person(actor))
    if found.state == "declined":
        return found
    if found.state != "open":
        raise _ended()
    return _end(session, found, "declined", "member.decline", actor, now)


def accept_by_first_password(session: Session, *, user: User, now: datetime) -> None:
    """Whoever chooses a password through the link of the invitation that made their account accepts that invitation.

    Others, of other organisations, wait on the account page: the link did not speak of them.
    """
    numbers = session.scalars(
        select(MemberInvitation.number).where(
            MemberInvitation.user_id == user.id,
            MemberInvitation.made_account.is_(True),
            MemberInvitation.state == "open",
            MemberInvitation.expires_at > now,
        )
    ).all()
    for number in numbers:
        accept(session, number=number, actor=Actor.of(user), now=now)


def _new_account(session: Session, email: str, name: str, now: datetime) -> tuple[User, bool]:
    """The account, and True if it was made here. Its making is no event of its own: the trail would tell the admin
    whether the account was there before."""
    try:
        with session.begin_nested():
            return accounts.new_user(session, email=email, name=name, now=now), True
    except IntegrityError:
        # Somebody else invited the same new person at the same moment.
        user = accounts.find_user(session, email)
        if user is None:
            raise
        return user, False


def _of_organisation(session: Session, organisation_id: int, number: str, actor: Actor) -> MemberInvitation:
    found = _locked(session, MemberInvitation.organisation_id == organisation_id, number)
    # Asked for even where there is none, so that the answer to a stranger does not say which numbers there are.
    accounts.require_right_over(session, actor, organisation_id, found.role if found is not None else "teacher")
    if found is None:
        raise NotFound("There is no such invitation.")
    return found


def _of_person(session: Session, number: str, user_id: int) -> MemberInvitation:
    found = _locked(session, MemberInvitation.user_id == user_id, number)
    if found is None:
        raise NotFound("There is no such invitation.")
    return found


def _locked(session: Session, whose: object, number: str) -> MemberInvitation | None:
    """The row, locked: of accepting and withdrawing at once, the later one finds what the earlier one did."""
    return session.execute(
        select(MemberInvitation)
        .where(MemberInvitation.number == number, whose)  # type: ignore[arg-type]  # a comparison of a column
        .with_for_update(of=MemberInvitation)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def _end(
    session: Session, found: MemberInvitation, state: str, action: str, actor: Actor, now: datetime
) -> MemberInvitation:
    found.state, found.ended_at = state, now
    session.flush()
    _note(session, actor, found, action, now)
    return found


def _note(session: Session, actor: Actor, found: MemberInvitation, action: str, now: datetime) -> None:
    note(session, actor, found.organisation_id, action, f"invitation:{found.number}", now, {"role": found.role})


def _already_invited() -> Conflict:
    return Conflict("This person has been invited to this role already.", code="already_invited")


def _ended() -> Conflict:
    return Conflict("This invitation has ended. Ask the organisation for a new one.", code="invitation_ended")
