"""An agency that may have credentials verified in bulk, and files for it to hand in."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from issuer.config import Config
from issuer.models import Organisation, User
from issuer.runtime import Runtime, build_runtime
from issuer.services import bulk
from issuer.storage import Storage
from tests import factories, simulator


@dataclass(frozen=True)
class Agency:
    organisation: Organisation
    officer: User
    teacher: User
    #: An officer of another agency.
    stranger: User


@pytest.fixture
def agency(session: Session) -> Agency:
    """Committed, so that other sessions see it."""
    here = factories.organisation(session, "state", "State Agency")
    there = factories.organisation(session, "other-state", "Other Agency")
    made = Agency(
        here,
        factories.person(session, here, "olga@state.example", "agency"),
        factories.person(session, here, "tom@state.example", "teacher"),
        factories.person(session, there, "otto@other.example", "agency", "admin"),
    )
    session.commit()
    return made


@pytest.fixture
def lines() -> Callable[[int], bytes]:
    """JSON Lines: good badges by an issuer that nobody here recognises, and every third line none at all."""
    issuer = simulator.World().issuer("did:key")
    good = issuer.sign(issuer.badge())

    def make(count: int) -> bytes:
        return b"".join((b"nothing" if number % 3 == 2 else good) + b"\n" for number in range(count))

    return make


@pytest.fixture
def runtime(agency: Agency, config: Config) -> Iterator[Runtime]:
    made = build_runtime(config)
    yield made
    made.close()


@pytest.fixture
def hand_in(session: Session, agency: Agency, storage: Storage) -> Callable[..., str]:
    """Start a job as the officer; its number. Committed."""

    def start(data: bytes, file_name: str = "badges.jsonl") -> str:
        received = storage.receive(io.BytesIO(data), 10_000_000)
        with received.file:
            job = bulk.start(
                session,
                agency.organisation.id,
                received,
                file_name=file_name,
                media_type="",
                actor=factories.actor(agency.officer),
                now=factories.NOW,
            )
        session.commit()
        return job.number

    return start
