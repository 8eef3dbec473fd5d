"""A person's DID, in whose name badges are issued: it counts once its control was proved here.

Proving is signing a presentation that names the DID as its holder, a challenge made for this person and DID, and this
installation. Taking the DID away needs no proof. A DID that is proved belongs to one account.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Invalid, NotFound
from issuer.models import DidChallenge, User
from issuer.services.access import Actor, note, require_person
from issuer.services.words import invalid
from verifier import PresentationRequest, UnsafeAnyIssuer
from verifier.report import CheckId, Outcome
from verifier.verifier import Verifier

#: How long a challenge may be answered.
PROVE_WITHIN = timedelta(minutes=30)
#: Of a presentation that proves nothing but a key.
MAX_BYTES = 256 * 1024
_MAX_DID = 500
# DID Core 1.0 section 3.1: method name and method-specific id; no path, query or fragment.
_DID = re.compile(r"did:[a-z0-9]+:(?:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})*:)*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})+")
_METHODS = ("did:key:", "did:jwk:", "did:web:")
#: What has to hold of the presentation. Credentials inside it say nothing about who controls the DID.
_MUST_HOLD = (CheckId.STRUCTURE, CheckId.ISSUER, CheckId.PROOF, CheckId.VALIDITY)


@dataclass(frozen=True, slots=True)
class Proof:
    """Whoever answered this challenge controls this DID. Made by `check_proof` alone."""

    did: str
    challenge: str


def begin(session: Session, *, did: str, actor: Actor, now: datetime) -> DidChallenge:
    """A challenge for this person and DID; one that was open before is void.

    Raises:
        Forbidden: `person_needed`, `not_by_key`. Invalid: `did_invalid`, `did_method_unsupported`.
    """
    user = _person(session, actor)
    did = did.strip()
    if len(did) > _MAX_DID or not _DID.fullmatch(did):
        raise invalid("did_invalid", "A DID looks like did:key:z6Mk… or did:web:example.org.", "did")
    if not did.startswith(_METHODS):
        raise invalid("did_method_unsupported", "A DID that starts with did:key, did:jwk or did:web is needed.", "did")
    session.execute(delete(DidChallenge).where(DidChallenge.user_id == user.id))
    made = DidChallenge(user_id=user.id, did=did, challenge=secrets.token_urlsafe(32), expires_at=now + PROVE_WITHIN)
    session.add(made)
    session.flush()
    return made


def forget_expired(session: Session, *, now: datetime) -> int:
    """Delete the challenges that nobody answered in time. Returns how many."""
    gone = session.scalars(delete(DidChallenge).where(DidChallenge.expires_at <= now).returning(DidChallenge.user_id))
    return len(gone.all())


def open_challenge(session: Session, *, actor: Actor, now: datetime) -> DidChallenge:
    """The challenge that this person may answer.

    Raises:
        NotFound: there is none, or its time is over.
    """
    found = session.get(DidChallenge, require_person(actor))
    if found is None or found.expires_at <= now:
        raise NotFound("There is nothing to sign any more. Please begin again on your account page.")
    return found


def what_to_sign(challenge: DidChallenge, domain: str) -> dict[str, Any]:
    """The presentation to be signed and the members of its proof, and the same as claims of a token."""
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": challenge.did,
    }
    options = {"proofPurpose": "authentication", "challenge": challenge.challenge, "domain": domain}
    claims = {"iss": challenge.did, "aud": domain, "nonce": challenge.challenge, "vp": presentation}
    return {"presentation": presentation, "options": options, "claims": claims}


def check_proof(verifier: Verifier, data: bytes, *, did: str, challenge: str, domain: str, now: datetime) -> Proof:
    """Whether `data` is a presentation by the holder `did`, signed in answer to this challenge, for this domain.

    May ask the network for the document of a did:web: call it outside a transaction.

    Raises:
        Invalid: with the verifier's code, such as `challenge_mismatch`, `domain_mismatch`, `proof_invalid`;
            `did_proof_too_large`, `did_proof_no_presentation`, `did_proof_other_holder`.
    """
    if len(data) > MAX_BYTES:
        raise invalid("did_proof_too_large", "This is too large for a signed answer.", "proof")
    report = verifier.verify(data, UnsafeAnyIssuer(), now=now, request=PresentationRequest(challenge, domain))
    for check in _MUST_HOLD:
        result = report.result(check)
        if result is None:
            raise invalid("did_proof_no_presentation", "This is no signed presentation.", "proof")
        if result.outcome is not Outcome.PASSED:
            raise invalid(result.code, result.message, "proof")
    structure, holder = report.result(CheckId.STRUCTURE), report.result(CheckId.ISSUER)
    if structure is None or structure.code != "presentation_ok":
        raise invalid("did_proof_no_presentation", "This is no signed presentation.", "proof")
    if holder is None or holder.details.get("holder") != did:
        raise invalid("did_proof_other_holder", "This was signed by somebody else than the DID that you gave.", "proof")
    return Proof(did, challenge)


def prove(session: Session, *, proof: Proof, actor: Actor, now: datetime) -> User:
    """The DID is this person's from now on. A challenge is answered once.

    Raises:
        Forbidden: `person_needed`, `not_by_key`.
        Invalid: `did_challenge_over`: it was made for another account or DID, was used, or its time is over.
        Conflict: `did_not_available`: not told why; another account has proved it.
    """
    user = _person(session, actor)
    found = session.get(DidChallenge, user.id, populate_existing=True)
    if found is None or found.expires_at <= now or (found.did, found.challenge) != (proof.did, proof.challenge):
        raise Invalid("This challenge is over. Please begin again.", code="did_challenge_over")
    try:
        with session.begin_nested():
            user.did, user.did_proved_at = proof.did, now
            session.delete(found)
            session.flush()
    except IntegrityError:
        raise Conflict("This DID cannot be used here.", code="did_not_available") from None
    note(session, actor, None, "user.did_proved", f"user:{user.id}", now)
    return user


def remove(session: Session, *, actor: Actor, now: datetime) -> User:
    """New badges name the hashed e-mail address again. Removing it again changes nothing.

    Raises:
        Forbidden: `person_needed`, `not_by_key`.
    """
    user = _person(session, actor)
    session.execute(delete(DidChallenge).where(DidChallenge.user_id == user.id))
    if user.did:
        user.did, user.did_proved_at = "", None
        session.flush()
        note(session, actor, None, "user.did_removed", f"user:{user.id}", now)
    return user


def _person(session: Session, actor: Actor) -> User:
    """The person, the row locked: one change of their DID at a time."""
    user = session.execute(
        select(User)
        .where(User.id == require_person(actor))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if user is None:
        raise NotFound("There is no such person.")
    return user
