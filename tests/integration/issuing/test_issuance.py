from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from issuer.errors import Conflict, NotFound
from issuer.models import AuditEvent, Credential, StatusEntry, StatusList
from issuer.services import evidence, publishing, status
from issuer.signing import OwnOutputNotVerified, encode
from issuer.storage import StorageFailed
from schemas import validation
from tests import factories
from tests.integration.issuing.conftest import LATER, World
from verifier.fetch import Documents
from verifier.policy import ExpectedRecipient, TrustedIssuers
from verifier.resolvers.web import did_web_url
from verifier.verifier import Verifier


def test_an_approved_submission_becomes_a_credential_that_a_stranger_verifies(world: World) -> None:
    submission = world.approved()
    credential = world.issue(submission)

    assert submission.state == "issued"
    assert credential.sha256 == hashlib.sha256(credential.document).hexdigest()
    document = json.loads(credential.document)
    assert validation.validate(document, "AchievementCredential", strict=True) == []
    assert document["proof"][0]["cryptosuite"] == "eddsa-rdfc-2022"

    did = world.addresses.organisation_did("lakeside")
    stranger = Verifier(
        Documents(
            {
                did_web_url(did): encode(
                    publishing.organisation_did_document(world.session, world.addresses, world.organisation)
                ),
                document["credentialStatus"]["statusListCredential"]: credential.status_entry.list.document,
            }
        )
    )
    with world.storage.open(submission.evidence[0].sha256) as file:
        plan = file.read()
    report = stranger.require(
        credential.document,
        TrustedIssuers(did),
        now=LATER,
        recipient=ExpectedRecipient("Teacher@Lakeside.example"),
        evidence=[plan],
    )
    assert report.verified


def test_issuing_twice_is_issuing_once(world: World) -> None:
    submission = world.approved()
    first = world.issue(submission)
    assert world.issue(submission, LATER + timedelta(days=1)) is first
    assert world.session.scalar(select(func.count()).select_from(Credential)) == 1
    assert world.session.scalar(select(func.count()).select_from(StatusEntry)) == 1


def test_the_trail_and_the_status_entry_come_with_it(world: World) -> None:
    credential = world.issue(world.approved())
    event = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.subject) == ("credential.issue", f"credential:{credential.number}")
    assert event.details["sha256"] == credential.sha256
    listed = credential.status_entry.list
    assert (listed.used, listed.length) == (1, 131_072)


def test_what_is_not_approved_is_not_issued(world: World) -> None:
    version = factories.published(world.session, world.organisation)
    submission = factories.handed_in(world.session, world.storage, world.teacher, version)
    with pytest.raises(Conflict) as caught:
        world.issue(submission)
    assert caught.value.code == "wrong_state"
    with pytest.raises(NotFound):
        world.issue(type("Nothing", (), {"id": 99_999})())


def test_without_a_key_the_reason_is_said(world: World) -> None:
    submission = world.approved()
    for key in world.session.scalars(select(type(world.issue(submission).key))):
        key.active, key.retired_at = False, LATER
    other = world.approved("another")
    with pytest.raises(Conflict) as caught:
        world.issue(other)
    assert caught.value.code == "no_signing_key"


def test_a_file_that_is_gone_is_not_vouched_for(world: World, tmp_path) -> None:
    submission = world.approved()
    digest = submission.evidence[0].sha256
    (tmp_path / "evidence" / digest[:2] / digest).write_bytes(b"something else")
    with pytest.raises(StorageFailed) as caught:
        world.issue(submission)
    assert caught.value.code == "evidence_damaged"


def test_what_does_not_verify_is_not_stored(world: World) -> None:
    submission = world.approved()
    # A relative address in a definition: no verifier could tell what it means.
    version = submission.version
    version.body = {**version.body, "alignment": [{"target_name": "x", "target_url": "not a url"}]}
    world.session.commit()
    with pytest.raises(OwnOutputNotVerified) as caught:
        world.issue(submission)
    assert caught.value.details["cause"]
    world.session.rollback()
    assert world.session.scalar(select(func.count()).select_from(Credential)) == 0
    assert world.session.scalar(select(func.count()).select_from(StatusList)) == 0
    assert submission.state == "approved"


def test_private_evidence_leaves_no_address_and_shared_evidence_does(world: World) -> None:
    version = factories.published(world.session, world.organisation)
    submission = factories.draft(world.session, world.teacher, version)
    private = factories.upload(world.session, world.storage, submission, name="Maria Gomez IEP.pdf")
    shared = factories.upload(world.session, world.storage, submission, name="shared.pdf", data=factories.PDF + b"2")
    teacher = factories.actor(world.teacher)
    evidence.set_title(world.session, number=shared.number, title="Three lessons", actor=teacher, now=factories.NOW)
    evidence.set_shared(world.session, number=shared.number, shared=True, actor=teacher, now=factories.NOW)
    evidence.add_link(
        world.session,
        number=submission.number,
        artifact_key="student-work",
        url="https://classroom.example/secret",
        actor=teacher,
        now=factories.NOW,
        name="Work",
    )
    from issuer.services import submissions

    submissions.save_draft(
        world.session,
        number=submission.number,
        answers={"context": "Grade four."},
        revision=submission.revision,
        actor=teacher,
        now=factories.NOW,
    )
    submissions.submit(world.session, number=submission.number, actor=teacher, now=factories.NOW)
    factories.approved(world.session, submission, world.coach)
    credential = world.issue(submission)
    pieces = {piece["name"]: piece for piece in json.loads(credential.document)["evidence"]}
    # Files are called by the artifact's title, or the teacher's own; their names are in no badge.
    assert "id" not in pieces["Lesson plan"]
    assert pieces["Lesson plan"]["digestSRI"].startswith("sha256-")
    assert pieces["Three lessons"]["id"] == world.addresses.evidence(shared.number)
    assert b"classroom.example" not in credential.document
    assert {"Lesson plan", "Three lessons", "Work"} == set(pieces)
    assert b"Gomez" not in credential.document
    assert private.number.encode() not in credential.document


def test_a_did_that_nobody_proved_is_not_used(world: World) -> None:
    """Seen: any text that looked like a DID was taken, somebody else's too."""
    world.teacher.did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    subject = json.loads(world.issue(world.approved()).document)["credentialSubject"]
    assert world.teacher.did not in json.dumps(subject)
    assert "identifier" in subject


def test_a_teacher_with_a_proved_did_is_named_by_it(world: World) -> None:
    world.teacher.did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    world.teacher.did_proved_at = LATER
    subject = json.loads(world.issue(world.approved()).document)["credentialSubject"]
    assert subject["id"] == world.teacher.did
    assert not any(each["hashed"] for each in subject["identifier"])


def test_a_new_list_is_begun_when_half_of_the_last_is_used(world: World) -> None:
    first = status.allocate(world.session, world.keyring, world.addresses, world.organisation, LATER)
    assert status.allocate(world.session, world.keyring, world.addresses, world.organisation, LATER).list is first.list
    first.list.used = first.list.length // 2
    second = status.allocate(world.session, world.keyring, world.addresses, world.organisation, LATER)
    assert second.list is not first.list
    assert second.list.used == 1
