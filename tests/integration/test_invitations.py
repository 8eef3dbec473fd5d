"""Nobody becomes a member without having said yes, and inviting tells nobody who has an account."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from issuer.db import unit_of_work
from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import AuditEvent, MemberInvitation, Membership, User
from issuer.queries import members
from issuer.services import accounts, invitations
from issuer.services.access import Actor, roles_of
from tests import factories
from tests.factories import COMMAND, NOW, actor
from tests.integration.conftest import District

LATER = NOW + timedelta(hours=1)


def invite(
    session: Session, district: District, email: str, role: str = "coach", name: str = "Typed", who: Actor | None = None
) -> invitations.Invited:
    return invitations.invite(
        session,
        organisation_id=district.organisation.id,
        email=email,
        name=name,
        role=role,
        actor=who or actor(district.admin),
        now=NOW,
    )


def waiting(session: Session, district: District, email: str = "sam@hillside.example") -> MemberInvitation:
    found = invite(session, district, email).invitation
    assert found is not None
    return found


def test_an_account_of_another_district_is_no_member_until_it_accepts(session: Session, district: District) -> None:
    """Seen: typing an address made its owner a member, and showed the admin their name."""
    found = waiting(session, district)
    here, person = district.organisation.id, actor(district.stranger)
    assert roles_of(session, person, here) == frozenset()
    assert district.stranger.name not in [each.user.name for each in members.of_organisation(session, here)]
    assert found.name == "Typed"
    invitations.accept(session, number=found.number, actor=person, now=LATER)
    assert roles_of(session, person, here) == {"coach"}
    assert invitations.accept(session, number=found.number, actor=person, now=LATER).state == "accepted"
    count = select(func.count()).select_from(Membership).where(Membership.user_id == district.stranger.id)
    assert session.scalar(count.where(Membership.organisation_id == here)) == 1


def test_the_admin_cannot_tell_whether_there_was_an_account(session: Session, district: District) -> None:
    known, new = waiting(session, district), waiting(session, district, "new@example.org")
    shown = [
        (each.name, each.role, each.state, each.expires_at, each.sent_at, each.invited_at) for each in (known, new)
    ]
    assert shown[0] == shown[1]
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.organisation_id == district.organisation.id)
        .order_by(AuditEvent.id.desc())
        .limit(2)
    ).all()
    assert [(event.action, event.details) for event in events] == [("member.invite", {"role": "coach"})] * 2
    assert all(event.subject.startswith("invitation:") for event in events)
    for email in ("sam@hillside.example", "new@example.org"):
        with pytest.raises(Conflict) as refused:
            invite(session, district, email)
        assert refused.value.code == "already_invited"
        with pytest.raises(Invalid):
            invite(session, district, email, name=" ")


def test_a_member_gets_another_role_at_once(session: Session, district: District) -> None:
    done = invite(session, district, "Tara@lakeside.example")
    assert (done.invitation, done.member is not None) == (None, True)
    assert roles_of(session, actor(district.teacher), district.organisation.id) == {"teacher", "coach"}
    with pytest.raises(Conflict) as refused:
        invite(session, district, "tara@lakeside.example")
    assert refused.value.code == "already_member"


def test_no_admin_adds_a_stranger_past_the_invitation(session: Session, district: District) -> None:
    here, who = district.organisation.id, district.stranger.id
    with pytest.raises(Conflict) as refused:
        accounts.add_member(
            session, user_id=who, organisation_id=here, role="coach", actor=actor(district.admin), now=NOW
        )
    assert refused.value.code == "invitation_needed"
    accounts.add_member(session, user_id=who, organisation_id=here, role="coach", actor=COMMAND, now=NOW)
    assert roles_of(session, actor(district.stranger), here) == {"coach"}


def test_only_admins_invite_and_only_the_invited_answer(session: Session, district: District) -> None:
    for person in (district.teacher, district.coach, district.stranger):
        with pytest.raises(Forbidden):
            invite(session, district, "eve@example.org", who=actor(person))
    found = waiting(session, district)
    for person in (district.teacher, district.admin):
        for reply in (invitations.accept, invitations.decline):
            with pytest.raises(NotFound):
                reply(session, number=found.number, actor=actor(person), now=LATER)
    through_key = Actor("user", user_id=district.stranger.id, organisation_id=district.organisation.id, via="x")
    with pytest.raises(Forbidden):
        invitations.accept(session, number=found.number, actor=through_key, now=LATER)
    theirs = district.stranger.memberships[0].organisation_id
    for change in (invitations.withdraw, invitations.send_again):
        with pytest.raises(NotFound):
            change(session, organisation_id=theirs, number=found.number, actor=actor(district.stranger), now=LATER)


@pytest.mark.parametrize("how", ["withdrawn", "declined", "expired"])
def test_an_invitation_that_ended_cannot_be_accepted(session: Session, district: District, how: str) -> None:
    found, person, now = waiting(session, district), actor(district.stranger), LATER
    if how == "withdrawn":
        for _ in range(2):
            invitations.withdraw(
                session,
                organisation_id=district.organisation.id,
                number=found.number,
                actor=actor(district.admin),
                now=LATER,
            )
    elif how == "declined":
        for _ in range(2):
            invitations.decline(session, number=found.number, actor=person, now=LATER)
    else:
        now = NOW + invitations.OPEN_FOR
    with pytest.raises(Conflict) as refused:
        invitations.accept(session, number=found.number, actor=person, now=now)
    assert refused.value.code == "invitation_ended"
    assert roles_of(session, person, district.organisation.id) == frozenset()


def test_sent_again_it_is_open_again_and_not_too_often(session: Session, district: District) -> None:
    found, here, admin = waiting(session, district), district.organisation.id, actor(district.admin)
    with pytest.raises(Conflict) as refused:
        invitations.send_again(session, organisation_id=here, number=found.number, actor=admin, now=NOW)
    assert refused.value.code == "invitation_sent_lately"
    late = NOW + timedelta(days=20)
    invitations.send_again(session, organisation_id=here, number=found.number, actor=admin, now=late)
    assert found.expires_at == late + invitations.OPEN_FOR
    invitations.accept(session, number=found.number, actor=actor(district.stranger), now=late)
    with pytest.raises(Conflict):
        invitations.withdraw(session, organisation_id=here, number=found.number, actor=admin, now=late)


def test_invitations_of_a_removed_admin_are_withdrawn(session: Session, district: District) -> None:
    second = factories.person(session, district.organisation, "zoe@lakeside.example", "admin")
    found = waiting(session, district)
    accounts.remove_member(
        session,
        user_id=district.admin.id,
        organisation_id=district.organisation.id,
        role="admin",
        actor=actor(second),
        now=LATER,
    )
    assert found.state == "withdrawn"
    with pytest.raises(Conflict):
        invitations.accept(session, number=found.number, actor=actor(district.stranger), now=LATER)


def test_a_role_that_was_given_meanwhile_is_no_obstacle(session: Session, district: District) -> None:
    found, here = waiting(session, district), district.organisation.id
    accounts.add_member(
        session, user_id=district.stranger.id, organisation_id=here, role="coach", actor=COMMAND, now=NOW
    )
    invitations.accept(session, number=found.number, actor=actor(district.stranger), now=LATER)
    assert roles_of(session, actor(district.stranger), here) == {"coach"}


def test_the_first_password_accepts_the_invitation_that_made_the_account_and_no_other(
    session: Session, district: District
) -> None:
    theirs = district.stranger.memberships[0].organisation_id
    first = waiting(session, district, "new@example.org")
    second = invitations.invite(
        session,
        organisation_id=theirs,
        email="new@example.org",
        name="Other",
        role="teacher",
        actor=actor(district.stranger),
        now=NOW,
    ).invitation
    assert second is not None
    person = session.scalars(select(User).where(User.email == "new@example.org")).one()
    invitations.accept_by_first_password(session, user=person, now=LATER)
    assert (first.state, second.state) == ("accepted", "open")
    assert roles_of(session, actor(person), theirs) == frozenset()


def test_the_same_person_invited_twice_at_once_is_invited_once(
    sessions: sessionmaker[Session], session: Session, district: District
) -> None:
    start, results = threading.Barrier(2), []

    def try_it() -> None:
        start.wait()
        try:
            with unit_of_work(sessions) as other:
                waiting(other, district, "new@example.org")
            results.append("invited")
        except Conflict as refused:
            results.append(refused.code)

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["already_invited", "invited"]
    assert session.scalar(select(func.count()).select_from(MemberInvitation)) == 1
