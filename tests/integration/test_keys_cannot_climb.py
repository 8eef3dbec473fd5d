"""An API key does what its scopes say and never more: no admins, no keys, nothing without a scope."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.errors import Forbidden, NotFound
from issuer.models import AuditEvent, Membership
from issuer.queries import trail
from issuer.services import (
    accounts,
    api_keys,
    definitions,
    frameworks,
    invitations,
    keys,
    reviews,
    sharing,
    submissions,
)
from issuer.services.access import Actor, is_operator, require_role
from issuer.signing import Keyring
from issuer.storage import Storage
from tests import factories
from tests.factories import COMMAND, NOW
from tests.integration.conftest import District

EVERY_SCOPE = frozenset(api_keys.SCOPES)


def key_of(district: District, *scopes: str) -> Actor:
    made = frozenset(scopes) or EVERY_SCOPE
    return Actor(
        "api_key", organisation_id=district.organisation.id, via="abcdef012345", key_name="Roster", scopes=made
    )


def acting_for(district: District, user_id: int) -> Actor:
    return Actor(
        "user",
        user_id=user_id,
        organisation_id=district.organisation.id,
        via="abcdef012345",
        key_name="Roster",
        scopes=EVERY_SCOPE,
    )


def refused_to_keys(work: Callable[[], object]) -> None:
    with pytest.raises(Forbidden) as refused:
        work()
    assert refused.value.code == "not_by_key"


def test_a_key_makes_no_admin_and_removes_none(session: Session, district: District) -> None:
    here = district.organisation.id
    everybody = (key_of(district), acting_for(district, district.admin.id))
    for actor in everybody:
        refused_to_keys(
            lambda actor=actor: invitations.invite(
                session,
                organisation_id=here,
                email="mallory@example.org",
                name="Mallory",
                role="admin",
                actor=actor,
                now=NOW,
            )
        )
        refused_to_keys(
            lambda actor=actor: accounts.add_member(
                session, user_id=district.coach.id, organisation_id=here, role="admin", actor=actor, now=NOW
            )
        )
        refused_to_keys(
            lambda actor=actor: accounts.remove_member(
                session, user_id=district.admin.id, organisation_id=here, role="admin", actor=actor, now=NOW
            )
        )
    admins = session.scalars(select(Membership.user_id).where(Membership.role == "admin")).all()
    assert sorted(admins) == sorted([district.admin.id, district.stranger.id])


def test_a_key_makes_no_keys_of_any_kind(session: Session, district: District) -> None:
    here, keyring = district.organisation.id, Keyring("k" * 40)
    keys.create_key(session, keyring, here, COMMAND, NOW)
    for actor in (key_of(district), acting_for(district, district.admin.id)):
        refused_to_keys(lambda actor=actor: keys.create_key(session, keyring, here, actor, NOW))
        refused_to_keys(lambda actor=actor: keys.rotate(session, keyring, here, actor, NOW))
        refused_to_keys(
            lambda actor=actor: api_keys.create(
                session, organisation_id=here, name="Mine", scopes=["audit:read"], actor=actor, now=NOW
            )
        )


def test_a_key_never_runs_the_installation(session: Session, district: District) -> None:
    accounts.grant_operator(session, user_id=district.admin.id, actor=COMMAND, now=NOW)
    for actor in (key_of(district), acting_for(district, district.admin.id)):
        assert not is_operator(session, actor)
        with pytest.raises(Forbidden):
            accounts.grant_operator(session, user_id=district.coach.id, actor=actor, now=NOW)


def test_a_use_case_that_names_no_scope_is_closed_to_keys(session: Session, district: District) -> None:
    for role in ("teacher", "coach", "admin", "agency"):
        refused_to_keys(lambda role=role: require_role(session, key_of(district), district.organisation.id, role))


def test_a_scope_counts_in_the_use_case_too(session: Session, district: District, storage: Storage) -> None:
    """A view that forgot to ask is closed, not open."""
    here = district.organisation.id
    audit_only = key_of(district, "audit:read")
    waiting = factories.handed_in(session, storage, district.teacher, district.version)
    for_coach = Actor(
        "user", user_id=district.coach.id, organisation_id=here, via="abcdef012345", scopes=frozenset({"audit:read"})
    )
    for_teacher = Actor(
        "user", user_id=district.teacher.id, organisation_id=here, via="abcdef012345", scopes=frozenset({"audit:read"})
    )
    version_id, number = district.version.id, waiting.number
    attempts: tuple[Callable[[], object], ...] = (
        lambda: definitions.publish(session, version_id=version_id, actor=audit_only, now=NOW),
        lambda: definitions.apply(session, organisation_id=here, data=b"{}", actor=audit_only, now=NOW),
        lambda: frameworks.plan(session, organisation_id=here, data=b"{}", actor=audit_only),
        lambda: accounts.remove_member(
            session, user_id=district.coach.id, organisation_id=here, role="coach", actor=audit_only, now=NOW
        ),
        lambda: submissions.withdraw(session, number=number, actor=for_teacher, now=NOW),
        lambda: submissions.start(session, version_id=version_id, actor=for_teacher, now=NOW),
        lambda: sharing.share(session, "any", for_teacher, NOW),
        lambda: reviews.claim(session, number=number, actor=for_coach, now=NOW),
    )
    for attempt in attempts:
        with pytest.raises(Forbidden) as refused:
            attempt()
        assert refused.value.code == "scope_missing"


def test_a_key_of_another_organisation_finds_nothing(session: Session, district: District) -> None:
    foreign = Actor(
        "api_key", organisation_id=district.stranger.memberships[0].organisation_id, via="x", scopes=EVERY_SCOPE
    )
    with pytest.raises(NotFound):
        definitions.retire(session, version_id=district.version.id, actor=foreign, now=NOW)
    with pytest.raises(Forbidden):
        accounts.remove_member(
            session,
            user_id=district.coach.id,
            organisation_id=district.organisation.id,
            role="coach",
            actor=foreign,
            now=NOW,
        )


def test_what_a_key_did_names_the_key(session: Session, district: District) -> None:
    here = district.organisation.id
    accounts.remove_member(
        session, user_id=district.coach.id, organisation_id=here, role="coach", actor=key_of(district), now=NOW
    )
    entry = trail.events(session, organisation_id=here, action="member.remove")[0]
    assert entry.event.details["api_key"] == "abcdef012345"
    assert entry.event.details["api_key_name"] == "Roster"
    assert entry.who == "the API key Roster"
    submissions.start(session, version_id=district.version.id, actor=acting_for(district, district.teacher.id), now=NOW)
    newest = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (newest.details["api_key"], newest.details["api_key_name"]) == ("abcdef012345", "Roster")
