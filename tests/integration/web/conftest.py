"""The whole application on a migrated database, and browsers without a screen for each person of the district."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from issuer.app import create_app
from issuer.config import Config
from issuer.db import unit_of_work
from issuer.models import Credential, Submission, User, UserSession
from issuer.queries.user_sessions import digest
from issuer.runtime import Runtime, build_runtime
from issuer.services import issuance, keys, sharing, user_sessions
from issuer.services.access import Actor
from issuer.web.background import Background
from issuer.web.limits import limiter
from issuer.web.sessions import PROOF
from tests import factories
from tests.integration.conftest import District


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The pages sit on services that are tested on both databases; one is enough here."""
    return sqlite_url


@dataclass
class Handed:
    """Remembers what would go to the workers."""

    issued: list[tuple[str, int]] = field(default_factory=list)
    verified: list[str] = field(default_factory=list)
    reissued: list[str] = field(default_factory=list)

    def issue(self, submission_number: str, attempt: int) -> None:
        self.issued.append((submission_number, attempt))

    def reissue(self, number: str) -> None:
        self.reissued.append(number)

    def verify(self, number: str) -> None:
        self.verified.append(number)


@pytest.fixture
def runtime(config: Config) -> Iterator[Runtime]:
    made = replace(build_runtime(config), enqueue=Handed())
    yield made
    made.engine.dispose()


@pytest.fixture
def app(runtime: Runtime) -> Iterator[Flask]:
    made = create_app(runtime=runtime)
    limiter.enabled = False
    yield made
    limiter.enabled = True
    limiter.reset()


def sign_in(app: Flask, client: FlaskClient, user: User) -> None:
    """What the sign-in page does, without a password."""
    runtime: Runtime = app.extensions["badgewright"]
    with unit_of_work(runtime.sessions) as session:
        made, token = user_sessions.begin(
            session, user_id=user.id, client="A test", remembered=False, actor=Actor.of(user), now=runtime.clock()
        )
        proof = user_sessions.confirm(session, number=made.number, now=runtime.clock())
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"], cookie[PROOF] = token, True, proof


def an_hour_goes_by(browser: Browser) -> None:
    """Since the password of whoever is signed in was typed."""
    runtime: Runtime = browser.client.application.extensions["badgewright"]
    with browser.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with unit_of_work(runtime.sessions) as session:
        session.execute(
            update(UserSession)
            .where(UserSession.token_sha256 == digest(token))
            .values(confirmed_at=runtime.clock() - timedelta(hours=1))
        )


class Browser:
    """A person's browser: keeps cookies and fills in the form's token."""

    def __init__(self, app: Flask, user: User | None = None) -> None:
        self.client: FlaskClient = app.test_client()
        if user is not None:
            sign_in(app, self.client, user)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/verify").text)
        assert token is not None
        return self.client.post(path, data={**(data or {}), "csrf_token": token[1]}, **kwargs)


@pytest.fixture
def stranger(app: Flask) -> Browser:
    """Nobody: without an account."""
    return Browser(app)


@pytest.fixture
def teacher(app: Flask, district: District) -> Browser:
    return Browser(app, district.teacher)


@pytest.fixture
def coach(app: Flask, district: District) -> Browser:
    return Browser(app, district.coach)


@pytest.fixture
def admin(app: Flask, district: District) -> Browser:
    return Browser(app, district.admin)


@pytest.fixture
def neighbour(app: Flask, district: District) -> Browser:
    """Teacher, coach and admin of another district."""
    return Browser(app, district.stranger)


@pytest.fixture
def draft(runtime: Runtime, district: District) -> Submission:
    with unit_of_work(runtime.sessions) as session:
        return factories.draft(session, session.merge(district.teacher), session.merge(district.version))


@pytest.fixture
def waiting(runtime: Runtime, district: District) -> Submission:
    """Handed in, not yet taken by a coach."""
    with unit_of_work(runtime.sessions) as session:
        teacher, version = session.merge(district.teacher), session.merge(district.version)
        return factories.handed_in(session, runtime.storage, teacher, version)


@pytest.fixture
def credential(runtime: Runtime, district: District, waiting: Submission) -> Credential:
    """Issued to the teacher, not shared."""
    with unit_of_work(runtime.sessions) as session:
        keys.create_key(session, runtime.keyring, district.organisation.id, Actor.command("tests"), factories.NOW)
        submission = session.merge(waiting)
        factories.approved(session, submission, session.merge(district.coach))
        made = issuance.issue(
            session,
            runtime.keyring,
            runtime.verifier_for_own_output,
            runtime.addresses,
            runtime.storage,
            submission.id,
            factories.NOW + timedelta(hours=3),
        )
        # Read while the session is there, for tests that look at them.
        assert made.submission.evidence
        assert made.status_entry.list
    return made


@pytest.fixture
def shared(runtime: Runtime, district: District, credential: Credential) -> Credential:
    with unit_of_work(runtime.sessions) as session:
        sharing.share(session, credential.number, Actor.of(district.teacher), factories.NOW)
    return credential


def settle(app: Flask) -> None:
    """Wait until what goes on after answers is done, such as mail."""
    settle_background(app.extensions["badgewright_background"])


def settle_background(background: Background) -> None:
    """Wait until everything that was started before is done."""
    wait(background._under_way.copy())


def upload(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    """A file field of a form."""
    return io.BytesIO(data), name
