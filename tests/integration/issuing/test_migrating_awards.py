"""The migrations of awards and records on rows that are there, back and forth."""

from __future__ import annotations

from sqlalchemy import select

from issuer import migrations
from issuer.models import Credential, EvidenceItem, MemberRecord, SigningKey, StatusList
from issuer.services import key_revocation, reissuing
from tests import factories
from tests.integration.issuing.conftest import LATER, World

BEFORE = "0008"
DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


def test_awards_and_names_survive_the_way_back_and_forth(world: World) -> None:
    other = factories.person(world.session, world.organisation, "tomas@lakeside.example", "teacher", name="Tomas Bell")
    other.did, other.did_proved_at = DID, factories.NOW
    first, second = world.issue(world.approved("one")), world.issue(world.approved("two", other))
    key_revocation.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        world.organisation.id,
        "",
        "compromised",
        factories.actor(world.admin),
        LATER,
    )
    job = reissuing.start_for_keys(
        world.session, organisation_id=world.organisation.id, actor=factories.actor(world.admin), now=LATER
    )
    assert job is not None
    for _ in range(9):
        reissuing.work(world.session, world.keyring, world.own_output, world.addresses, job.number, LATER)
    world.session.commit()
    current = {
        each.submission_id: each.document
        for each in world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None)))
    }
    assert len(current) == 2
    submissions = (first.submission_id, second.submission_id)
    engine = world.session.get_bind()
    world.session.close()

    migrations.downgrade(engine, BEFORE)
    migrations.upgrade(engine)

    found = {each.submission_id: each for each in world.session.scalars(select(Credential))}
    # The older shape holds one credential for each award: the current one.
    assert {number: each.document for number, each in found.items()} == current
    assert all(each.awarded_at == each.issued_at and each.replaced_at is None for each in found.values())
    assert [found[number].recipient_did for number in submissions] == ["", DID]
    assert {each.recipient_name for each in found.values()} == {""}
    names = {each.name for each in world.session.scalars(select(MemberRecord))}
    assert {"Tomas Bell", "Teacher", "Coach", "Admin"} == names
    assert all(each.changed_at.tzinfo for each in world.session.scalars(select(MemberRecord)))
    assert {each.title for each in world.session.scalars(select(EvidenceItem))} == {""}
    assert world.session.scalars(select(StatusList)).all()
    assert world.session.scalars(select(SigningKey)).all()
