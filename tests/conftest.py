"""The database for every test that asks for one: built by the migrations, on SQLite and on PostgreSQL.

SQLite: migrated once into a file that each test copies. PostgreSQL: a database of our own, made and migrated once in a
run (so that parallel runs do not meet), emptied before each test.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.orm import Session, sessionmaker

from issuer import migrations
from issuer.config import Config
from issuer.db import Base, make_engine, make_sessions, normalise_url
from issuer.storage import Storage

# A slow machine is no fault of the code. On CI the same examples are tried each time, so that what lands stays green.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

POSTGRESQL = os.environ.get("BADGEWRIGHT_TEST_POSTGRESQL", "")
ON_CI = os.environ.get("CI", "").lower() in ("1", "true")
settings.load_profile("ci" if ON_CI else "here")


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrations.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def _postgresql_database() -> Iterator[str]:
    if not POSTGRESQL:
        if ON_CI:
            pytest.fail("CI needs PostgreSQL: set BADGEWRIGHT_TEST_POSTGRESQL")
        pytest.skip("BADGEWRIGHT_TEST_POSTGRESQL is not set")
    server = create_engine(normalise_url(POSTGRESQL), isolation_level="AUTOCOMMIT")
    name = f"badgewright_test_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        # What a crash would lose is of no interest here.
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    url = make_url(normalise_url(POSTGRESQL)).set(database=name).render_as_string(hide_password=False)
    try:
        engine = make_engine(url)
        migrations.upgrade(engine)
        engine.dispose()
        yield url
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database."""
    path = tmp_path / "badgewright.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(_postgresql_database: str) -> str:
    """A migrated, empty PostgreSQL database."""
    engine = create_engine(_postgresql_database)
    with engine.begin() as connection:
        # DELETE, not TRUNCATE, which makes new files for every table: 2 ms against 150 ms.
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()
    return _postgresql_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Both databases, one after the other."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url)
    if made.dialect.name == "sqlite":
        # Nobody pulls the plug on a test; waiting for the disk would be most of its time.
        event.listen(made, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return make_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One session whose work is thrown away at the end, unless the test commits."""
    with sessions() as made:
        yield made
        made.rollback()


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Config:
    return Config(var=tmp_path / "var", database_url=database_url, secret_key="s" * 40, key_secret="k" * 40)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "evidence"))


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
