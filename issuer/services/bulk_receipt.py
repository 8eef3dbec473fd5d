"""The signed receipt of a bulk verification, judged by the public verifier before anybody keeps it."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.metadata import version

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.credentials.addresses import Addresses
from issuer.credentials.receipt import Receipt, build
from issuer.errors import Conflict, NotFound
from issuer.models import BulkVerification, Organisation, SigningKey
from issuer.queries import verifications as queries
from issuer.services import keys, publishing
from issuer.services.access import Actor
from issuer.signing import Keyring, OwnOutput, secure_and_self_verify
from issuer.signing.securing import encode


def make(
    session: Session, keyring: Keyring, own_output: OwnOutput, addresses: Addresses, number: str, now: datetime
) -> bytes:
    """The receipt of a job whose last answer is stored, signed with the key of the organisation that asked.

    An organisation that issues nothing may have no key; it gets one.

    Raises:
        NotFound: no such job.
        OwnOutputNotVerified, KeyUnavailable: it cannot be signed now.
    """
    job = queries.by_number(session, number)
    if job is None or job.moment is None:
        raise NotFound("There is no such verification.")
    organisation = job.organisation
    key = _key(session, keyring, organisation, now)
    did = addresses.organisation_did(organisation.slug)
    unsigned = build(
        Receipt(
            id=addresses.verification_receipt(number),
            job=addresses.verification(number),
            issuer=did,
            issued_at=now,
            moment=job.moment,
            counts=counts(job),
            input_sha256=job.sha256,
            input_bytes=job.size,
            results_sha256=queries.results_digest(session, job),
            registries=job.registries,
            status_lists=queries.status_lists(session, job),
            software=f"badgewright {version('badgewright')}",
        )
    )
    signer = keyring.signer(key, addresses.verification_method(did, key.public_multibase))
    documents = {did: encode(publishing.organisation_did_document(session, addresses, organisation))}
    return secure_and_self_verify(unsigned, signer, own_output, documents, now)


def sign_again(
    session: Session,
    keyring: Keyring,
    own_output: OwnOutput,
    addresses: Addresses,
    job: BulkVerification,
    now: datetime,
) -> bytes:
    """The stored receipt signed by the key that is active now, because the one that signed it is trusted no more.

    The answers may be deleted by now, so it cannot be made anew; what of it stands in our rows has to agree with them.

    Raises:
        Conflict: `receipt_differs`: it does not; `no_signing_key`.
        OwnOutputNotVerified, KeyUnavailable: it cannot be signed now.
    """
    organisation = job.organisation
    did = addresses.organisation_did(organisation.slug)
    unsigned = json.loads(job.receipt or b"{}")
    unsigned.pop("proof", None)
    subject = unsigned.get("credentialSubject", {})
    expected = {**counts(job), "total": sum(counts(job).values())}
    if (
        unsigned.get("id") != addresses.verification_receipt(job.number)
        or unsigned.get("issuer") != did
        or subject.get("counts") != expected
        or subject.get("input") != {"sha256": job.sha256, "bytes": job.size}
    ):
        raise Conflict("The stored receipt says something else than the verification.", code="receipt_differs")
    key = keys.active_key(session, organisation.id)
    signer = keyring.signer(key, addresses.verification_method(did, key.public_multibase))
    documents = {did: encode(publishing.organisation_did_document(session, addresses, organisation))}
    return secure_and_self_verify(unsigned, signer, own_output, documents, now)


def counts(job: BulkVerification) -> dict[str, int]:
    """How many answers there are of each verdict."""
    return {
        "verified": job.verified,
        "failed": job.failed,
        "undetermined": job.undetermined,
        "unrecognised": job.unrecognised,
    }


def _key(session: Session, keyring: Keyring, organisation: Organisation, now: datetime) -> SigningKey:
    has_one = session.scalar(
        select(SigningKey.id).where(SigningKey.organisation_id == organisation.id, SigningKey.active.is_(True)).limit(1)
    )
    if has_one is None:
        return keys.create_key(session, keyring, organisation.id, Actor.job("receipt"), now)
    return keys.active_key(session, organisation.id)
