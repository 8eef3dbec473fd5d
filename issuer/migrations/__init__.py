"""Changes of the database's shape, in order. They travel inside the installed package; no ini file is needed."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

#: PostgreSQL advisory lock: two processes that start at once migrate one after the other.
_LOCK = 0x6D696772


def configuration() -> Config:
    """Alembic's own configuration, for its programming interface and for `env.py`."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    # Whole sentences are meant to fit.
    config.set_main_option("truncate_slug_length", "80")
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`; all of it or nothing."""
    _run(engine, revision, up=True)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the database back to `revision`. Loses whatever the newer shape held."""
    _run(engine, revision, up=False)


def is_current(engine: Engine) -> bool:
    """The database has the shape that this code expects."""
    with engine.connect() as connection:
        found = set(MigrationContext.configure(connection).get_current_heads())
    return found == set(ScriptDirectory.from_config(configuration()).get_heads())


def _run(engine: Engine, revision: str, *, up: bool) -> None:
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # Altering a table on SQLite means dropping it for a copy, and the drop would cascade. The switch works
            # outside of a transaction only, so it goes straight to the driver.
            _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                config = configuration()
                config.attributes["connection"] = connection
                (command.upgrade if up else command.downgrade)(config, revision)
                if sqlite and (broken := connection.execute(text("PRAGMA foreign_key_check")).fetchall()):
                    raise RuntimeError(f"the migration would leave dangling rows: {broken[:5]}")
        finally:
            if sqlite:
                _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    driver = connection.connection.dbapi_connection
    if driver is None:
        raise RuntimeError("the connection is closed")
    driver.cursor().execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
