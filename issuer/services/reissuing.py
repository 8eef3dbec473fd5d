"""Awards get new credentials, piece by piece: after a key was revoked all that it signed, after a record was corrected
those of one person.

A piece is one transaction. Whoever does the pieces (a worker, a command, both at once) may die between any two, or in
the middle of one: what was done is not done again, because a credential is replaced once and the place is written with
it. In a piece rows are locked and signed first, and the events come last (see `issuer.audit.record`).

First the status lists, so that what is revoked stays revoked; then receipts; then the awards; then the mails.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.credentials.addresses import Addresses
from issuer.errors import NotFound, ServiceError
from issuer.models import BulkVerification, Credential, Reissue
from issuer.queries import credentials as queries
from issuer.queries import records, reissues
from issuer.services import bulk_receipt, issuance, keys, status
from issuer.services.access import Actor, note, require_role
from issuer.signing import Keyring, OwnOutput

#: Receipts of one transaction: on SQLite nobody else writes meanwhile.
PIECE = 10


def start_for_keys(session: Session, *, organisation_id: int, actor: Actor, now: datetime) -> Reissue | None:
    """Have everything signed again that a revoked key of the organisation signed and that is still good. None if
    there is nothing to do. One that is under way starts from the beginning, so that it finds what came after it passed.

    Raises:
        Forbidden: the actor is no admin there, or a program. NotFound: no such organisation.
        Conflict: `no_signing_key`: there is nothing to sign with.
    """
    require_role(session, actor, organisation_id, "admin")
    under_way = _from_the_beginning(session, reissues.open_for_keys(session, organisation_id), actor, now)
    if under_way is not None:
        return under_way
    keys.lock(session, organisation_id, actor)
    at_once = reissues.open_for_keys(session, organisation_id)
    if at_once is not None:
        # Somebody else began it while we waited for the lock: it has everything before it that we know of.
        return at_once
    if not reissues.has_work_for_keys(session, organisation_id, now):
        return None
    keys.active_key(session, organisation_id)
    return _start(session, organisation_id, "key_compromised", None, actor, now)


def start_for_person(
    session: Session, *, organisation_id: int, user_id: int, actor: Actor, now: datetime
) -> Reissue | None:
    """Have the badges of a person signed again that say something else than the organisation's record does now; each is
    revoked as replaced. None if there is nothing to do. One that is under way starts from the beginning.

    Raises:
        Forbidden: the actor is no admin there, or a program. Conflict: `no_signing_key`.
    """
    require_role(session, actor, organisation_id, "admin")
    open_job = reissues.open_for_person(session, organisation_id, user_id)
    under_way = _from_the_beginning(session, open_job, actor, now)
    if under_way is not None:
        return under_way
    keys.lock(session, organisation_id, actor)
    at_once = reissues.open_for_person(session, organisation_id, user_id)
    if at_once is not None:
        return at_once
    if not records.outdated(session, organisation_id, user_id, now):
        return None
    keys.active_key(session, organisation_id)
    return _start(session, organisation_id, "record_changed", user_id, actor, now)


def work(
    session: Session, keyring: Keyring, own_output: OwnOutput, addresses: Addresses, number: str, now: datetime
) -> str:
    """The next piece, in the caller's one transaction. Returns the stage that comes next: `lists`, `receipts`,
    `awards`, `mails` (the caller's to send, see `announced` and `finish`) or `done`.

    An award that cannot be signed again holds nothing up: it is counted, and the trail says why.

    Raises:
        NotFound: no such job. Conflict: `no_signing_key`. KeyUnavailable: nothing can be signed now.
    """
    job = _locked(session, number)
    if job.stage == "done":
        return job.stage
    organisation = job.organisation
    actor = Actor.job("re-issuing")
    job.touched_at = now
    if job.stage == "lists":
        signed = status.sign_lists_again(session, keyring, own_output, addresses, organisation, now)
        job.stage, job.position = ("awards" if job.teacher_id else "receipts"), 0
        status.note_lists(session, signed, actor, now)
    elif job.stage == "receipts":
        _receipts(session, keyring, own_output, addresses, job, actor, now)
    elif job.stage == "awards":
        _award(session, keyring, own_output, addresses, job, actor, now)
    session.flush()
    return job.stage


def announced(session: Session, *, credential_ids: list[int], now: datetime) -> None:
    """The holders of these replacements were written to."""
    for credential in session.scalars(select(Credential).where(Credential.id.in_(credential_ids))):
        credential.announced_at = now


def announced_in_vain(session: Session, *, number: str, user_id: int, credential_ids: list[int], now: datetime) -> None:
    """The holder's mailbox refuses our mail for good: nobody tries again, and the trail says whom to tell otherwise."""
    job = _locked(session, number)
    announced(session, credential_ids=credential_ids, now=now)
    details = {"user": user_id, "credentials": len(credential_ids)}
    note(
        session, Actor.job("re-issuing"), job.organisation_id, "reissue.mail_refused", f"reissue:{number}", now, details
    )


def finish(session: Session, *, number: str, now: datetime) -> None:
    """After the mails. Finishing twice changes nothing."""
    job = _locked(session, number)
    if job.stage != "mails":
        return
    job.stage, job.finished_at, job.touched_at = "done", now, now
    details = {"reason": job.reason, "reissued": job.reissued, "failed": job.failed}
    note(session, Actor.job("re-issuing"), job.organisation_id, "reissue.finish", f"reissue:{number}", now, details)


def _start(
    session: Session, organisation_id: int, reason: str, teacher_id: int | None, actor: Actor, now: datetime
) -> Reissue:
    job = Reissue(
        number=secrets.token_hex(16),
        organisation_id=organisation_id,
        reason=reason,
        teacher_id=teacher_id,
        requested_at=now,
        requested_by_id=actor.user_id,
        touched_at=now,
        stage="lists",
    )
    session.add(job)
    details = {"reason": reason} | ({"user": teacher_id} if teacher_id else {})
    note(session, actor, organisation_id, "reissue.start", f"reissue:{job.number}", now, details)
    return job


def _from_the_beginning(session: Session, found: Reissue | None, actor: Actor, now: datetime) -> Reissue | None:
    """The job, sent back to its first stage: what is replaced already is not replaced twice. None if it has ended.

    Its row is locked before anything else, as by whoever works on it.
    """
    if found is None:
        return None
    job = _locked(session, found.number)
    if job.finished_at is not None:
        return None
    if (job.stage, job.position) != ("lists", 0):
        # What could not be signed is tried, and counted, again.
        job.stage, job.position, job.failed, job.touched_at = "lists", 0, 0, now
        note(session, actor, job.organisation_id, "reissue.restart", f"reissue:{job.number}", now)
    return job


def _locked(session: Session, number: str) -> Reissue:
    """The job's row, locked: of two that work on it, the second waits and goes on where the first stopped."""
    job = session.scalars(
        select(Reissue)
        .where(Reissue.number == number)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if job is None:
        raise NotFound("There is no such job.")
    return job


def _receipts(
    session: Session,
    keyring: Keyring,
    own_output: OwnOutput,
    addresses: Addresses,
    job: Reissue,
    actor: Actor,
    now: datetime,
) -> None:
    distrusted = queries.revoked_keys(session, job.organisation_id)
    found = session.scalars(
        select(BulkVerification)
        .where(
            BulkVerification.organisation_id == job.organisation_id,
            BulkVerification.receipt.is_not(None),
            BulkVerification.id > job.position,
        )
        .order_by(BulkVerification.id)
        .limit(PIECE)
        .with_for_update(key_share=True)
    ).all()
    events: list[tuple[str, str, dict[str, str]]] = []
    for row in found:
        job.position = row.id
        if row.receipt is None or queries.signed_by(row.receipt) not in distrusted:
            continue
        subject = f"verification:{row.number}"
        try:
            with session.begin_nested():
                row.receipt = bulk_receipt.sign_again(session, keyring, own_output, addresses, row, now)
            events.append(("receipt.sign", subject, {}))
        except ServiceError as error:
            _skip(job, error)
            events.append(("receipt.sign_failed", subject, {"code": error.code}))
    if not found:
        job.stage, job.position = "awards", 0
    for action, subject, details in events:
        note(session, actor, job.organisation_id, action, subject, now, details)


def _award(
    session: Session,
    keyring: Keyring,
    own_output: OwnOutput,
    addresses: Addresses,
    job: Reissue,
    actor: Actor,
    now: datetime,
) -> None:
    """One of them: its event holds up everybody else's until the transaction ends, so that nothing is signed after it,
    and no row of another award is waited for."""
    reason: issuance.ReissueReason = "record_changed" if job.teacher_id else "key_compromised"
    waiting = reissues.next_award(session, job, now)
    if waiting is None:
        job.stage, job.position = "mails", 0
        return
    job.position, number = waiting
    try:
        with session.begin_nested():
            job.reissued += 1
            issuance.reissue(session, keyring, own_output, addresses, job.position, reason, actor, now)
    except ServiceError as error:
        _skip(job, error)
        subject = f"credential:{number}"
        note(session, actor, job.organisation_id, "credential.reissue_failed", subject, now, {"code": error.code})


def _skip(job: Reissue, error: ServiceError) -> None:
    """Go on with the next one, unless it is the key that is missing: then nothing else can be signed either."""
    if error.status == 503 or error.code == "no_signing_key":
        raise error
    job.failed += 1
