"""The name that a badge states is the one on record, signed; nobody's own words stand beside "Verified"."""

from __future__ import annotations

import json
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from issuer.credentials.recipient import stated_name
from issuer.db import unit_of_work
from issuer.errors import Forbidden, Invalid, NotFound, TooMany
from issuer.models import AuditEvent, Credential, MemberRecord
from issuer.queries import credentials as queries
from issuer.queries import records
from issuer.services import accounts, invitations, issuance, member_records, reissuing, sharing, status
from issuer.services.access import Actor
from schemas import validation
from tests import factories
from tests.integration.issuing.conftest import LATER, World
from verifier.formats import identity_hash
from verifier.lint import lint
from verifier.policy import ExpectedRecipient
from verifier.report import Severity


def _record(world: World, name: str, educator_id: str | None = None, actor: Actor | None = None) -> MemberRecord:
    return member_records.set_record(
        world.session,
        organisation_id=world.organisation.id,
        user_id=world.teacher.id,
        name=name,
        educator_id=educator_id,
        actor=actor or factories.actor(world.admin),
        now=LATER,
    )


def _ask(world: World, credential: Credential, actor: Actor, name: str = "", educator_id: str = ""):
    return member_records.ask(
        world.session, number=credential.number, name=name, educator_id=educator_id, actor=actor, now=LATER
    )


def _agency(world: World) -> Actor:
    return factories.actor(factories.person(world.session, world.organisation, "kim@state.example", "agency"))


def test_a_teacher_who_renames_themselves_changes_no_badge(world: World) -> None:
    """They called themselves “Dr. Jane Smith”, and the page said so under “Verified”."""
    _record(world, "Amara Okafor")
    accounts.set_profile(world.session, name="Dr. Jane Smith", actor=factories.actor(world.teacher), now=LATER)
    credential = world.issue(world.approved())
    document = json.loads(credential.document)
    assert stated_name(document) == credential.recipient_name == "Amara Okafor"
    assert b"Jane" not in credential.document
    assert validation.validate(document, "AchievementCredential", strict=True) == []
    errors = [
        message
        for probe in lint(credential.document).probes
        for message in probe.messages
        if message.severity is Severity.ERROR and not message.code.startswith("lint_fetch")
    ]
    assert errors == []
    assert ExpectedRecipient(email=world.teacher.email).matches(document["credentialSubject"])
    named = [each for each in document["credentialSubject"]["identifier"] if each["identityType"] == "name"]
    assert named == [
        {"type": "IdentityObject", "hashed": False, "identityHash": "Amara Okafor", "identityType": "name"}
    ]


def test_the_name_stands_beside_a_did_too(world: World) -> None:
    world.teacher.did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    world.teacher.did_proved_at = factories.NOW
    subject = json.loads(world.issue(world.approved()).document)["credentialSubject"]
    assert subject["id"] == world.teacher.did
    assert [each["identityType"] for each in subject["identifier"]] == ["name"]


def test_without_a_record_no_name_is_signed(world: World) -> None:
    world.session.delete(
        world.session.scalars(select(MemberRecord).where(MemberRecord.user_id == world.teacher.id)).one()
    )
    world.session.flush()
    credential = world.issue(world.approved())
    assert stated_name(json.loads(credential.document)) == credential.recipient_name == ""


def test_an_educator_id_is_signed_only_where_the_district_wants_it_and_hashed(world: World) -> None:
    _record(world, "Amara Okafor", "T-4711")
    first = world.issue(world.approved("first"))
    assert b"sisSourcedId" not in first.document
    member_records.set_educator_ids(
        world.session, organisation_id=world.organisation.id, signed=True, actor=factories.actor(world.admin), now=LATER
    )
    document = json.loads(world.issue(world.approved("second")).document)
    found = [e for e in document["credentialSubject"]["identifier"] if e["identityType"] == "sisSourcedId"]
    assert [each["hashed"] for each in found] == [True]
    assert identity_hash.matches(found[0]["identityHash"], "T-4711", found[0]["salt"])
    assert "T-4711" not in json.dumps(document)
    assert validation.validate(document, "AchievementCredential", strict=True) == []


def test_only_an_admin_changes_a_record_and_no_key_by_the_way(world: World) -> None:
    other = factories.organisation(world.session, "hillside", "Hillside Schools")
    stranger = factories.actor(factories.person(world.session, other, "sam@hillside.example", "admin"))
    here = world.organisation.id
    members_only = Actor("api_key", organisation_id=here, scopes=frozenset({"members:write"}))
    for actor in (factories.actor(world.teacher), factories.actor(world.coach), stranger, members_only):
        with pytest.raises(Forbidden):
            _record(world, "Dr. Jane Smith", actor=actor)
    before = records.record_of(world.session, here, world.teacher.id)
    assert before is not None
    assert before.name == "Teacher"
    with pytest.raises(NotFound):
        member_records.set_record(
            world.session, organisation_id=other.id, user_id=world.teacher.id, name="X", actor=stranger, now=LATER
        )
    with pytest.raises(Invalid):
        _record(world, " \u200b ")
    # Such a key adds people; the names that it gives them are not signed.
    invitation = invitations.invite(
        world.session,
        organisation_id=here,
        email="new@lakeside.example",
        name="Dr. Jane Smith",
        role="teacher",
        actor=members_only,
        now=LATER,
    ).invitation
    assert invitation is not None
    assert not invitation.names_record
    allowed = Actor("api_key", organisation_id=here, scopes=frozenset({"records:write"}))
    assert _record(world, "Amara Okafor", actor=allowed).name == "Amara Okafor"
    event = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.details["fields"]) == ("record.change", ["name"])
    assert "Amara" not in json.dumps(event.details)


def test_a_record_outlives_the_role(world: World) -> None:
    _record(world, "Amara Okafor")
    accounts.remove_member(
        world.session,
        user_id=world.teacher.id,
        organisation_id=world.organisation.id,
        role="teacher",
        actor=factories.actor(world.admin),
        now=LATER,
    )
    found = records.record_of(world.session, world.organisation.id, world.teacher.id)
    assert found is not None
    assert found.name == "Amara Okafor"
    assert _record(world, "Amara Okafor-Bell").name == "Amara Okafor-Bell"


def test_after_a_correction_the_badges_with_the_old_name_are_replaced(world: World) -> None:
    _record(world, "Amara Okafor")
    old, revoked = world.issue(world.approved("old")), world.issue(world.approved("revoked"))
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
    _record(world, "Amara Bell")
    assert [each.id for each in records.outdated(world.session, world.organisation.id, world.teacher.id, LATER)] == [
        old.id
    ]
    job = reissuing.start_for_person(
        world.session,
        organisation_id=world.organisation.id,
        user_id=world.teacher.id,
        actor=factories.actor(world.admin),
        now=LATER,
    )
    assert job is not None
    while job.stage not in ("mails", "done"):
        reissuing.work(world.session, world.keyring, world.own_output, world.addresses, job.number, LATER)
    assert (job.reissued, job.failed) == (1, 0)
    new = queries.of_submission(world.session, old.submission_id)
    assert new is not None
    assert stated_name(json.loads(new.document)) == "Amara Bell"
    assert (new.awarded_at, old.status_entry.value, new.status_entry.value) == (old.awarded_at, 1, 0)
    assert "The award stands" in old.status_entry.reason
    assert not records.outdated(world.session, world.organisation.id, world.teacher.id, LATER)
    assert world.session.scalar(select(func.count()).select_from(Credential)) == 3


def test_an_agency_gets_a_yes_or_a_no_and_the_trail_says_that_it_asked(world: World) -> None:
    _record(world, unicodedata.normalize("NFD", "Zoé  Okafor"), "T-4711")
    credential, agency = world.issue(world.approved()), _agency(world)
    with pytest.raises(NotFound):
        _ask(world, credential, agency, "Zoé Okafor")
    sharing.share(world.session, credential.number, factories.actor(world.teacher), LATER)
    assert _ask(world, credential, agency, "  ZOÉ okafor ", "t-4711") == member_records.Match(True, True)
    assert _ask(world, credential, agency, "Zoe Okafor") == member_records.Match(False, None)
    event = world.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.subject) == ("record.ask", f"credential:{credential.number}")
    assert (event.organisation_id, event.details) == (world.organisation.id, {"fields": ["name"]})
    with pytest.raises(Invalid):
        _ask(world, credential, agency, " ")


def test_only_agencies_ask_and_not_without_end(world: World) -> None:
    credential, agency = world.issue(world.approved()), _agency(world)
    sharing.share(world.session, credential.number, factories.actor(world.teacher), LATER)
    for actor in (factories.actor(world.coach), factories.actor(world.admin)):
        with pytest.raises(Forbidden):
            _ask(world, credential, actor, "Teacher")
    other = factories.organisation(world.session, "hillside", "Hillside Schools")
    elsewhere = factories.actor(factories.person(world.session, other, "kay@state.example", "agency"))
    for actor in (elsewhere, Actor("api_key", organisation_id=other.id, scopes=frozenset({"records:ask"}))):
        with pytest.raises(NotFound):
            _ask(world, credential, actor, "Teacher")
    key = Actor("api_key", organisation_id=world.organisation.id, scopes=frozenset({"records:ask"}))
    assert _ask(world, credential, key, "Teacher").name is True
    with pytest.raises(Forbidden):
        _ask(world, credential, Actor("api_key", organisation_id=world.organisation.id), "Teacher")
    for number in range(member_records.MOST):
        _ask(world, credential, agency, educator_id=f"{number}")
    with pytest.raises(TooMany):
        _ask(world, credential, agency, educator_id="4711")
    later = LATER + timedelta(hours=2)
    member_records.ask(world.session, number=credential.number, name="Teacher", educator_id="", actor=agency, now=later)


def _again(world: World, credential: Credential) -> Credential:
    return issuance.reissue(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        credential.id,
        "record_changed",
        Actor.job(),
        LATER,
    )


def test_a_badge_signed_again_names_no_did_that_is_not_proved(world: World) -> None:
    """DIDs of older badges were typed in by whoever liked; whoever had one of somebody else's kept it."""
    named = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    world.teacher.did, world.teacher.did_proved_at = named, factories.NOW
    stays, lost, changed = (world.issue(world.approved(key)) for key in ("stays", "lost", "changed"))
    assert _again(world, stays).recipient_did == named
    world.teacher.did_proved_at = None
    again = _again(world, lost)
    assert again.recipient_did == ""
    subject = json.loads(again.document)["credentialSubject"]
    assert "id" not in subject
    assert ExpectedRecipient(email=world.teacher.email).matches(subject)
    world.teacher.did, world.teacher.did_proved_at = "did:web:tara.example", factories.NOW
    assert _again(world, changed).recipient_did == ""


def test_questions_at_once_do_not_pass_the_limit(
    world: World, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each was counted before the others stood in the trail."""
    credential, agency = world.issue(world.approved()), _agency(world)
    sharing.share(world.session, credential.number, factories.actor(world.teacher), LATER)
    number = credential.number
    world.session.commit()
    monkeypatch.setattr(member_records, "MOST", 3)
    together, count = Barrier(8), records.questions_since

    def slowly(*arguments: Any) -> int:
        found = count(*arguments)
        # Whoever else gets as far as counting does so before this question is written.
        with suppress(BrokenBarrierError):
            together.wait(0.2)
        return found

    monkeypatch.setattr(records, "questions_since", slowly)

    def ask(_: int) -> bool:
        try:
            with unit_of_work(sessions) as session:
                member_records.ask(session, number=number, name="X", educator_id="", actor=agency, now=LATER)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 3
