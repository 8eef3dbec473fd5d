"""Signing keys of an organisation: made, used, replaced. A retired key stays published for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.errors import Conflict, NotFound
from issuer.models import Organisation, SigningKey
from issuer.services.access import Actor, note, require_role
from issuer.signing import Algorithm, Keyring


def create_key(
    session: Session,
    keyring: Keyring,
    organisation_id: int,
    actor: Actor,
    now: datetime,
    *,
    algorithm: Algorithm = Algorithm.ED25519,
) -> SigningKey:
    """The first signing key of an organisation.

    Raises:
        Forbidden: the actor is no admin there. NotFound: no such organisation.
        Conflict: `key_exists`: it has an active key already; use `rotate`.
        KeyUnavailable: the backend cannot make keys now.
    """
    _lock(session, organisation_id, actor)
    if _active(session, organisation_id):
        raise Conflict("This organisation already has a signing key.", code="key_exists")
    return _add(session, keyring, organisation_id, algorithm, actor, now, "key.create")


def rotate(
    session: Session,
    keyring: Keyring,
    organisation_id: int,
    actor: Actor,
    now: datetime,
    *,
    algorithm: Algorithm = Algorithm.ED25519,
) -> SigningKey:
    """Retire the active key and put a new one in its place. What the old one signed goes on verifying.

    Raises:
        Forbidden: the actor is no admin there. NotFound: no such organisation.
        Conflict: `no_signing_key`: there is none to replace.
        KeyUnavailable: the backend cannot make keys now.
    """
    _lock(session, organisation_id, actor)
    retired = _active(session, organisation_id)
    if not retired:
        raise _none_there()
    for key in retired:
        key.active, key.retired_at = False, now
    return _add(session, keyring, organisation_id, algorithm, actor, now, "key.rotate")


def active_key(session: Session, organisation_id: int) -> SigningKey:
    """The key that signs now.

    Raises:
        Conflict: `no_signing_key`.
    """
    keys = _active(session, organisation_id)
    if not keys:
        raise _none_there()
    return keys[0]


def _active(session: Session, organisation_id: int) -> list[SigningKey]:
    return list(
        session.scalars(
            select(SigningKey)
            .where(SigningKey.organisation_id == organisation_id, SigningKey.active.is_(True))
            .order_by(SigningKey.id.desc())
        )
    )


def _none_there() -> Conflict:
    return Conflict(
        "This organisation has no signing key yet; an admin can create one, or `badgewright key create`.",
        code="no_signing_key",
    )


def _lock(session: Session, organisation_id: int, actor: Actor) -> None:
    """Two admins who change the key at once go one after the other."""
    require_role(session, actor, organisation_id, "admin")
    found = session.execute(
        select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    ).first()
    if found is None:
        raise NotFound("There is no such organisation.")


def _add(
    session: Session,
    keyring: Keyring,
    organisation_id: int,
    algorithm: Algorithm,
    actor: Actor,
    now: datetime,
    action: str,
) -> SigningKey:
    made = keyring.create(algorithm)
    key = SigningKey(
        organisation_id=organisation_id,
        public_multibase=made.public_multibase,
        algorithm=made.algorithm.value,
        uri=made.uri,
        private_encrypted=made.private_encrypted,
        active=True,
        created_at=now,
    )
    session.add(key)
    note(session, actor, organisation_id, action, f"key:{made.public_multibase}", now, {"algorithm": algorithm.value})
    return key
