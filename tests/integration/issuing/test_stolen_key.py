"""A thief has the key: what they sign must not verify, and what the district awarded must."""

from __future__ import annotations

import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from issuer.db import unit_of_work
from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import AuditEvent, Credential, Reissue, SigningKey, StatusList
from issuer.queries import credentials as queries
from issuer.queries import overview, reissues
from issuer.services import issuance, key_revocation, keys, publishing, reissuing, sharing, status
from issuer.services.access import Actor
from issuer.signing import encode, secure
from tests import factories
from tests.integration.issuing.conftest import LATER, World
from verifier.fetch import Documents
from verifier.policy import TrustedIssuers
from verifier.report import CheckId, Report
from verifier.resolvers.web import did_web_url
from verifier.verifier import Verifier

STOLEN = LATER + timedelta(days=30)


def _verify(world: World, data: bytes, now=STOLEN) -> Report:
    """As a stranger does, who gets the organisation's DID document and lists as they are published now."""
    did = world.addresses.organisation_did(world.organisation.slug)
    document = publishing.organisation_did_document(world.session, world.addresses, world.organisation)
    pages = {did_web_url(did): encode(document)}
    for listed in world.session.scalars(select(StatusList)):
        pages[world.addresses.status_list(listed.number)] = listed.document
    return Verifier(Documents(pages)).verify(data, TrustedIssuers(did), now=now)


def _code(report: Report, check: CheckId) -> str:
    found = report.result(check)
    assert found is not None
    return found.code


def _revoke(world: World, key: str = "", actor: Actor | None = None, now=STOLEN) -> key_revocation.Revocation:
    return key_revocation.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        world.organisation.id,
        key,
        "compromised",
        actor or factories.actor(world.admin),
        now,
    )


def _reissue(world: World, now=STOLEN) -> Reissue | None:
    job = reissuing.start_for_keys(
        world.session, organisation_id=world.organisation.id, actor=factories.actor(world.admin), now=now
    )
    while job is not None and job.stage != "done":
        reissuing.work(world.session, world.keyring, world.own_output, world.addresses, job.number, now)
        if job.stage == "mails":
            reissuing.finish(world.session, number=job.number, now=now)
    return job


def _forgery(world: World, credential: Credential, key: SigningKey) -> bytes:
    """What a thief makes of a real badge: another name for it, dated a year ago."""
    document = json.loads(credential.document)
    del document["proof"]
    document["id"] += "-forged"
    document["validFrom"] = document["awardedDate"] = "2025-03-01T08:00:00Z"
    document["name"] = "Superintendent"
    did = world.addresses.organisation_did(world.organisation.slug)
    signer = world.keyring.signer(key, world.addresses.verification_method(did, key.public_multibase))
    return encode(secure(document, signer, LATER - timedelta(days=365)))


def test_a_forgery_dated_before_the_theft_fails(world: World) -> None:
    credential = world.issue(world.approved())
    stolen = credential.key
    forged = _forgery(world, credential, stolen)
    assert _verify(world, forged).verified
    _revoke(world)
    report = _verify(world, forged)
    assert not report.verified
    assert _code(report, CheckId.ISSUER) == "key_revoked"
    document = publishing.organisation_did_document(world.session, world.addresses, world.organisation)
    assert not any(stolen.public_multibase in each for each in document["assertionMethod"])
    assert len(document["assertionMethod"]) == 1


def test_a_good_award_is_signed_again_with_all_that_was_awarded(world: World) -> None:
    submission = world.approved()
    version = submission.version
    version.body = {**version.body, "expires_after_months": 24}
    old = world.issue(submission)
    sharing.share(world.session, old.number, factories.actor(world.teacher), LATER)
    _revoke(world)
    assert not _verify(world, old.document).verified
    job = _reissue(world)
    assert job is not None
    assert (job.reissued, job.failed) == (1, 0)
    new = queries.of_submission(world.session, submission.id)
    assert new is not None
    assert (new.replaces_id, new.number != old.number) == (old.id, True)
    assert _verify(world, new.document).verified
    before, after = json.loads(old.document), json.loads(new.document)
    for name in ("awardedDate", "validUntil", "evidence", "name", "issuer"):
        assert after[name] == before[name], name
    assert after["validFrom"] == "2026-04-02T09:30:00Z"
    for name in ("achievement", "result", "activityStartDate", "activityEndDate"):
        assert after["credentialSubject"][name] == before["credentialSubject"][name], name
    assert (new.awarded_at, new.valid_until, new.issued_at) == (old.awarded_at, old.valid_until, STOLEN)
    # Who may see it moved along, and old links lead on.
    assert new.shared_at == LATER
    assert sharing.public_credential(world.session, old.number, None).id == old.id
    sharing.unshare(world.session, old.number, factories.actor(world.teacher), STOLEN)
    for number in (old.number, new.number):
        with pytest.raises(NotFound):
            sharing.public_credential(world.session, number, None)
    actions = list(world.session.scalars(select(AuditEvent.action)))
    for action in ("key.revoke", "status_list.sign", "reissue.start", "credential.reissue", "reissue.finish"):
        assert action in actions


def test_a_forged_document_in_the_row_is_not_signed_again(world: World) -> None:
    """The new credential is built from the award, not from the bytes of the old one."""
    old = world.issue(world.approved())
    old.document = _forgery(world, old, old.key)
    _revoke(world)
    _reissue(world)
    assert (
        b"Superintendent"
        not in world.session.scalars(select(Credential.document).where(Credential.replaced_at.is_(None))).one()
    )


def test_what_was_revoked_stays_revoked_and_verifiable(world: World) -> None:
    """A list that only a distrusted key signed would turn every revocation into "could not be checked"."""
    earlier = world.issue(world.approved())
    keys.rotate(world.session, world.keyring, world.organisation.id, factories.actor(world.admin), LATER)
    status.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        earlier.id,
        "By fraud",
        factories.actor(world.admin),
        LATER,
    )
    stolen = keys.active_key(world.session, world.organisation.id)
    assert _code(_verify(world, earlier.document), CheckId.STATUS) == "revoked"
    done = _revoke(world)
    assert (done.lists, done.missing) == (1, "")
    assert done.successor is not None
    assert queries.signed_by(earlier.status_entry.list.document) == done.successor.public_multibase
    assert done.successor.public_multibase != stolen.public_multibase
    assert _code(_verify(world, earlier.document), CheckId.STATUS) == "revoked"


def test_revoked_and_expired_awards_are_not_signed_again(world: World) -> None:
    revoked, expired = world.issue(world.approved("revoked")), world.issue(world.approved("expired"))
    status.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        revoked.id,
        "A mistake",
        factories.actor(world.admin),
        LATER,
    )
    expired.valid_until = LATER + timedelta(days=1)
    _revoke(world)
    assert _reissue(world) is None
    assert world.session.scalar(select(func.count()).select_from(Credential)) == 2
    for each in (revoked, expired):
        with pytest.raises(Conflict):
            issuance.reissue(
                world.session,
                world.keyring,
                world.own_output,
                world.addresses,
                each.id,
                "key_compromised",
                Actor.job(),
                STOLEN,
            )
    # Once the key is gone the admin can revoke what it signed all the same.
    expired.valid_until = None
    status.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        expired.id,
        "Got by fraud",
        factories.actor(world.admin),
        STOLEN,
    )


def test_signing_again_twice_is_once_and_counts_stay(world: World) -> None:
    for number in range(3):
        world.issue(world.approved(f"key-{number}"))
    before = overview.overview(world.session, world.organisation.id)
    months = overview.growth(world.session, world.organisation.id, STOLEN)
    _revoke(world)
    job = _reissue(world)
    assert job is not None
    assert job.reissued == 3
    again = reissuing.start_for_keys(
        world.session, organisation_id=world.organisation.id, actor=factories.actor(world.admin), now=STOLEN
    )
    # Nobody has written to the holders yet, so there is a job; it signs nothing.
    assert again is not None
    reissuing.work(world.session, world.keyring, world.own_output, world.addresses, job.number, STOLEN)
    for _ in range(9):
        reissuing.work(world.session, world.keyring, world.own_output, world.addresses, again.number, STOLEN)
    assert again.reissued == 0
    found = world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None))).all()
    assert len(found) == 3
    old = world.session.scalars(select(Credential).where(Credential.replaced_at.is_not(None))).first()
    assert old is not None
    same = issuance.reissue(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        old.id,
        "key_compromised",
        Actor.job(),
        STOLEN,
    )
    assert same.id in {each.id for each in found}
    assert overview.overview(world.session, world.organisation.id) == before
    assert overview.growth(world.session, world.organisation.id, STOLEN) == months
    assert len(queries.of_teacher(world.session, world.teacher.id)) == 3
    with pytest.raises(Conflict) as caught:
        status.revoke(
            world.session,
            world.keyring,
            world.own_output,
            world.addresses,
            old.id,
            "The old one",
            factories.actor(world.admin),
            STOLEN,
        )
    assert caught.value.code == "credential_replaced"


def test_the_database_holds_one_current_credential_of_an_award(world: World) -> None:
    first = world.issue(world.approved())
    entry = status.allocate(world.session, world.keyring, world.addresses, world.organisation, LATER)
    copied = {
        column.name: getattr(first, column.name)
        for column in Credential.__table__.columns
        if column.name not in ("id", "number", "status_entry_id")
    }
    world.session.add(Credential(**copied, number=secrets.token_hex(8), status_entry_id=entry.id))
    with pytest.raises(IntegrityError):
        world.session.flush()
    world.session.rollback()


def test_revoking_twice_changes_nothing(world: World) -> None:
    world.issue(world.approved())
    first = _revoke(world)
    events = world.session.scalar(select(func.count()).select_from(AuditEvent))
    again = _revoke(world, first.key.public_multibase, now=STOLEN + timedelta(days=1))
    assert (again.changed, again.successor) == (False, first.successor)
    assert first.key.revoked_at == STOLEN
    assert world.session.scalar(select(func.count()).select_from(AuditEvent)) == events


def test_who_may_revoke_which_key(world: World) -> None:
    other = factories.organisation(world.session, "hillside", "Hillside Schools")
    stranger = factories.person(world.session, other, "sam@hillside.example", "admin")
    theirs = keys.create_key(world.session, world.keyring, other.id, factories.actor(stranger), LATER)
    with pytest.raises(NotFound):
        _revoke(world, theirs.public_multibase)
    for actor in (
        factories.actor(world.teacher),
        factories.actor(stranger),
        Actor("api_key", organisation_id=world.organisation.id),
        Actor("user", user_id=world.admin.id, organisation_id=world.organisation.id, via="bw_1234"),
    ):
        with pytest.raises(Forbidden):
            _revoke(world, actor=actor)
        with pytest.raises(Forbidden):
            reissuing.start_for_keys(world.session, organisation_id=world.organisation.id, actor=actor, now=STOLEN)
    with pytest.raises(Invalid) as caught:
        key_revocation.revoke(
            world.session,
            world.keyring,
            world.own_output,
            world.addresses,
            world.organisation.id,
            "",
            "retired",
            factories.actor(world.admin),
            STOLEN,
        )
    assert caught.value.code == "revocation_reason_unknown"
    assert not queries.revoked_keys(world.session, world.organisation.id)
    assert theirs.active


def test_a_key_in_a_device_that_is_away_is_revoked_all_the_same(world: World) -> None:
    """It is not succeeded by a key in the database that nobody asked for: the admin has to say so."""
    credential = world.issue(world.approved())
    credential.key.uri = "pkcs11:token=lakeside"
    world.session.flush()
    done = _revoke(world)
    assert done.changed
    assert done.successor is None
    assert "badgewright key create" in done.missing
    with pytest.raises(Conflict) as caught:
        world.issue(world.approved("another"))
    assert caught.value.code == "no_signing_key"
    with pytest.raises(Conflict):
        _reissue(world)
    # The status lists come first when there is a key again.
    keys.create_key(world.session, world.keyring, world.organisation.id, factories.actor(world.admin), STOLEN)
    job = _reissue(world)
    assert job is not None
    assert job.reissued == 1
    new = queries.of_submission(world.session, credential.submission_id)
    assert new is not None
    assert _verify(world, new.document).verified


def test_an_award_that_cannot_be_signed_again_holds_nothing_up(world: World) -> None:
    broken, good = world.issue(world.approved("broken")), world.issue(world.approved("good"))
    broken.submission.version.body = {
        **broken.submission.version.body,
        "alignment": [{"target_name": "x", "target_url": "not a url"}],
    }
    _revoke(world)
    job = _reissue(world)
    assert job is not None
    assert (job.reissued, job.failed) == (1, 1)
    assert broken.replaced_at is None
    assert good.replaced_at == STOLEN
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.action == "credential.reissue_failed")).one()
    assert event.subject == f"credential:{broken.number}"


def test_what_a_suspected_key_signed_is_listed(world: World) -> None:
    early, late = world.issue(world.approved("early")), world.issue(world.approved("late"), STOLEN)
    did = world.addresses.organisation_did("lakeside")
    method = world.addresses.verification_method(did, early.key.public_multibase)
    listed = list(reissues.signed_since(world.session, early.key, method, STOLEN, STOLEN))
    assert [(each.subject, each.state) for each in listed] == [(f"credential:{late.number}", "good")]
    assert listed[0].decided_by == world.coach.email
    assert early.key.revoked_at is None


def test_nothing_is_signed_by_a_key_after_it_was_revoked(world: World, sessions: sessionmaker[Session]) -> None:
    ids = [world.approved(f"key-{number}").id for number in range(6)]
    stolen, admin = keys.active_key(world.session, world.organisation.id).public_multibase, factories.actor(world.admin)
    world.session.commit()

    def act(submission_id: int) -> None:
        with unit_of_work(sessions) as session:
            if submission_id:
                issuance.issue(
                    session, world.keyring, world.own_output, world.addresses, world.storage, submission_id, LATER
                )
            else:
                key_revocation.revoke(
                    session,
                    world.keyring,
                    world.own_output,
                    world.addresses,
                    world.organisation.id,
                    stolen,
                    "compromised",
                    admin,
                    LATER,
                )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, [*ids[:3], 0, *ids[3:]]))
    events = world.session.execute(select(AuditEvent.id, AuditEvent.action, AuditEvent.details)).all()
    revoked = next(each.id for each in events if each.action == "key.revoke")
    by_thief = [each.id for each in events if each.details and each.details.get("key") == stolen]
    assert all(each < revoked for each in by_thief)
    for listed in world.session.scalars(select(StatusList.document)):
        assert queries.signed_by(listed) != stolen
