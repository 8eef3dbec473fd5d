from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import User
from issuer.services import access, accounts, api_keys
from issuer.services.access import Actor
from tests import factories
from tests.factories import COMMAND, NOW, actor
from tests.integration.conftest import District


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("A", "slug_invalid"),
        ("Lakeside", "slug_invalid"),
        ("-lake", "slug_invalid"),
        ("lake-", "slug_invalid"),
        ("lake/side", "slug_invalid"),
        ("l" * 64, "slug_invalid"),
        ("lákeside", "slug_invalid"),
        ("admin", "slug_reserved"),
        ("well-known", "slug_reserved"),
    ],
)
def test_slugs_that_cannot_be(session: Session, slug: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        factories.organisation(session, slug)
    assert caught.value.code == code
    assert caught.value.faults[0].pointer == "slug"


def test_slugs_are_taken_once(session: Session, district: District) -> None:
    with pytest.raises(Conflict) as caught:
        factories.organisation(session, "lakeside")
    assert caught.value.code == "slug_taken"


def test_one_account_for_an_address_in_whatever_case(session: Session, district: District) -> None:
    with pytest.raises(Conflict) as caught:
        accounts.create_user(
            session, email=" Tara@Lakeside.EXAMPLE ", name="T", password_hash=None, actor=COMMAND, now=NOW
        )
    assert caught.value.code == "email_taken"
    assert accounts.find_user(session, "TARA@lakeside.example") is district.teacher
    assert accounts.find_user(session, "not an address") is None
    with pytest.raises(IntegrityError):
        session.execute(update(User).where(User.id == district.teacher.id).values(email="Tara@lakeside.example"))


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@c.example", "a@c.example\nBcc: d@e.example"])
def test_addresses_that_are_none(session: Session, email: str) -> None:
    with pytest.raises(Invalid) as caught:
        accounts.create_user(session, email=email, name="N", password_hash=None, actor=COMMAND, now=NOW)
    assert caught.value.code == "email_invalid"


def test_the_last_admin_stays(session: Session, district: District) -> None:
    with pytest.raises(Conflict) as caught:
        accounts.remove_member(
            session,
            user_id=district.admin.id,
            organisation_id=district.organisation.id,
            role="admin",
            actor=actor(district.admin),
            now=NOW,
        )
    assert caught.value.code == "last_admin"
    with pytest.raises(NotFound):
        accounts.remove_member(
            session,
            user_id=district.stranger.id,
            organisation_id=district.organisation.id,
            role="coach",
            actor=actor(district.admin),
            now=NOW,
        )


def test_an_operator_runs_the_installation(session: Session, district: District) -> None:
    with pytest.raises(Forbidden):
        accounts.grant_operator(session, user_id=district.admin.id, actor=actor(district.admin), now=NOW)
    accounts.grant_operator(session, user_id=district.teacher.id, actor=COMMAND, now=NOW)
    accounts.grant_operator(session, user_id=district.teacher.id, actor=COMMAND, now=NOW)
    session.expire_all()
    assert "admin" in access.roles_of(session, actor(district.teacher), district.organisation.id)
    district.teacher.active = False
    session.flush()
    assert access.roles_of(session, actor(district.teacher), district.organisation.id) == frozenset()


def test_an_api_key_is_shown_once_and_works_until_it_is_revoked(session: Session, district: District) -> None:
    here, admin = district.organisation.id, actor(district.admin)
    key, text = api_keys.create(
        session, organisation_id=here, name="SIS", scopes=["submissions:read"], actor=admin, now=NOW
    )
    session.commit()
    assert text.startswith("bw_")
    assert text not in str({column.name: getattr(key, column.name) for column in key.__table__.columns})
    assert api_keys.authenticate(session, text, NOW) is key
    assert api_keys.authenticate(session, text, NOW + timedelta(minutes=1)) is key
    assert key.last_used_at == NOW
    assert api_keys.authenticate(session, text, NOW + timedelta(hours=1)) is key
    assert key.last_used_at == NOW + timedelta(hours=1)
    with pytest.raises(NotFound):
        api_keys.revoke(
            session,
            organisation_id=district.stranger.memberships[0].organisation_id,
            prefix=key.prefix,
            actor=actor(district.stranger),
            now=NOW,
        )
    api_keys.revoke(session, organisation_id=here, prefix=key.prefix, actor=admin, now=NOW)
    assert api_keys.authenticate(session, text, NOW) is None


def test_a_key_that_is_almost_right_is_wrong(session: Session, district: District) -> None:
    _, text = api_keys.create(
        session,
        organisation_id=district.organisation.id,
        name="SIS",
        scopes=["submissions:read"],
        actor=actor(district.admin),
        now=NOW,
    )
    last = "A" if text[-1] != "A" else "B"
    for wrong in (
        "",
        "bw_",
        text[:-1] + last,
        text[:-1],
        text + "A",
        text.upper(),
        "bw_000000000000_" + text[-43:],
        "é",
    ):
        assert api_keys.authenticate(session, wrong, NOW) is None


@pytest.mark.parametrize("scopes", [[], ["everything"], ["submissions:read", "x y:z"]])
def test_scopes_have_a_form(session: Session, district: District, scopes: list[str]) -> None:
    with pytest.raises(Invalid) as caught:
        api_keys.create(
            session,
            organisation_id=district.organisation.id,
            name="SIS",
            scopes=scopes,
            actor=actor(district.admin),
            now=NOW,
        )
    assert caught.value.code == "scope_invalid"


def test_an_api_key_never_reaches_beyond_its_organisation(session: Session, district: District) -> None:
    here = district.organisation.id
    there = district.stranger.memberships[0].organisation_id
    assert access.roles_of(session, Actor("api_key", organisation_id=here), here) == frozenset()
    assert access.roles_of(session, Actor("api_key", organisation_id=here), there) == frozenset()
    # For a member it has the member's roles, in its own organisation alone.
    for_teacher = Actor("user", user_id=district.teacher.id, organisation_id=here)
    assert access.roles_of(session, for_teacher, here) == {"teacher"}
    for_stranger = Actor("user", user_id=district.stranger.id, organisation_id=here)
    assert access.roles_of(session, for_stranger, here) == frozenset()
    assert access.roles_of(session, for_stranger, there) == frozenset()
    assert not access.is_operator(session, for_teacher)
