"""Organisations, people and their roles. Passwords arrive hashed: hashing is Flask-Security's work, at the edge."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Invalid, NotFound
from issuer.models import MEMBER_ROLES, ApiKey, MemberInvitation, Membership, Organisation, Role, User
from issuer.services import api_keys, consents, reviews
from issuer.services.access import (
    OPERATOR,
    Actor,
    is_operator,
    lock_organisation,
    note,
    require_operator,
    require_person,
    require_role,
)
from issuer.services.words import invalid, kept, line

#: Of an API key that may give and take every role but admin.
MEMBERS_WRITE = "members:write"
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])")
#: Slugs stand in addresses beside our own words, and in identifiers that people read as a claim of who speaks.
RESERVED_SLUGS = frozenset(
    {"admin", "api", "badgewright", "did", "help", "new", "operator", "orgs", "root", "static", "support", "system"}
    | {"well-known", "www"}
)


def normalise_email(email: str) -> str:
    """The one form in which an address is kept and looked up: normalised, all in lower case.

    Raises:
        Invalid: code `email_invalid`, pointer `email`.
    """
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise invalid(
            "email_invalid", "This is not an e-mail address. Please check how it is written.", "email"
        ) from error


def create_organisation(
    session: Session,
    *,
    slug: str,
    name: str,
    actor: Actor,
    now: datetime,
    description: str = "",
    url: str = "",
    email: str = "",
) -> Organisation:
    """A new district. Its slug becomes part of its DID and stays for good.

    Raises:
        Forbidden: the actor does not run this installation.
        Invalid: `slug_invalid`, `slug_reserved`, `name_missing`, `url_invalid`, `email_invalid`.
        Conflict: `slug_taken`.
    """
    require_operator(session, actor)
    if not _SLUG.fullmatch(slug):
        raise invalid(
            "slug_invalid",
            "A short name has 2 to 63 small letters, digits and hyphens, and neither starts nor ends with a hyphen.",
            "slug",
        )
    if slug in RESERVED_SLUGS:
        raise invalid("slug_reserved", f"“{slug}” is reserved. Please choose another short name.", "slug")
    name = clean_name(name)
    if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
        raise invalid("url_invalid", "The address must start with http:// or https://.", "url")
    if session.scalar(select(Organisation.id).where(Organisation.slug == slug)) is not None:
        raise Conflict(f"There is already an organisation “{slug}”.", code="slug_taken")
    organisation = Organisation(
        slug=slug,
        name=name,
        description=kept(description, "description", max_chars=2000).strip(),
        url=url,
        email=normalise_email(email) if email else "",
        created_at=now,
    )
    session.add(organisation)
    session.flush()
    note(session, actor, organisation.id, "organisation.create", f"organisation:{slug}", now, {"name": name})
    return organisation


def create_user(
    session: Session, *, email: str, name: str, password_hash: str | None, actor: Actor, now: datetime
) -> User:
    """A new person. Without a password they choose one through the link that "forgot my password" sends.

    Raises:
        Forbidden: the actor does not run this installation (an admin uses `invitations.invite`).
        Invalid: `email_invalid`, `name_missing`.
        Conflict: `email_taken`.
    """
    require_operator(session, actor)
    email = normalise_email(email)
    if find_user(session, email) is not None:
        raise Conflict("There is already an account with this e-mail address.", code="email_taken")
    user = new_user(session, email=email, name=name, now=now, password_hash=password_hash)
    note(session, actor, None, "user.create", f"user:{user.id}", now)
    return user


def new_user(session: Session, *, email: str, name: str, now: datetime, password_hash: str | None = None) -> User:
    """An account, without an event in the trail. `email` is normalised. Whoever calls this has seen to the rest."""
    user = User(
        email=email,
        name=clean_name(name),
        password=password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=now,
        created_at=now,
    )
    session.add(user)
    session.flush()
    return user


def find_user(session: Session, email: str) -> User | None:
    """The person with this address, in whatever case it was typed."""
    try:
        email = normalise_email(email)
    except Invalid:
        return None
    return session.execute(select(User).where(User.email == email)).scalar_one_or_none()


def add_member(
    session: Session, *, user_id: int, organisation_id: int, role: str, actor: Actor, now: datetime
) -> Membership:
    """Give a member one more role. Only the command line gives somebody their first one: everybody else invites.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`: an API key cannot make an admin.
        Invalid: `role_unknown`. NotFound: no such person or organisation.
        Conflict: `already_member`; `invitation_needed`: the person does not belong there yet.
    """
    require_right_over(session, actor, organisation_id, role)
    if role not in MEMBER_ROLES:
        raise invalid("role_unknown", f"The roles are {', '.join(MEMBER_ROLES)}.", "role")
    user, organisation = session.get(User, user_id), session.get(Organisation, organisation_id)
    if user is None or organisation is None:
        raise NotFound("There is no such person or organisation.")
    if _membership(session, user_id, organisation_id, role) is not None:
        raise Conflict(f"{user.name or user.email} already has the role {role}.", code="already_member")
    if actor.kind not in ("command", "job") and not is_member(session, user_id, organisation_id):
        raise Conflict("This person has to be invited and to accept first.", code="invitation_needed")
    membership = Membership(user=user, organisation=organisation, role=role, created_at=now)
    session.add(membership)
    session.flush()
    note(session, actor, organisation_id, "member.add", f"user:{user_id}", now, {"role": role})
    return membership


def number_of(session: Session, email: str) -> int:
    """The id of the account of this address, or one that is nobody's. What is asked about it then fails as it does for
    everybody who is no member, so that no answer says who has an account elsewhere."""
    user = find_user(session, email)
    return user.id if user is not None else 0


def join(session: Session, *, user_id: int, organisation_id: int, role: str, now: datetime) -> None:
    """The person has the role from now on, and keeps it if they have it. Whoever calls this has their consent."""
    if _membership(session, user_id, organisation_id, role) is None:
        session.add(Membership(user_id=user_id, organisation_id=organisation_id, role=role, created_at=now))
        session.flush()


def remove_member(
    session: Session, *, user_id: int, organisation_id: int, role: str, actor: Actor, now: datetime
) -> list[ApiKey]:
    """Take a role away. What the person did stays as it was; what a coach had taken and not decided goes back into the
    queue; the API keys that an admin made are revoked and named in the event.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`: an API key cannot remove an admin.
        NotFound: the person does not have the role.
        Conflict: `last_admin`: an organisation would be left without anybody who can run it.
    """
    require_right_over(session, actor, organisation_id, role)
    # The organisation's row is locked first: two admins who remove each other at once would both succeed otherwise.
    lock_organisation(session, organisation_id)
    membership = _membership(session, user_id, organisation_id, role)
    if membership is None:
        raise NotFound("This person does not have that role here.")
    if role == "admin":
        admins = session.scalar(
            select(func.count())
            .select_from(Membership)
            .where(Membership.organisation_id == organisation_id, Membership.role == "admin")
        )
        if admins == 1:
            raise Conflict("The last admin of an organisation cannot be removed.", code="last_admin")
    session.delete(membership)
    session.flush()
    if role == "coach":
        reviews.release_all(session, reviewer_id=user_id, organisation_id=organisation_id, actor=actor, now=now)
    ended: list[ApiKey] = []
    details: dict[str, Any] = {"role": role}
    if role == "admin":
        ended = api_keys.end_those_of(session, organisation_id=organisation_id, user_id=user_id, now=now)
        details["api_keys"] = [key.prefix for key in ended]
        # What they invited others to would be accepted in the name of somebody who has no say here any more.
        session.execute(
            update(MemberInvitation)
            .where(
                MemberInvitation.organisation_id == organisation_id,
                MemberInvitation.invited_by_id == user_id,
                MemberInvitation.state == "open",
            )
            .values(state="withdrawn", ended_at=now)
            .execution_options(synchronize_session="fetch")
        )
    if not is_member(session, user_id, organisation_id):
        consents.end_all(session, organisation_id=organisation_id, user_id=user_id, now=now)
    note(session, actor, organisation_id, "member.remove", f"user:{user_id}", now, details)
    return ended


def set_profile(session: Session, *, name: str, actor: Actor, now: datetime) -> User:
    """A person's own name. Their DID is `dids`' work.

    Raises:
        Forbidden: `person_needed`; `not_by_key`: no single organisation's key may change it.
        Invalid: `name_missing`.
    """
    user = session.get(User, require_person(actor))
    if user is None:
        raise NotFound("There is no such person.")
    user.name = clean_name(name)
    session.flush()
    note(session, actor, None, "user.profile", f"user:{user.id}", now)
    return user


def grant_operator(session: Session, *, user_id: int, actor: Actor, now: datetime) -> None:
    """Let a person run this installation. Granting it twice changes nothing.

    Raises:
        Forbidden: the actor does not run it. NotFound: no such person.
    """
    require_operator(session, actor)
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("There is no such person.")
    if is_operator(session, Actor.of(user)):
        return
    role = session.execute(select(Role).where(Role.name == OPERATOR)).scalar_one_or_none()
    if role is None:
        role = Role(name=OPERATOR, description="Runs this installation")
        session.add(role)
    user.roles.append(role)
    session.flush()
    note(session, actor, None, "operator.grant", f"user:{user_id}", now)


def require_right_over(session: Session, actor: Actor, organisation_id: int, role: str) -> None:
    """Go on only if the actor may give and take this role there.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`, `scope_missing`.
    """
    # Whoever can make admins can make themselves one, so no key can.
    require_role(session, actor, organisation_id, "admin", scope=None if role == "admin" else MEMBERS_WRITE)


def _membership(session: Session, user_id: int, organisation_id: int, role: str) -> Membership | None:
    return session.execute(
        select(Membership).where(
            Membership.user_id == user_id, Membership.organisation_id == organisation_id, Membership.role == role
        )
    ).scalar_one_or_none()


def is_member(session: Session, user_id: int, organisation_id: int) -> bool:
    """The person has a role there, whichever."""
    question = select(Membership.id).where(Membership.user_id == user_id, Membership.organisation_id == organisation_id)
    return session.execute(question.limit(1)).first() is not None


def clean_name(name: str) -> str:
    """Raises: Invalid: `name_missing`, `text_too_long`."""
    name = line(name, "name", max_chars=200)
    if not name:
        raise invalid("name_missing", "Please give a name.", "name")
    return name
