"""A key ends when it should: on its date, with its maker, after a rotation, away from its addresses."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from issuer.db import unit_of_work
from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import ApiKey, AuditEvent, Membership
from issuer.queries import members
from issuer.services import accounts, api_keys
from issuer.services.access import Actor
from tests import factories
from tests.factories import COMMAND, NOW
from tests.integration.conftest import District

DAY = timedelta(days=1)


def made(session: Session, district: District, actor: Actor | None = None, **options: object) -> tuple[ApiKey, str]:
    return api_keys.create(
        session,
        organisation_id=district.organisation.id,
        name="Roster",
        scopes=["members:read"],
        actor=actor or factories.actor(district.admin),
        now=NOW,
        **options,  # type: ignore[arg-type]  # handed through
    )


def second_admin(session: Session, district: District) -> Actor:
    person = factories.person(session, district.organisation, "zoe@lakeside.example", "admin")
    return factories.actor(person)


def remove_admin(session: Session, district: District) -> list[ApiKey]:
    return accounts.remove_member(
        session,
        user_id=district.admin.id,
        organisation_id=district.organisation.id,
        role="admin",
        actor=COMMAND,
        now=NOW + DAY,
    )


def test_a_key_ends_on_its_date(session: Session, district: District) -> None:
    key, text = made(session, district)
    assert key.expires_at == NOW + 365 * DAY
    assert api_keys.authenticate(session, text, key.expires_at - timedelta(seconds=1)) is key
    assert api_keys.authenticate(session, text, key.expires_at) is None
    short, _ = made(session, district, days=3)
    assert short.expires_at == NOW + 3 * DAY
    for days in (0, -1, 366):
        with pytest.raises(Invalid) as refused:
            made(session, district, days=days)
        assert refused.value.code == "key_days_invalid"
    assert made(session, district, max_days=30)[0].expires_at == NOW + 30 * DAY


def test_a_removed_admin_keeps_no_key(session: Session, district: District) -> None:
    """Seen: the key of a removed admin worked on."""
    second = second_admin(session, district)
    mine, text = made(session, district)
    _, others = made(session, district, second)
    removal = members.removal(
        session, organisation_id=district.organisation.id, user_id=district.admin.id, role="admin", now=NOW
    )
    assert removal.keys == (mine,)
    assert remove_admin(session, district) == [mine]
    assert api_keys.authenticate(session, text, NOW + DAY) is None
    assert api_keys.authenticate(session, others, NOW + DAY) is not None
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "member.remove")).one()
    assert event.details["api_keys"] == [mine.prefix]


def test_a_key_that_another_admin_rotated_stays_and_its_old_secret_ends(session: Session, district: District) -> None:
    second = second_admin(session, district)
    key, old = made(session, district)
    here = district.organisation.id
    _, new = api_keys.rotate(session, organisation_id=here, prefix=key.prefix, actor=second, now=NOW)
    assert api_keys.authenticate(session, old, NOW) is key
    remove_admin(session, district)
    assert api_keys.authenticate(session, old, NOW + DAY) is None
    assert api_keys.authenticate(session, new, NOW + DAY) is key


def test_another_role_takes_no_key_along(session: Session, district: District) -> None:
    _, text = made(session, district)
    accounts.add_member(
        session,
        user_id=district.admin.id,
        organisation_id=district.organisation.id,
        role="coach",
        actor=COMMAND,
        now=NOW,
    )
    ended = accounts.remove_member(
        session,
        user_id=district.admin.id,
        organisation_id=district.organisation.id,
        role="coach",
        actor=COMMAND,
        now=NOW,
    )
    assert ended == []
    assert api_keys.authenticate(session, text, NOW) is not None


def test_the_keys_of_an_account_that_was_switched_off_stop_at_once(session: Session, district: District) -> None:
    _, text = made(session, district)
    district.admin.active = False
    session.flush()
    assert api_keys.authenticate(session, text, NOW) is None


def test_a_key_made_while_its_maker_is_removed_does_not_outlive_them(
    sessions: sessionmaker[Session], session: Session, district: District
) -> None:
    second_admin(session, district)
    session.commit()
    texts: list[str] = []
    started = threading.Event()

    def make() -> None:
        started.set()
        try:
            with unit_of_work(sessions) as other:
                texts.append(made(other, district)[1])
        except Forbidden:
            # The removal came first.
            return

    with unit_of_work(sessions) as first:
        # The organisation's row is held from here on.
        remove_admin(first, district)
        thread = threading.Thread(target=make)
        thread.start()
        started.wait()
    thread.join()
    with unit_of_work(sessions) as after:
        assert not after.scalars(select(Membership).where(Membership.user_id == district.admin.id)).all()
        assert [text for text in texts if api_keys.authenticate(after, text, NOW + DAY)] == []


def test_both_secrets_work_until_the_old_one_ends(session: Session, district: District) -> None:
    key, old = made(session, district)
    here, admin = district.organisation.id, factories.actor(district.admin)
    later = NOW + 100 * DAY
    _, new = api_keys.rotate(session, organisation_id=here, prefix=key.prefix, actor=admin, now=later)
    assert key.previous_ends_at == later + 7 * DAY
    assert key.expires_at == later + 365 * DAY
    for text in (old, new):
        assert api_keys.authenticate(session, text, later + 6 * DAY) is key
    assert key.previous_used_at == later + 6 * DAY
    assert api_keys.authenticate(session, old, later + 7 * DAY) is None
    assert api_keys.authenticate(session, new, later + 7 * DAY) is key


def test_rotating_twice_ends_the_secret_before_the_last(session: Session, district: District) -> None:
    key, first = made(session, district)
    here, admin = district.organisation.id, factories.actor(district.admin)
    _, second = api_keys.rotate(session, organisation_id=here, prefix=key.prefix, actor=admin, now=NOW)
    _, third = api_keys.rotate(session, organisation_id=here, prefix=key.prefix, actor=admin, now=NOW)
    assert api_keys.authenticate(session, first, NOW) is None
    assert api_keys.authenticate(session, second, NOW) is key
    assert api_keys.authenticate(session, third, NOW) is key


def test_rotation_lets_no_secret_outlive_its_own_date(session: Session, district: District) -> None:
    key, old = made(session, district, days=2)
    admin, ends = factories.actor(district.admin), key.expires_at
    api_keys.rotate(
        session, organisation_id=district.organisation.id, prefix=key.prefix, actor=admin, now=NOW, overlap_days=30
    )
    assert api_keys.authenticate(session, old, ends) is None


@pytest.mark.parametrize("overlap", [-1, 31])
def test_the_overlap_is_bounded(session: Session, district: District, overlap: int) -> None:
    key, _ = made(session, district)
    with pytest.raises(Invalid) as refused:
        api_keys.rotate(
            session,
            organisation_id=district.organisation.id,
            prefix=key.prefix,
            actor=COMMAND,
            now=NOW,
            overlap_days=overlap,
        )
    assert refused.value.code == "key_overlap_invalid"


def test_a_key_that_ended_is_not_rotated_back_to_life(session: Session, district: District) -> None:
    here = district.organisation.id
    expired, _ = made(session, district, days=1)
    revoked, _ = made(session, district)
    api_keys.revoke(session, organisation_id=here, prefix=revoked.prefix, actor=COMMAND, now=NOW)
    for key in (expired, revoked):
        with pytest.raises(Conflict) as refused:
            api_keys.rotate(session, organisation_id=here, prefix=key.prefix, actor=COMMAND, now=NOW + 2 * DAY)
        assert refused.value.code == "key_ended"


def test_nobody_rotates_another_districts_key(session: Session, district: District) -> None:
    key, _ = made(session, district)
    stranger = factories.actor(district.stranger)
    theirs = district.stranger.memberships[0].organisation_id
    with pytest.raises(NotFound):
        api_keys.rotate(session, organisation_id=theirs, prefix=key.prefix, actor=stranger, now=NOW)
    with pytest.raises(Forbidden):
        api_keys.rotate(session, organisation_id=district.organisation.id, prefix=key.prefix, actor=stranger, now=NOW)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("192.0.3.7", False),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("198.51.100.4", True),
        ("", False),
        (None, False),
        ("not an address", False),
    ],
)
def test_a_bound_key_works_from_its_addresses_alone(
    session: Session, district: District, address: str | None, taken: bool
) -> None:
    key, text = made(session, district, networks=["192.0.2.0/24", "2001:db8::/32", "198.51.100.4"])
    assert key.networks == ["192.0.2.0/24", "2001:db8::/32", "198.51.100.4/32"]
    assert (api_keys.authenticate(session, text, NOW, address=address) is key) is taken


@pytest.mark.parametrize(
    "networks", [["192.0.2.1/24"], ["example.org"], ["::/200"], [""], [f"192.0.2.{n}" for n in range(21)]]
)
def test_what_is_no_network_is_refused(session: Session, district: District, networks: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        made(session, district, networks=networks)
    assert refused.value.code == "network_invalid"
