"""Signing keys of an organisation: made, used, replaced. A retired key stays published for good.

One that may be in other hands is revoked instead: `issuer.services.key_revocation`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.errors import Conflict, NotFound
from issuer.models import SigningKey
from issuer.services.access import Actor, lock_organisation, note, require_role
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
    lock(session, organisation_id, actor)
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
    lock(session, organisation_id, actor)
    retired = _active(session, organisation_id)
    if not retired:
        raise _none_there()
    for key in retired:
        key.active, key.retired_at = False, now
    return _add(session, keyring, organisation_id, algorithm, actor, now, "key.rotate")


def active_key(session: Session, organisation_id: int) -> SigningKey:
    """The key that signs now. Until the caller's transaction ends, no key of the organisation changes: what a key
    signs is stored before the key can be revoked, or not signed by it.

    Raises:
        Conflict: `no_signing_key`.
    """
    lock_organisation(session, organisation_id)
    keys = _active(session, organisation_id)
    if not keys:
        raise _none_there()
    return keys[0]


def find_active(session: Session, organisation_id: int) -> SigningKey | None:
    """The same, None if there is none; nothing is locked."""
    return next(iter(_active(session, organisation_id)), None)


def add_successor(session: Session, keyring: Keyring, key: SigningKey, now: datetime) -> SigningKey:
    """A new active key of the same kind and in the same place as `key`: a key in a device is never succeeded by one in
    the database without anybody asking. The caller holds `lock`, and calls `note_successor` when everything is signed.

    Raises:
        KeyUnavailable: the place cannot make keys now.
    """
    scheme = key.uri.partition(":")[0]
    return _make(session, keyring, key.organisation_id, Algorithm(key.algorithm), now, scheme)


def note_successor(session: Session, key: SigningKey, actor: Actor, now: datetime) -> None:
    """The event of a key that `add_successor` made."""
    _note(session, key, actor, now, "key.create")


def lock(session: Session, organisation_id: int, actor: Actor) -> None:
    """Two admins who change the keys at once go one after the other, and after whoever is signing.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`. NotFound: no such organisation.
    """
    require_role(session, actor, organisation_id, "admin")
    if not lock_organisation(session, organisation_id):
        raise NotFound("There is no such organisation.")


def _active(session: Session, organisation_id: int) -> list[SigningKey]:
    return list(
        session.scalars(
            select(SigningKey)
            .where(SigningKey.organisation_id == organisation_id, SigningKey.active.is_(True))
            .order_by(SigningKey.id.desc())
            .execution_options(populate_existing=True)
        )
    )


def _none_there() -> Conflict:
    return Conflict(
        "This organisation has no signing key yet; an admin can create one, or `badgewright key create`.",
        code="no_signing_key",
    )


def _add(
    session: Session,
    keyring: Keyring,
    organisation_id: int,
    algorithm: Algorithm,
    actor: Actor,
    now: datetime,
    action: str,
) -> SigningKey:
    key = _make(session, keyring, organisation_id, algorithm, now, "encrypted")
    _note(session, key, actor, now, action)
    return key


def _make(
    session: Session, keyring: Keyring, organisation_id: int, algorithm: Algorithm, now: datetime, scheme: str
) -> SigningKey:
    made = keyring.create(algorithm, scheme=scheme)
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
    session.flush()
    return key


def _note(session: Session, key: SigningKey, actor: Actor, now: datetime, action: str) -> None:
    details = {"algorithm": key.algorithm}
    note(session, actor, key.organisation_id, action, f"key:{key.public_multibase}", now, details)
