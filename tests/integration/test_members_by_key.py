"""A person for whom an API key acts: a member of the key's organisation and nobody anywhere else."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.errors import Forbidden, NotFound
from issuer.models import AuditEvent
from issuer.services import accounts, api_keys, evidence, reviews, submissions
from issuer.services.access import Actor, is_operator, roles_of
from issuer.storage import Storage
from tests import factories
from tests.factories import NOW
from tests.integration.conftest import District


def through_key(district: District, user_id: int) -> Actor:
    return Actor(
        "user",
        user_id=user_id,
        organisation_id=district.organisation.id,
        label="A key",
        via="bw_12345678",
        key_name="A key",
        scopes=frozenset(api_keys.SCOPES),
    )


def test_roles_are_those_of_the_one_organisation(session: Session, district: District) -> None:
    elsewhere = factories.organisation(session, "uptown", "Uptown Schools")
    accounts.add_member(
        session,
        user_id=district.teacher.id,
        organisation_id=elsewhere.id,
        role="admin",
        actor=factories.COMMAND,
        now=NOW,
    )
    accounts.grant_operator(session, user_id=district.teacher.id, actor=factories.COMMAND, now=NOW)
    actor = through_key(district, district.teacher.id)
    assert roles_of(session, actor, district.organisation.id) == {"teacher"}
    assert roles_of(session, actor, elsewhere.id) == frozenset()
    assert not is_operator(session, actor)
    with pytest.raises(Forbidden):
        accounts.set_profile(session, name="Else", actor=actor, now=NOW)


def test_work_in_another_organisation_is_not_there(session: Session, district: District, storage: Storage) -> None:
    other = factories.published(session, factories.organisation(session, "uptown", "Uptown Schools"))
    accounts.add_member(
        session,
        user_id=district.teacher.id,
        organisation_id=other.achievement.organisation_id,
        role="teacher",
        actor=factories.COMMAND,
        now=NOW,
    )
    foreign = factories.draft(session, district.teacher, other)
    item = evidence.add_file(
        session,
        storage,
        number=foreign.number,
        artifact_key="lesson-plan",
        stream=io.BytesIO(factories.PDF),
        name="plan.pdf",
        declared_type="application/pdf",
        max_bytes=1000,
        actor=factories.actor(district.teacher),
        now=NOW,
    )
    actor = through_key(district, district.teacher.id)
    with pytest.raises(NotFound):
        submissions.withdraw(session, number=foreign.number, actor=actor, now=NOW)
    with pytest.raises(NotFound):
        submissions.start(session, version_id=other.id, actor=actor, now=NOW)
    with pytest.raises(NotFound):
        evidence.view(session, number=item.number, actor=actor)


def test_nobody_reviews_their_own_work_through_a_key(session: Session, district: District, storage: Storage) -> None:
    submission = factories.handed_in(session, storage, district.coach, district.version)
    with pytest.raises(Forbidden) as refused:
        reviews.claim(session, number=submission.number, actor=through_key(district, district.coach.id), now=NOW)
    assert refused.value.code == "own_work"


def test_the_trail_names_person_and_key(session: Session, district: District) -> None:
    submissions.start(
        session, version_id=district.version.id, actor=through_key(district, district.teacher.id), now=NOW
    )
    event = session.execute(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).scalar_one()
    assert (event.actor_id, event.details["api_key"]) == (district.teacher.id, "bw_12345678")


def test_a_key_of_no_organisation_reaches_none(session: Session, district: District) -> None:
    assert roles_of(session, Actor("api_key"), district.organisation.id) == frozenset()
