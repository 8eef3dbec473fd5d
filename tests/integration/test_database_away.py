"""While the database restarts, is locked or full: 503 or 507 with a sentence, as a page and as a problem, never 500."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from issuer import db
from issuer.app import create_app
from issuer.config import Config
from issuer.db import normalise_url, trouble
from issuer.runtime import Runtime, build_runtime
from issuer.services import api_keys
from issuer.services.access import Actor
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser

READING = ("/", "/catalogue", "/orgs/lakeside", "/home", "/api/v1/members", "/status/1", "/credentials/1")


@pytest.fixture
def runtime(config: Config) -> Iterator[Runtime]:
    made = build_runtime(config)
    yield made
    made.close()


@pytest.fixture
def app(runtime: Runtime) -> Flask:
    return create_app(runtime=runtime)


@pytest.fixture
def key(session, district: District) -> str:
    _, made = api_keys.create(
        session,
        organisation_id=district.organisation.id,
        name="tests",
        scopes=list(api_keys.SCOPES),
        actor=Actor.command("tests"),
        now=factories.NOW,
    )
    session.commit()
    return made


def is_away(browser: Browser, path: str, key: str) -> None:
    answer = browser.get(path, headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5"), (path, answer.text)
    if answer.mimetype == "application/problem+json":
        assert json.loads(answer.data)["code"] == "database_away"
    else:
        assert "The database is not responding" in answer.text


@pytest.mark.postgresql
def test_a_database_that_is_stopped(postgresql_url: str, runtime: Runtime, app: Flask, district, key) -> None:
    """PostgreSQL ends every connection and takes no new ones; then it is there again."""
    if runtime.engine.dialect.name != "postgresql":
        pytest.skip("PostgreSQL alone ends connections")
    browser = Browser(app, district.admin)
    assert browser.get("/home").status_code in (200, 302)
    url = make_url(normalise_url(postgresql_url))
    server = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false'))
        try:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
                {"name": url.database},
            )
            for path in READING:
                is_away(browser, path, key)
            stranger = Browser(app)
            assert stranger.get("/readyz").status_code == 503
            assert stranger.get("/healthz").status_code == 200
            assert stranger.get("/verify").status_code == 200
        finally:
            connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true'))
    server.dispose()
    assert browser.get("/catalogue").status_code == 200


def test_a_backend_that_is_ended_in_the_middle(runtime: Runtime, app: Flask, district, key) -> None:
    """Whatever the driver says while a statement runs."""
    browser = Browser(app, district.admin)
    broken = [True]

    def fail(*_: object) -> None:
        if broken[0]:
            raise OperationalError("SELECT", {}, gone(runtime.engine.dialect.name))

    event.listen(runtime.engine, "before_cursor_execute", fail)
    for path in READING:
        is_away(browser, path, key)
    broken[0] = False
    assert browser.get("/catalogue").status_code == 200


def gone(dialect: str) -> Exception:
    if dialect == "postgresql":
        import psycopg

        return psycopg.errors.AdminShutdown("terminating connection")
    return sqlite_error("SQLITE_IOERR_SHORT_READ")


def sqlite_error(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorname = name
    return error


def test_sqlite_is_locked_by_another_process(sqlite_url: str, config: Config, monkeypatch, session, district) -> None:
    if not config.database_url.startswith("sqlite"):
        pytest.skip("SQLite alone has one lock")
    monkeypatch.setattr(db, "_BUSY_SECONDS", 0)
    runtime = build_runtime(replace(config, database_url=sqlite_url))
    app = create_app(runtime=runtime)
    teacher = Browser(app, district.teacher)
    other = sqlite3.connect(make_url(sqlite_url).database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        answer = teacher.post("/account", {"name": "Tara"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "The database is not responding" in answer.text
        for path in ("/", "/catalogue", "/teacher", "/account"):
            assert teacher.get(path).status_code == 200, path
    finally:
        other.rollback()
        other.close()
    assert teacher.post("/account", {"name": "Tara"}).status_code in (200, 302)
    runtime.close()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("SQLITE_FULL", "no_space"),
        ("SQLITE_BUSY", "database_away"),
        ("SQLITE_BUSY_SNAPSHOT", "database_away"),
        ("SQLITE_CANTOPEN", "database_away"),
        ("SQLITE_ERROR", None),
        ("SQLITE_CONSTRAINT_UNIQUE", None),
    ],
)
def test_what_sqlite_says(name: str, code: str | None) -> None:
    found = trouble(OperationalError("SELECT", {}, sqlite_error(name)))
    assert (found and found.code) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("DiskFull", "no_space"),
        ("TooManyConnections", "database_away"),
        ("CannotConnectNow", "database_away"),
        ("CrashShutdown", "database_away"),
        ("DeadlockDetected", "database_away"),
        ("ReadOnlySqlTransaction", "database_away"),
        ("UndefinedTable", None),
        ("UniqueViolation", None),
    ],
)
def test_what_postgresql_says(name: str, code: str | None) -> None:
    errors: Callable[[str], type[Exception]] = lambda each: getattr(__import__("psycopg").errors, each)  # noqa: E731
    found = trouble(DBAPIError.instance("SELECT", {}, errors(name)("as it says"), Exception))
    assert (found and found.code) == code


def test_no_connection_left() -> None:
    found = trouble(PoolTimeout())
    assert found is not None
    assert (found.status, found.retry_after) == (503, 5)
