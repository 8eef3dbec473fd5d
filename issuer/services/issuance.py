"""An approved submission becomes a signed credential: once, whole, and only if it verifies.

An award may need a second credential: its key is no longer trusted, or the district's record was corrected. That one is
built from the rows of the award, never from the bytes of the first, and takes its place.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements import serialise
from achievements.model import Achievement
from issuer.credentials.addresses import Addresses
from issuer.credentials.builder import Award, AwardedEvidence, build
from issuer.credentials.recipient import Did, HashedEmail, Person, Recipient
from issuer.errors import Conflict, NotFound
from issuer.models import Credential, EvidenceItem, Organisation, Review, Submission, User
from issuer.queries import records
from issuer.services import status
from issuer.services.access import Actor, note
from issuer.services.keys import active_key
from issuer.services.publishing import issuer_of, place_of
from issuer.services.submissions import title_of
from issuer.signing import Keyring, OwnOutput, secure_and_self_verify
from issuer.storage import Storage
from issuer.workflow import Action, State, advance

#: Why an award gets another credential, as `credentials.replacement_reason` stores it.
ReissueReason = Literal["key_compromised", "record_changed"]


def issue(
    session: Session,
    keyring: Keyring,
    verifier: OwnOutput,
    addresses: Addresses,
    storage: Storage,
    submission_id: int,
    now: datetime,
    *,
    actor: Actor | None = None,
) -> Credential:
    """The credential of an approved submission; the existing one if it was issued before.

    Everything is built and signed first, then judged by the public verifier as a stranger would judge it, and only
    then stored: bytes, digest, key, status index and audit event in the caller's one transaction.

    Raises:
        NotFound: no such submission.
        Conflict: `wrong_state`: it is not approved. `no_signing_key`. `decision_incomplete`: the approving review
            does not name a level for every criterion.
        StorageFailed: a file whose digest would be signed is missing or damaged.
        OwnOutputNotVerified: what was signed does not verify; nothing is stored.
        KeyUnavailable: the key cannot sign now.
    """
    submission = _locked(session, submission_id)
    existing = session.scalars(
        select(Credential).where(Credential.submission_id == submission.id, Credential.replaced_at.is_(None))
    ).one_or_none()
    if existing is not None:
        return existing
    following = advance(State(submission.state), Action.ISSUE)
    for item in submission.evidence:
        _still_there(storage, item)
    credential = _signed(
        session,
        keyring,
        verifier,
        addresses,
        submission,
        _recipient(submission.teacher, _proved_did(submission.teacher)),
        now,
    )
    submission.state = following.value
    note(
        session,
        actor or Actor.job("issuing"),
        credential.organisation_id,
        "credential.issue",
        f"credential:{credential.number}",
        now,
        {
            "submission": submission.number,
            "sha256": credential.sha256,
            "key": credential.key.public_multibase,
        },
    )
    return credential


def reissue(
    session: Session,
    keyring: Keyring,
    verifier: OwnOutput,
    addresses: Addresses,
    credential_id: int,
    reason: ReissueReason,
    actor: Actor,
    now: datetime,
) -> Credential:
    """A new credential for the award of this one, which it replaces; the existing one if that was done before.

    What was awarded stays: the day, the end, the levels, the evidence, and whether it is shared. It names the same DID
    only if that is the account's now, and proved; else the e-mail address. The id, the key and the moment of signing
    are new. Files are not looked for again: their digests were checked when the award was made, and an award must not
    be lost with a file. Rights are the caller's to check.

    Raises:
        NotFound: no such credential. Conflict: `already_revoked`, `credential_expired`: it stays as it is;
            `no_signing_key`, `decision_incomplete`.
        OwnOutputNotVerified: what was signed does not verify; nothing is stored.
        KeyUnavailable: the key cannot sign now.
    """
    found = session.execute(select(Credential.submission_id).where(Credential.id == credential_id)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such credential.")
    submission = _locked(session, found)
    # Before it is looked at: whoever revokes it now does so under this lock.
    active_key(session, submission.version.achievement.organisation_id)
    old = session.get_one(Credential, credential_id, populate_existing=True)
    session.refresh(old.status_entry)
    if old.replaced_at is not None:
        return session.scalars(select(Credential).where(Credential.replaces_id == old.id)).one()
    if old.status_entry.value:
        raise Conflict("This credential has been revoked; it is not issued again.", code="already_revoked")
    if old.valid_until is not None and old.valid_until <= now:
        raise Conflict("This credential has expired; it is not issued again.", code="credential_expired")
    listed = None
    if reason == "record_changed":
        words = "Replaced by a new credential, because the district’s record was corrected. The award stands."
        listed = status.set_and_judge(session, keyring, verifier, addresses, old, words, actor, now)
    old.replaced_at, old.replacement_reason = now, reason
    shared_at, old.shared_at = old.shared_at, None
    session.flush()
    proved = _proved_did(submission.teacher)
    recipient = _recipient(submission.teacher, proved if proved == old.recipient_did else "")
    new = _signed(
        session, keyring, verifier, addresses, submission, recipient, now, awarded_at=old.awarded_at, replaces=old
    )
    new.shared_at = shared_at
    if listed is not None:
        status.note_revocation(session, old, listed, actor, now)
    note(
        session,
        actor,
        new.organisation_id,
        "credential.reissue",
        f"credential:{new.number}",
        now,
        {"replaces": old.number, "reason": reason, "sha256": new.sha256, "key": new.key.public_multibase},
    )
    return new


def _signed(
    session: Session,
    keyring: Keyring,
    verifier: OwnOutput,
    addresses: Addresses,
    submission: Submission,
    recipient: Recipient,
    now: datetime,
    *,
    awarded_at: datetime | None = None,
    replaces: Credential | None = None,
) -> Credential:
    """The credential of an award, built from its rows, signed, judged and added to the session."""
    organisation = submission.version.achievement.organisation
    key = active_key(session, organisation.id)
    achievement = serialise.load(submission.version.body)
    levels = _levels(session, submission, achievement)
    person = _person(session, organisation, submission.teacher_id)
    entry = status.allocate(session, keyring, addresses, organisation, now)
    number = str(uuid.uuid4())
    award = Award(
        id=addresses.credential(number),
        issuer=issuer_of(organisation, addresses),
        achievement=achievement,
        place=place_of(submission.version, addresses),
        recipient=recipient,
        person=person,
        levels=levels,
        evidence=tuple(_awarded(item, achievement, addresses) for item in submission.evidence),
        status=status.pointer(addresses, entry),
        issued_at=now,
        awarded_at=awarded_at or now,
        started_at=submission.started_at,
        submitted_at=submission.submitted_at,
    )
    documents = status.verifiable_documents(session, addresses, organisation)
    documents[addresses.status_list(entry.list.number)] = entry.list.document
    signer = keyring.signer(key, addresses.verification_method(award.issuer.id, key.public_multibase))
    data = secure_and_self_verify(build(award), signer, verifier, documents, now)

    credential = Credential(
        number=number,
        submission_id=submission.id,
        teacher_id=submission.teacher_id,
        organisation_id=organisation.id,
        key_id=key.id,
        status_entry_id=entry.id,
        document=data,
        sha256=hashlib.sha256(data).hexdigest(),
        issued_at=now,
        awarded_at=awarded_at or now,
        valid_until=award.valid_until,
        recipient_name=person.name if person else "",
        recipient_educator_id=person.educator_id if person else "",
        recipient_did=recipient.did if isinstance(recipient, Did) else "",
        replaces_id=replaces.id if replaces else None,
    )
    credential.key = key
    session.add(credential)
    session.flush()
    return credential


def _locked(session: Session, submission_id: int) -> Submission:
    """The submission's row, locked: of two workers that issue the same one, the second finds the credential."""
    session.execute(select(Submission.id).where(Submission.id == submission_id).with_for_update(key_share=True))
    submission = session.get(Submission, submission_id, populate_existing=True)
    if submission is None:
        raise NotFound("There is no such submission.")
    return submission


def _proved_did(teacher: User) -> str:
    return teacher.did if teacher.did_proved_at is not None else ""


def _recipient(teacher: User, did: str) -> Recipient:
    return Did(did) if did else HashedEmail(teacher.email, secrets.token_hex(16))


def _person(session: Session, organisation: Organisation, user_id: int) -> Person | None:
    """What the organisation's record says of them, never what they call themselves; None without a record."""
    record = records.record_of(session, organisation.id, user_id)
    if record is None:
        return None
    number = record.educator_id if organisation.educator_id_signed else ""
    return Person(record.name, number, secrets.token_hex(16) if number else "")


def _levels(session: Session, submission: Submission, achievement: Achievement) -> Mapping[str, str]:
    """The level reached in each criterion, from the review that approved this attempt."""
    review = session.scalars(
        select(Review).where(
            Review.submission_id == submission.id, Review.attempt == submission.attempt, Review.outcome == "approved"
        )
    ).one_or_none()
    scored = {finding.subject: finding.level for finding in review.findings} if review else {}
    levels: dict[str, str] = {}
    for criterion in achievement.rubric.criteria:
        level = criterion.level(scored.get(criterion.id, ""))
        if level is None:
            raise Conflict(
                f"The review that approved this submission names no level for “{criterion.name}”.",
                code="decision_incomplete",
            )
        levels[criterion.id] = level.id
    return levels


def _still_there(storage: Storage, item: EvidenceItem) -> None:
    """No digest is signed of a file that nobody could produce any more; the storage checks it while reading."""
    if item.sha256:
        storage.open(item.sha256).close()


def _awarded(item: EvidenceItem, achievement: Achievement, addresses: Addresses) -> AwardedEvidence:
    return AwardedEvidence(
        name=title_of(item),
        description=item.description,
        genre=_genre(achievement, item),
        sha256=item.sha256,
        media_type=item.media_type if item.sha256 else "",
        address=addresses.evidence(item.number) if item.shared else "",
    )


def _genre(achievement: Achievement, item: EvidenceItem) -> str:
    return next((required.genre for required in achievement.evidence if required.key == item.artifact_key), "")
