"""The database's shape: what the migrations build is what the models say, and every step can be undone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Engine, inspect, text

import issuer
from issuer import migrations
from issuer.db import Base, make_engine, normalise_url
from tests.conftest import POSTGRESQL


def test_models_equal_migrations(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": Base.metadata}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_constraint_of_the_models_is_in_the_database(engine: Engine) -> None:
    # compare_metadata does not look at CHECK constraints, and they carry the rules.
    sqlite = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    postgresql = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
    with engine.connect() as connection:
        found = connection.execute(text(sqlite if engine.dialect.name == "sqlite" else postgresql)).all()
    for table in Base.metadata.tables.values():
        for each in table.constraints:
            if isinstance(each, CheckConstraint):
                assert any(name == table.name and str(each.name) in holds for name, holds in found), each.name


def test_up_down_up(database_url: str, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'fresh.sqlite3'}" if "sqlite" in database_url else database_url)
    migrations.upgrade(engine)
    assert migrations.is_current(engine)
    for revision in ScriptDirectory.from_config(migrations.configuration()).walk_revisions():
        migrations.downgrade(engine, revision.down_revision or "base")
        assert not migrations.is_current(engine)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrations.upgrade(engine)
    assert migrations.is_current(engine)
    engine.dispose()


def test_foreign_keys_are_on_again_after_a_migration(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'fresh.sqlite3'}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_two_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'fresh.sqlite3'}")
    errors: list[BaseException] = []

    def start() -> None:
        try:
            migrations.upgrade(engine)
        except BaseException as error:  # noqa: BLE001 - handed to the test, which fails on it
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert migrations.is_current(engine)
    engine.dispose()


def test_every_migration_is_named_by_a_sentence() -> None:
    folder = Path(issuer.__file__).parent / "migrations" / "versions"
    names = [path.stem for path in folder.glob("*.py")]
    assert names
    for name in names:
        assert len(name.split("_")) >= 5, name


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:///x", "sqlite:///x"),
    ],
)
def test_urls_mean_psycopg(given: str, meant: str) -> None:
    assert normalise_url(given) == meant


def test_postgresql_url_of_the_tests_is_never_used_itself(database_url: str) -> None:
    """Tests empty their database; they must do so in one that they made."""
    assert not POSTGRESQL or normalise_url(POSTGRESQL) != database_url


def test_keys_from_before_end_soon_and_those_of_people_who_left_at_once(database_url: str, tmp_path: Path) -> None:
    """A key that outlived its maker must not outlive the upgrade too."""
    engine = make_engine(f"sqlite:///{tmp_path / 'fresh.sqlite3'}" if "sqlite" in database_url else database_url)
    migrations.upgrade(engine)
    migrations.downgrade(engine, "0011")
    now = "2026-03-02 09:30:00+00:00"
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisations (id, slug, name, description, url, email, created_at, educator_id_signed)"
                " VALUES (1, 'lakeside', 'Lakeside', '', '', '', :now, false)"
            ),
            {"now": now},
        )
        for number, name in ((1, "ada"), (2, "gone")):
            connection.execute(
                text(
                    "INSERT INTO users (id, email, name, active, fs_uniquifier, did, created_at)"
                    " VALUES (:id, :mail, :name, true, :name, 'did:key:z6Mk', :now)"
                ),
                {"id": number, "mail": f"{name}@example.org", "name": name, "now": now},
            )
            connection.execute(
                text(
                    "INSERT INTO api_keys (id, organisation_id, name, prefix, secret_sha256, scopes, created_by_id,"
                    " created_at) VALUES (:id, 1, :name, :name, '', '[]', :id, :now)"
                ),
                {"id": number, "name": name, "now": now},
            )
        connection.execute(
            text(
                "INSERT INTO memberships (id, user_id, organisation_id, role, created_at)"
                " VALUES (1, 1, 1, 'admin', :now)"
            ),
            {"now": now},
        )
    migrations.upgrade(engine)
    with engine.connect() as connection:
        keys = connection.execute(text("SELECT name, expires_at, revoked_at FROM api_keys ORDER BY id")).all()
        proved = connection.execute(text("SELECT did_proved_at FROM users")).scalars().all()
    assert [(name, expires is not None, revoked is not None) for name, expires, revoked in keys] == [
        ("ada", True, False),
        ("gone", True, True),
    ]
    assert proved == [None, None]
    engine.dispose()


def test_sessions_from_before_stay_and_ask_for_the_password_once(database_url: str, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'fresh.sqlite3'}" if "sqlite" in database_url else database_url)
    migrations.upgrade(engine)
    migrations.downgrade(engine, "0012")
    now = "2026-03-02 09:30:00+00:00"
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO users (id, email, name, did, active, fs_uniquifier, created_at)"
                " VALUES (1, 'ada@example.org', 'Ada', '', true, 'x', :now)"
            ),
            {"now": now},
        )
        connection.execute(
            text(
                "INSERT INTO user_sessions (id, number, user_id, token_sha256, client, remembered, begun_at, seen_at)"
                " VALUES (1, 'n', 1, 't', 'Firefox', true, :now, :now)"
            ),
            {"now": now},
        )
    migrations.upgrade(engine)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT number, confirmed_at, proof_sha256 FROM user_sessions")).one()
        assert tuple(row) == ("n", None, None)
    engine.dispose()
