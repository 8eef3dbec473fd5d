"""Status lists: who gets which index, and what it says.

An index is drawn at random, so that it tells nothing about the order of issue. A new list is begun when half of the
newest one is given out: that keeps the draw quick, and each list long enough to hide who is being looked up.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.credentials.addresses import Addresses
from issuer.credentials.status_list import LENGTH, StatusPointer, status_list
from issuer.errors import Conflict, Fault, Invalid, NotFound
from issuer.models import Credential, Organisation, StatusEntry, StatusList
from issuer.queries import credentials as queries
from issuer.services.access import Actor, is_known_in, lock_organisation, note, require_role
from issuer.services.keys import active_key
from issuer.services.publishing import organisation_did_document
from issuer.signing import Keyring, OwnOutput, encode, secure

MAX_REASON = 2000


def allocate(
    session: Session, keyring: Keyring, addresses: Addresses, organisation: Organisation, now: datetime
) -> StatusEntry:
    """A fresh random index in the organisation's revocation list.

    Raises:
        Conflict: `no_signing_key`, when a first list has to be signed.
    """
    # Whoever comes second waits here; without the lock two would begin two lists, or draw in one list at once.
    lock_organisation(session, organisation.id)
    chosen = session.scalars(
        select(StatusList)
        .where(
            StatusList.organisation_id == organisation.id,
            StatusList.purpose == "revocation",
            StatusList.used * 2 < StatusList.length,
        )
        .order_by(StatusList.id)
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first() or _begin(session, keyring, addresses, organisation, now)
    position = secrets.randbelow(chosen.length)
    # At most half is taken, so that this takes two draws on average at the very worst.
    while _is_taken(session, chosen, position):
        position = secrets.randbelow(chosen.length)
    entry = StatusEntry(list_id=chosen.id, position=position)
    entry.list = chosen
    chosen.used += 1
    session.add(entry)
    session.flush()
    return entry


def pointer(addresses: Addresses, entry: StatusEntry) -> StatusPointer:
    """Where a credential's status stands, as the credential says it."""
    number = entry.list.number
    return StatusPointer(
        addresses.status_entry(number, entry.position),
        addresses.status_list(number),
        entry.position,
        entry.list.purpose,
    )


def revoke(
    session: Session,
    keyring: Keyring,
    verifier: OwnOutput,
    addresses: Addresses,
    credential_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Credential:
    """Revoke a credential for good: its bit is set and the list is signed anew. The credential's bytes stay the same.

    Raises:
        NotFound: no such credential, or another organisation's. Forbidden: the actor is no admin of its organisation.
        Invalid: `reason_missing`, `reason_too_long`.
        Conflict: `already_revoked`, `no_signing_key`; `credential_replaced`: the one that took its place is meant.
        OwnOutputNotVerified: the new list does not show what it should; nothing is stored.
    """
    credential = session.get(Credential, credential_id)
    if credential is None or not is_known_in(session, actor, credential.organisation_id):
        raise NotFound("There is no such credential.")
    require_role(session, actor, credential.organisation_id, "admin", scope="credentials:revoke")
    # Whoever is signing it again just now ends first: or the one that took its place would stay good.
    lock_organisation(session, credential.organisation_id)
    session.refresh(credential)
    if credential.replaced_at is not None:
        raise Conflict(
            "This credential was replaced by another. Revoke the one that took its place.", code="credential_replaced"
        )
    listed = set_and_judge(session, keyring, verifier, addresses, credential, reason, actor, now)
    note_revocation(session, credential, listed, actor, now)
    return credential


def set_and_judge(
    session: Session,
    keyring: Keyring,
    verifier: OwnOutput,
    addresses: Addresses,
    credential: Credential,
    reason: str,
    actor: Actor,
    now: datetime,
) -> StatusList:
    """The credential's bit set, and the new list judged; for callers that have checked the rights, and who call
    `note_revocation` when everything is signed. Errors as for `revoke`."""
    entry = credential.status_entry
    listed = _set(session, keyring, addresses, entry, reason, actor, now)
    documents = verifiable_documents(session, addresses, credential.organisation)
    did = addresses.organisation_did(credential.organisation.slug)
    if credential.key.revoked_at is None:
        documents[addresses.status_list(listed.number)] = listed.document
        verifier.require_revoked(credential.document, documents, did, now)
    else:
        # Its key is distrusted, so nothing about it verifies any more; the list must all the same.
        verifier.require(listed.document, documents, did, now)
    return listed


def note_revocation(session: Session, credential: Credential, listed: StatusList, actor: Actor, now: datetime) -> None:
    """The event of a credential whose bit was set."""
    entry = credential.status_entry
    details = {"status_list": listed.number, "index": entry.position, "reason": entry.reason}
    subject = f"credential:{credential.number}"
    note(session, actor, credential.organisation_id, "credential.revoke", subject, now, details)


def revoke_entry(
    session: Session,
    keyring: Keyring,
    verifier: OwnOutput,
    addresses: Addresses,
    list_number: str,
    position: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Revoke for good what was signed but is not stored here, by its place in a list.

    Raises:
        NotFound: no such place was given out, or it is another organisation's. Forbidden: the actor is no admin there.
        Conflict: `already_revoked`, `no_signing_key`; `credential_is_stored`: it is to be revoked by its number.
        Invalid: `reason_missing`, `reason_too_long`.
        OwnOutputNotVerified: the new list does not verify; nothing is stored.
    """
    entry = session.scalars(
        select(StatusEntry)
        .join(StatusList, StatusList.id == StatusEntry.list_id)
        .where(StatusList.number == list_number, StatusEntry.position == position)
    ).one_or_none()
    if entry is None or not is_known_in(session, actor, entry.list.organisation_id):
        raise NotFound("There is no such credential.")
    organisation = entry.list.organisation
    require_role(session, actor, organisation.id, "admin", scope="credentials:revoke")
    if session.scalars(select(Credential.id).where(Credential.status_entry_id == entry.id)).first() is not None:
        raise Conflict("This credential is kept here: revoke it by its number.", code="credential_is_stored")
    listed = _set(session, keyring, addresses, entry, reason, actor, now)
    documents = verifiable_documents(session, addresses, organisation)
    verifier.require(listed.document, documents, addresses.organisation_did(organisation.slug), now)
    details = {"status_list": listed.number, "index": position, "reason": entry.reason}
    subject = f"status:{listed.number}#{position}"
    note(session, actor, organisation.id, "credential.revoke", subject, now, details)


def _set(
    session: Session,
    keyring: Keyring,
    addresses: Addresses,
    entry: StatusEntry,
    reason: str,
    actor: Actor,
    now: datetime,
) -> StatusList:
    """The entry set, with the reason, and its list signed anew. Errors as for `revoke`."""
    reason = reason.strip()
    if not reason:
        raise _invalid("reason_missing", "Please say why it is revoked: the teacher will read it.")
    if len(reason) > MAX_REASON:
        raise _invalid("reason_too_long", f"A reason has at most {MAX_REASON} characters.")
    # Keys first and lists second, as everybody does who signs: or two would wait for each other.
    active_key(session, entry.list.organisation_id)
    # The list's row is the lock: two revocations in one list are signed one after the other, the later with both bits.
    listed = session.scalars(
        select(StatusList)
        .where(StatusList.id == entry.list_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    session.refresh(entry)
    if entry.value:
        raise Conflict("This credential has already been revoked.", code="already_revoked")
    entry.value, entry.reason, entry.changed_at, entry.changed_by_id = 1, reason, now, actor.user_id
    session.flush()
    listed.document, listed.published_at = _signed(session, keyring, addresses, listed, now), now
    return listed


def sign_lists_again(
    session: Session,
    keyring: Keyring,
    verifier: OwnOutput,
    addresses: Addresses,
    organisation: Organisation,
    now: datetime,
) -> list[StatusList]:
    """Every status list that a revoked key signed, signed by the active one: the same bits. Returns them; the caller
    calls `note_lists` when everything is signed.

    Raises:
        Conflict: `no_signing_key`. KeyUnavailable: the key cannot sign now.
        OwnOutputNotVerified: a new list does not verify.
    """
    active_key(session, organisation.id)
    distrusted = queries.revoked_keys(session, organisation.id)
    documents = verifiable_documents(session, addresses, organisation)
    signed = []
    for listed in session.scalars(
        select(StatusList)
        .where(StatusList.organisation_id == organisation.id)
        .order_by(StatusList.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ):
        if queries.signed_by(listed.document) in distrusted:
            listed.document, listed.published_at = _signed(session, keyring, addresses, listed, now), now
            verifier.require(listed.document, documents, addresses.organisation_did(organisation.slug), now)
            signed.append(listed)
    return signed


def note_lists(session: Session, signed: list[StatusList], actor: Actor, now: datetime) -> None:
    """The events of lists that were signed again."""
    for listed in signed:
        note(session, actor, listed.organisation_id, "status_list.sign", f"status:{listed.number}", now)


def verifiable_documents(session: Session, addresses: Addresses, organisation: Organisation) -> dict[str, bytes]:
    """The organisation's DID document as it stands, under its DID: what a verifier resolves."""
    did = addresses.organisation_did(organisation.slug)
    return {did: encode(organisation_did_document(session, addresses, organisation))}


def _is_taken(session: Session, listed: StatusList, position: int) -> bool:
    query = select(StatusEntry.id).where(StatusEntry.list_id == listed.id, StatusEntry.position == position)
    return session.execute(query).first() is not None


def _begin(
    session: Session, keyring: Keyring, addresses: Addresses, organisation: Organisation, now: datetime
) -> StatusList:
    listed = StatusList(
        number=secrets.token_hex(16),
        organisation_id=organisation.id,
        purpose="revocation",
        length=LENGTH,
        used=0,
        document=b"",
        published_at=now,
    )
    listed.organisation = organisation
    session.add(listed)
    session.flush()
    listed.document = _signed(session, keyring, addresses, listed, now)
    return listed


def _signed(session: Session, keyring: Keyring, addresses: Addresses, listed: StatusList, now: datetime) -> bytes:
    positions = session.scalars(
        select(StatusEntry.position).where(StatusEntry.list_id == listed.id, StatusEntry.value == 1)
    )
    did = addresses.organisation_did(listed.organisation.slug)
    key = active_key(session, listed.organisation_id)
    unsigned = status_list(
        addresses.status_list(listed.number), did, listed.purpose, positions, now, length=listed.length
    )
    signer = keyring.signer(key, addresses.verification_method(did, key.public_multibase))
    return encode(secure(unsigned, signer, now))


def _invalid(code: str, message: str) -> Invalid:
    return Invalid(message, code=code, faults=[Fault(code, message, "reason")])
