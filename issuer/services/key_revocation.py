"""A signing key that may be in other hands is distrusted: at once, for everything that it ever signed.

A thief writes any date into a proof, so no date tells their work from the district's. What was awarded in earnest is
signed again with another key: `issuer.services.reissuing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.credentials.addresses import Addresses
from issuer.errors import Conflict, Invalid, NotFound, ServiceError
from issuer.models import Organisation, SigningKey, StatusList
from issuer.services import keys, status
from issuer.services.access import Actor, note
from issuer.signing import Keyring, OwnOutput

#: Why a key is distrusted. A key that is merely old or no longer wanted is rotated: what it signed stays good.
REASONS = ("compromised",)


@dataclass(frozen=True, slots=True)
class Revocation:
    """What came of it.

    Attributes:
        changed: False if the key had been revoked before; then nothing else happened either.
        successor: the key that signs now; None if there is none.
        lists: how many status lists were signed anew.
        missing: a sentence on what is left to do by hand, "" if nothing is.
    """

    key: SigningKey
    changed: bool
    successor: SigningKey | None
    lists: int = 0
    missing: str = ""


def revoke(
    session: Session,
    keyring: Keyring,
    own_output: OwnOutput,
    addresses: Addresses,
    organisation_id: int,
    public_multibase: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Revocation:
    """Distrust a key of the organisation. If it was the active one, another takes its place; the status lists that it
    signed are signed anew, so that what is revoked stays revoked for everyone. Revoking twice changes nothing.

    A successor that cannot be made, or a list that cannot be signed, does not keep the key trusted: `missing` says so.

    Args:
        public_multibase: which key; "" for the active one.

    Raises:
        Forbidden: the actor is no admin there, or a program. NotFound: no such organisation, or no such key there.
        Invalid: `revocation_reason_unknown`. Conflict: `no_signing_key`: none is active, and none was named.
    """
    keys.lock(session, organisation_id, actor)
    if reason not in REASONS:
        raise Invalid(f"The reasons are: {', '.join(REASONS)}.", code="revocation_reason_unknown")
    key = named_key(session, organisation_id, public_multibase)
    if key.revoked_at is not None:
        return Revocation(key, False, keys.find_active(session, organisation_id))
    was_active = key.active
    key.active, key.revoked_at, key.revocation_reason = False, now, reason
    session.flush()
    # The events come last: from the first one on, everybody else's events wait, and a key may be made in a slow device.
    done, made, signed = _replace(session, keyring, own_output, addresses, key, was_active, now)
    details = {"reason": reason, "was_active": was_active}
    note(session, actor, organisation_id, "key.revoke", f"key:{key.public_multibase}", now, details)
    if made is not None:
        keys.note_successor(session, made, actor, now)
    status.note_lists(session, signed, actor, now)
    return done


def _replace(
    session: Session,
    keyring: Keyring,
    own_output: OwnOutput,
    addresses: Addresses,
    key: SigningKey,
    was_active: bool,
    now: datetime,
) -> tuple[Revocation, SigningKey | None, list[StatusList]]:
    """What comes of it, the key that was made for it, and the lists that were signed anew."""
    organisation_id, made, missing = key.organisation_id, None, ""
    if was_active:
        try:
            with session.begin_nested():
                made = keys.add_successor(session, keyring, key, now)
        except ServiceError as error:
            missing = f"No new key could be made ({error.message}) Make one with: badgewright key create"
    successor = keys.find_active(session, organisation_id)
    if successor is None:
        return Revocation(key, True, None, missing=missing), None, []
    organisation = session.get_one(Organisation, organisation_id)
    try:
        with session.begin_nested():
            signed = status.sign_lists_again(session, keyring, own_output, addresses, organisation, now)
    except ServiceError as error:
        missing = f"The status lists could not be signed anew: {error.message}"
        return Revocation(key, True, successor, missing=missing), made, []
    return Revocation(key, True, successor, len(signed), missing), made, signed


def named_key(session: Session, organisation_id: int, public_multibase: str) -> SigningKey:
    """A key of this organisation; "" for the active one.

    Raises:
        NotFound: no such key there, another organisation's included. Conflict: `no_signing_key`.
    """
    if not public_multibase:
        found = keys.find_active(session, organisation_id)
        if found is None:
            raise Conflict("No key is active. Say which key is meant.", code="no_signing_key")
        return found
    found = session.scalars(
        select(SigningKey)
        .where(SigningKey.organisation_id == organisation_id, SigningKey.public_multibase == public_multibase)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("This organisation has no such key.")
    return found
