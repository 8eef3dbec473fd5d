"""Organisations, people and their roles. Passwords arrive hashed: hashing is Flask-Security's work, at the edge."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Invalid, NotFound
from issuer.models import MEMBER_ROLES, Membership, Organisation, Role, User
from issuer.services import member_records, reviews
from issuer.services.access import (
    OPERATOR,
    Actor,
    is_operator,
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
# DID Core 1.0 section 3.1: method name and method-specific id; no path, query or fragment.
_DID = re.compile(r"did:[a-z0-9]+:(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+")


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
    name = _name(name)
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
        Forbidden: the actor does not run this installation (an admin uses `invite`).
        Invalid: `email_invalid`, `name_missing`.
        Conflict: `email_taken`.
    """
    require_operator(session, actor)
    email = normalise_email(email)
    if find_user(session, email) is not None:
        raise Conflict("There is already an account with this e-mail address.", code="email_taken")
    return _create_user(session, email, name, password_hash, None, actor, now)


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
) -> tuple[User, bool]:
    """Give a person a role in an organisation, with a new account if there is none. Returns the person, and True if
    the account is new. An existing account keeps its name; the organisation's record takes the one given here.

    Args:
        recorded: the name is the organisation's own; False for one that was made up from the address.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`: an API key cannot make an admin.
        Invalid: `email_invalid`, `name_missing`, `role_unknown`.
        Conflict: `already_member`.
    """
    _require_right_over(session, actor, organisation_id, role)
    email = normalise_email(email)
    user = find_user(session, email)
    created = user is None
    if user is None:
        user = _create_user(session, email, name, None, organisation_id, actor, now)
    add_member(session, user_id=user.id, organisation_id=organisation_id, role=role, actor=actor, now=now)
    if recorded:
        member_records.begin_record(
            session, organisation_id=organisation_id, user_id=user.id, name=name, actor=actor, now=now
        )
    return user, created


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
    """Give a known person one more role.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`: an API key cannot make an admin.
        Invalid: `role_unknown`. NotFound: no such person or organisation. Conflict: `already_member`.
    """
    _require_right_over(session, actor, organisation_id, role)
    if role not in MEMBER_ROLES:
        raise invalid("role_unknown", f"The roles are {', '.join(MEMBER_ROLES)}.", "role")
    user, organisation = session.get(User, user_id), session.get(Organisation, organisation_id)
    if user is None or organisation is None:
        raise NotFound("There is no such person or organisation.")
    if _membership(session, user_id, organisation_id, role) is not None:
        raise Conflict(f"{user.name or user.email} already has the role {role}.", code="already_member")
    membership = Membership(user=user, organisation=organisation, role=role, created_at=now)
    session.add(membership)
    session.flush()
    note(session, actor, organisation_id, "member.add", f"user:{user_id}", now, {"role": role})
    return membership


def remove_member(
    session: Session, *, user_id: int, organisation_id: int, role: str, actor: Actor, now: datetime
) -> None:
    """Take a role away. What the person did stays as it was; what a coach had taken and not decided goes back into the
    queue.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`: an API key cannot remove an admin.
        NotFound: the person does not have the role.
        Conflict: `last_admin`: an organisation would be left without anybody who can run it.
    """
    _require_right_over(session, actor, organisation_id, role)
    # The organisation's row is locked first: two admins who remove each other at once would both succeed otherwise.
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True))
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
    note(session, actor, organisation_id, "member.remove", f"user:{user_id}", now, {"role": role})


def set_profile(session: Session, *, name: str, did: str, actor: Actor, now: datetime) -> User:
    """A person's own name, and the DID that credentials shall name instead of the hashed e-mail ("" for none).

    Raises:
        Forbidden: `person_needed`; `not_by_key`: no single organisation's key may change it.
        Invalid: `name_missing`, `did_invalid`.
    """
    user = session.get(User, require_person(actor))
    if user is None:
        raise NotFound("There is no such person.")
    did = did.strip()
    if did and (len(did) > 500 or not _DID.fullmatch(did)):
        raise invalid("did_invalid", "A DID looks like did:key:z6Mk… or did:web:example.org.", "did")
    user.name, user.did = _name(name), did
    session.flush()
    note(session, actor, None, "user.profile", f"user:{user.id}", now, {"did": bool(did)})
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


def _create_user(
    session: Session,
    email: str,
    name: str,
    password_hash: str | None,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
) -> User:
    user = User(
        email=email,
        name=_name(name),
        password=password_hash,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        confirmed_at=now,
        created_at=now,
    )
    session.add(user)
    session.flush()
    note(session, actor, organisation_id, "user.create", f"user:{user.id}", now)
    return user


def _require_right_over(session: Session, actor: Actor, organisation_id: int, role: str) -> None:
    # Whoever can make admins can make themselves one, so no key can.
    require_role(session, actor, organisation_id, "admin", scope=None if role == "admin" else MEMBERS_WRITE)


def _membership(session: Session, user_id: int, organisation_id: int, role: str) -> Membership | None:
    return session.execute(
        select(Membership).where(
            Membership.user_id == user_id, Membership.organisation_id == organisation_id, Membership.role == role
        )
    ).scalar_one_or_none()


def _name(name: str) -> str:
    name = line(name, "name", max_chars=200)
    if not name:
        raise invalid("name_missing", "Please give a name.", "name")
    return name
