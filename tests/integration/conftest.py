"""A small district for every test here: one microcredential, a teacher, two coaches, an admin, and a neighbour."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from issuer.models import AchievementVersion, Organisation, User
from tests import factories


@dataclass(frozen=True)
class District:
    organisation: Organisation
    version: AchievementVersion
    teacher: User
    coach: User
    other_coach: User
    admin: User
    #: Somebody with every role in another organisation.
    stranger: User


@pytest.fixture
def district(session: Session) -> District:
    """Committed, so that other sessions see it."""
    here = factories.organisation(session)
    there = factories.organisation(session, "hillside", "Hillside Schools")
    made = District(
        organisation=here,
        version=factories.published(session, here),
        teacher=factories.person(session, here, "tara@lakeside.example", "teacher"),
        coach=factories.person(session, here, "carl@lakeside.example", "coach", "teacher"),
        other_coach=factories.person(session, here, "cora@lakeside.example", "coach"),
        admin=factories.person(session, here, "ada@lakeside.example", "admin"),
        stranger=factories.person(session, there, "sam@hillside.example", "teacher", "coach", "admin"),
    )
    session.commit()
    return made
