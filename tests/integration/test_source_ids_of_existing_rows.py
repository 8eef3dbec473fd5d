"""Microcredentials that were imported before badges were found by their id: the migration gives them theirs."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from achievements.model import Achievement
from issuer import migrations
from tests import factories

HERE = "https://badges.example.org/1"


def imported(key: str, identity: object) -> Achievement:
    return replace(factories.achievement(key), extensions=MappingProxyType({"id": identity}))


@pytest.fixture
def before() -> str:
    """The revision below the one that is tried here, whatever it is by now."""
    revision = ScriptDirectory.from_config(migrations.configuration()).get_revision("0008").down_revision
    assert isinstance(revision, str)
    return revision


def test_rows_of_before_are_found_again_by_their_id(
    engine: Engine, sessions: sessionmaker[Session], before: str
) -> None:
    with sessions.begin() as session:
        here, there = factories.organisation(session), factories.organisation(session, "hillside", "Hillside")
        factories.published(session, here, imported("robots", "HTTPS://Badges.example.org/1"))
        factories.published(session, here, imported("robots-again", HERE), status="draft")
        factories.published(session, there, imported("robots", HERE))
        factories.published(session, here, imported("spoilt", {"no": "id"}))
        factories.published(session, here, imported("endless", HERE + "a" * 600))
        factories.published(session, here)
    migrations.downgrade(engine, before)
    migrations.upgrade(engine)
    with engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT a.key, o.slug, a.source_id FROM achievements a JOIN organisations o ON o.id = a.organisation_id"
            )
        ).all()
        versions = connection.execute(text("SELECT count(*) FROM achievement_versions")).scalar()
    assert {(key, slug): identity for key, slug, identity in found} == {
        ("robots", "lakeside"): HERE,
        ("robots-again", "lakeside"): None,
        ("robots", "hillside"): HERE,
        ("spoilt", "lakeside"): None,
        ("endless", "lakeside"): None,
        ("check-understanding", "lakeside"): None,
    }
    assert versions == 6
