"""A small world that is ready to issue: an organisation with a key, its people, one approved submission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from issuer.credentials.addresses import Addresses
from issuer.models import Credential, Organisation, Submission, User
from issuer.services import issuance, keys
from issuer.signing import Keyring, OwnOutput
from issuer.storage import Storage
from tests import factories

LATER = factories.NOW + timedelta(days=1)


@dataclass
class World:
    session: Session
    storage: Storage
    keyring: Keyring
    organisation: Organisation
    teacher: User
    coach: User
    admin: User
    addresses: Addresses
    own_output: OwnOutput

    def approved(self, key: str = "check-understanding", teacher: User | None = None) -> Submission:
        definition = factories.achievement(key)
        version = factories.published(self.session, self.organisation, definition)
        submission = factories.handed_in(self.session, self.storage, teacher or self.teacher, version)
        return factories.approved(self.session, submission, self.coach)

    def issue(self, submission: Submission, now: datetime = LATER) -> Credential:
        return issuance.issue(
            self.session, self.keyring, self.own_output, self.addresses, self.storage, submission.id, now
        )


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring("k" * 40)


@pytest.fixture
def world(session: Session, storage: Storage, keyring: Keyring) -> World:
    organisation = factories.organisation(session)
    world = World(
        session,
        storage,
        keyring,
        organisation,
        factories.person(session, organisation, "teacher@lakeside.example", "teacher"),
        factories.person(session, organisation, "coach@lakeside.example", "coach"),
        factories.person(session, organisation, "admin@lakeside.example", "admin"),
        Addresses("https://badges.example.org"),
        OwnOutput(),
    )
    keys.create_key(session, keyring, organisation.id, factories.actor(world.admin), factories.NOW)
    return world
