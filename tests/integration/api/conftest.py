"""The API of a small district: a key for every scope, and a client that carries it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from issuer.api.limits import limiter
from issuer.app import create_app
from issuer.config import Config
from issuer.models import ApiKey, User
from issuer.runtime import Runtime, build_runtime
from issuer.services import api_keys, consents, issuance, keys
from tests import factories
from tests.factories import COMMAND, NOW
from tests.integration.conftest import District


@dataclass
class Enqueued:
    """In place of the queue: what was handed over."""

    found: list[tuple[str, int]]

    def issue(self, submission_number: str, attempt: int) -> None:
        self.found.append((submission_number, attempt))

    def reissue(self, number: str) -> None:
        self.found.append((number, 0))

    def verify(self, number: str) -> None:
        self.found.append((number, 0))


@pytest.fixture
def runtime(config: Config) -> Iterator[Runtime]:
    from dataclasses import replace

    made = replace(build_runtime(config), clock=lambda: NOW, enqueue=Enqueued([]))
    yield made
    made.engine.dispose()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    made = create_app(runtime=runtime)
    made.testing = True
    limiter.reset()
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def new_key(session: Session, district: District) -> Callable[..., str]:
    def make(*scopes: str) -> str:
        _, text = api_keys.create(
            session,
            organisation_id=district.organisation.id,
            name="tests",
            scopes=scopes or list(api_keys.SCOPES),
            actor=COMMAND,
            now=NOW,
        )
        session.commit()
        return text

    return make


@pytest.fixture
def agree(session: Session) -> Callable[..., None]:
    """`agree(text, person)`: this person lets the key with this text act for them."""

    def give(text: str, *people: User) -> None:
        prefix = text.split("_")[1]
        for each in people:
            key = session.query(ApiKey).filter_by(prefix=prefix).one()
            consents.ask(
                session,
                organisation_id=key.organisation_id,
                prefix=prefix,
                user_id=each.id,
                actor=COMMAND,
                now=NOW,
            )
            consents.give(session, prefix=prefix, days=None, actor=factories.actor(each), now=NOW)
        session.commit()

    return give


Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient, new_key: Callable[..., str], agree: Callable[..., None], district: District) -> Ask:
    """`ask("GET", "/members")` with a key of every scope; `member` names for whom it acts: everybody has agreed."""
    key = new_key()
    agree(key, district.teacher, district.coach, district.other_coach, district.admin)

    def send(method: str, path: str, *, member: str = "", **kwargs: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {key}", **kwargs.pop("headers", {})}
        if member:
            headers["Badgewright-Member"] = member
        return client.open(f"/api/v1{path}", method=method, headers=headers, buffered=True, **kwargs)

    return send


@pytest.fixture
def credential_number(session: Session, district: District, runtime: Runtime) -> str:
    """Of an issued credential of the district's teacher."""
    keys.create_key(session, runtime.keyring, district.organisation.id, COMMAND, NOW)
    submission = factories.handed_in(session, runtime.storage, district.teacher, district.version)
    factories.approved(session, submission, district.coach)
    credential = issuance.issue(
        session,
        runtime.keyring,
        runtime.verifier_for_own_output,
        runtime.addresses,
        runtime.storage,
        submission.id,
        NOW,
    )
    session.commit()
    return credential.number


def body(response: TestResponse) -> Any:
    return json.loads(response.get_data())
