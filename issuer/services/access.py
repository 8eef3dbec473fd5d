"""Who acts, and what they may do. Every use case asks here; no page and no endpoint decides by itself.

A thing of another organisation or another person is `NotFound`, never `Forbidden`: the answer does not tell whether it
exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer import audit
from issuer.errors import Forbidden
from issuer.models import MEMBER_ROLES, AuditEvent, Membership, Role, User
from issuer.models.accounts import roles_users

#: The global role (Flask-Security) of whoever runs the installation.
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something. `user_id` of a person, `organisation_id` of an API key; `label` for people to read.

    A `command` is a person with a shell on the server; a `job` is the service itself. Both may do what an admin may.
    An `api_key` acts as an admin of its own organisation, within the scopes that the API checked.
    A `user` with an `organisation_id` is a person for whom a key acts (`via`, the key's prefix): a member of that one
    organisation and a stranger everywhere else, whatever the person may do when signed in.
    """

    kind: Literal["user", "api_key", "job", "command"]
    user_id: int | None = None
    organisation_id: int | None = None
    label: str = ""
    via: str = ""

    def reaches(self, organisation_id: int) -> bool:
        """False if the actor is bound to another organisation than this one."""
        return self.organisation_id is None or self.organisation_id == organisation_id

    @classmethod
    def of(cls, user: User) -> Actor:
        return cls("user", user_id=user.id, label=user.name or user.email)

    @classmethod
    def command(cls, label: str = "command line") -> Actor:
        return cls("command", label=label)

    @classmethod
    def job(cls, label: str = "job") -> Actor:
        return cls("job", label=label)


def roles_of(session: Session, actor: Actor, organisation_id: int) -> frozenset[str]:
    """The actor's roles in this organisation. Empty for a stranger."""
    if not actor.reaches(organisation_id):
        return frozenset()
    if actor.kind in ("command", "job"):
        return frozenset({"admin"})
    if actor.kind == "api_key":
        # A key without an organisation would reach all of them: it reaches none.
        return frozenset({"admin"}) if actor.organisation_id is not None else frozenset()
    if actor.user_id is None:
        return frozenset()
    roles = set(
        session.execute(
            select(Membership.role)
            .join(User, User.id == Membership.user_id)
            .where(
                Membership.user_id == actor.user_id,
                Membership.organisation_id == organisation_id,
                User.active.is_(True),
            )
        ).scalars()
    )
    if is_operator(session, actor):
        roles.add("admin")
    return frozenset(roles)


def is_operator(session: Session, actor: Actor) -> bool:
    """The actor runs this installation: by the command line, or with the global role `operator`."""
    if actor.kind == "command":
        return True
    if actor.kind != "user" or actor.user_id is None or actor.organisation_id is not None:
        return False
    found = session.execute(
        select(Role.id)
        .join(roles_users, roles_users.c.role_id == Role.id)
        .join(User, User.id == roles_users.c.user_id)
        .where(User.id == actor.user_id, User.active.is_(True), Role.name == OPERATOR)
    ).first()
    return found is not None


def require_role(session: Session, actor: Actor, organisation_id: int, *roles: str) -> frozenset[str]:
    """Go on only if the actor has one of `roles` in this organisation; returns all the actor's roles there.

    Raises:
        Forbidden: the actor has none of them.
    """
    if not roles or not set(roles) <= set(MEMBER_ROLES):
        raise RuntimeError(f"unknown roles: {roles}")
    held = roles_of(session, actor, organisation_id)
    if held.isdisjoint(roles):
        raise Forbidden(f"This needs the role {' or '.join(roles)}.")
    return held


def require_operator(session: Session, actor: Actor) -> None:
    """Raises: Forbidden: the actor does not run this installation."""
    if not is_operator(session, actor):
        raise Forbidden("Only the operator of this installation may do this.")


def require_person(actor: Actor) -> int:
    """The user id of a person who acts for themselves.

    Raises:
        Forbidden: code `person_needed`: programs cannot do this.
    """
    if actor.kind != "user" or actor.user_id is None:
        raise Forbidden("Only a signed-in person may do this.", code="person_needed")
    return actor.user_id


def note(
    session: Session,
    actor: Actor,
    organisation_id: int | None,
    action: str,
    subject: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Append to the audit trail in the actor's name (see `issuer.audit.record`: call it last)."""
    session.flush()
    if actor.via:
        details = {**(details or {}), "api_key": actor.via}
    return audit.record(session, actor.kind, actor.user_id, organisation_id, action, subject, details, now)
