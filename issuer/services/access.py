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
from issuer.models import MEMBER_ROLES, AuditEvent, Membership, Organisation, Role, User
from issuer.models.accounts import roles_users

#: The global role (Flask-Security) of whoever runs the installation.
OPERATOR = "operator"
#: The roles that a person keeps when a key acts for them.
_THROUGH_A_KEY = frozenset({"teacher", "coach"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for something. `user_id` of a person, `organisation_id` of an API key; `label` for people to read.

    A `command` is a person with a shell on the server; a `job` is the service itself. Both may do what an admin may.
    An `api_key` has no role. It may do what a use case opens to keys by naming a scope that this key has.
    A `user` with an `organisation_id` is a person for whom a key acts: a teacher or coach of that one organisation,
    never an admin, and a stranger everywhere else, whatever the person may do when signed in. The key's scopes bound
    this too.
    `via` and `key_name` are the prefix and the name of the key, `scopes` what it may do.
    """

    kind: Literal["user", "api_key", "job", "command"]
    user_id: int | None = None
    organisation_id: int | None = None
    label: str = ""
    via: str = ""
    key_name: str = ""
    scopes: frozenset[str] = frozenset()

    @property
    def by_key(self) -> bool:
        """An API key asks, in its own name or for a member."""
        return self.kind == "api_key" or self.organisation_id is not None or bool(self.via)

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
    """The actor's roles in this organisation. Empty for a stranger, and for an API key that acts in its own name."""
    if not actor.reaches(organisation_id):
        return frozenset()
    if actor.kind in ("command", "job"):
        return frozenset({"admin"})
    if actor.kind == "api_key" or actor.user_id is None:
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
    if actor.by_key:
        # An admin who lets a key act for them gives it their work as teacher or coach, never their power over others.
        return frozenset(roles & _THROUGH_A_KEY)
    if is_operator(session, actor):
        roles.add("admin")
    return frozenset(roles)


def is_known_in(session: Session, actor: Actor, organisation_id: int) -> bool:
    """The actor belongs to this organisation: as a member, or as one of its keys. To others nothing is there."""
    return _is_key_of(actor, organisation_id) or bool(roles_of(session, actor, organisation_id))


def is_operator(session: Session, actor: Actor) -> bool:
    """The actor runs this installation: by the command line, or with the global role `operator`."""
    if actor.kind == "command":
        return True
    if actor.kind != "user" or actor.user_id is None or actor.by_key:
        return False
    found = session.execute(
        select(Role.id)
        .join(roles_users, roles_users.c.role_id == Role.id)
        .join(User, User.id == roles_users.c.user_id)
        .where(User.id == actor.user_id, User.active.is_(True), Role.name == OPERATOR)
    ).first()
    return found is not None


def require_role(
    session: Session, actor: Actor, organisation_id: int, *roles: str, scope: str | None = None
) -> frozenset[str]:
    """Go on only if the actor has one of `roles` in this organisation; returns all the actor's roles there.

    Args:
        scope: opens this to the organisation's API keys that have it. Without one no key gets past.

    Raises:
        Forbidden: the actor has none of the roles; `not_by_key` or `scope_missing` for an API key.
    """
    if not roles or not set(roles) <= set(MEMBER_ROLES):
        raise RuntimeError(f"unknown roles: {roles}")
    if actor.by_key:
        require_scope(actor, scope)
    held = roles_of(session, actor, organisation_id)
    if held.isdisjoint(roles) and not _is_key_of(actor, organisation_id):
        raise Forbidden(f"This needs the role {' or '.join(roles)}.")
    return held


def require_scope(actor: Actor, scope: str | None) -> None:
    """Nothing for anybody who is not an API key.

    Raises:
        Forbidden: `not_by_key`: no key may do this (`scope` None); `scope_missing`: this one may not.
    """
    if not actor.by_key:
        return
    if scope is None:
        raise Forbidden("An API key cannot do this. Somebody has to sign in for it.", code="not_by_key")
    if scope not in actor.scopes:
        raise Forbidden(
            f"This key may not do that: it lacks the scope {scope}.", code="scope_missing", details={"scope": scope}
        )


def require_operator(session: Session, actor: Actor) -> None:
    """Raises: Forbidden: the actor does not run this installation."""
    if not is_operator(session, actor):
        raise Forbidden("Only the operator of this installation may do this.")


def require_person(actor: Actor, *, scope: str | None = None) -> int:
    """The user id of a person who acts for themselves, or for whom a key with `scope` acts.

    Raises:
        Forbidden: `person_needed`: programs cannot do this. `not_by_key`, `scope_missing`: see `require_scope`.
    """
    if actor.kind != "user" or actor.user_id is None:
        raise Forbidden("Only a signed-in person may do this.", code="person_needed")
    require_scope(actor, scope)
    return actor.user_id


def lock_organisation(session: Session, organisation_id: int) -> bool:
    """Whoever comes second waits until the first one's transaction ends. False if there is no such organisation."""
    query = select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    return session.execute(query).first() is not None


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
        details = {**(details or {}), "api_key": actor.via, "api_key_name": actor.key_name}
    return audit.record(session, actor.kind, actor.user_id, organisation_id, action, subject, details, now)


def _is_key_of(actor: Actor, organisation_id: int) -> bool:
    # A key without an organisation would reach all of them: it reaches none.
    return actor.kind == "api_key" and actor.organisation_id == organisation_id
