"""The migrations of awards and records on rows that are there, back and forth."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from issuer import migrations
from issuer.models import Credential, EvidenceItem, MemberRecord, SigningKey, StatusList
from issuer.services import issuance, key_revocation
from tests import factories
from tests.integration.issuing.conftest import LATER, World

BEFORE = "0008"
DID = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


def _revoke(world: World) -> None:
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


def _refused(world: World, sentence: str) -> None:
    """The way back is refused, and nothing is changed by trying."""
    world.session.commit()
    engine = world.session.get_bind()
    world.session.close()
    with pytest.raises(RuntimeError, match=sentence):
        migrations.downgrade(engine, BEFORE)
    migrations.upgrade(engine)


def test_going_back_does_not_make_a_stolen_key_trusted_again(world: World) -> None:
    world.issue(world.approved())
    _revoke(world)
    _refused(world, "would trust it again")
    assert world.session.scalars(select(SigningKey.public_multibase).where(SigningKey.revoked_at.is_not(None))).all()


def test_going_back_deletes_no_signed_credential(world: World) -> None:
    old = world.issue(world.approved())
    issuance.reissue(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        old.id,
        "record_changed",
        factories.actor(world.admin),
        LATER,
    )
    _refused(world, "would lose the first one")
    assert len(world.session.scalars(select(Credential)).all()) == 2


def test_awards_and_names_survive_the_way_back_and_forth(world: World) -> None:
    other = factories.person(world.session, world.organisation, "tomas@lakeside.example", "teacher", name="Tomas Bell")
    other.did, other.did_proved_at = DID, factories.NOW
    first, second = world.issue(world.approved("one")), world.issue(world.approved("two", other))
    world.session.commit()
    current = {each.submission_id: each.document for each in (first, second)}
    submissions = tuple(current)
    engine = world.session.get_bind()
    world.session.close()

    migrations.downgrade(engine, BEFORE)
    migrations.upgrade(engine)

    found = {each.submission_id: each for each in world.session.scalars(select(Credential))}
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
