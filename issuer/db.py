"""The database: engine, session and the only `commit()` in the project."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

from issuer.errors import DatabaseAway, NoSpace, ServiceError

#: Every constraint has a predictable name, so that a migration can drop it on both databases.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


#: Execution option of a connection that will only read.
_READING = "badgewright_reading"


_SQLITE_AWAY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PROTOCOL")
#: Connections, resources, an operator's shutdown, locks, conflicts of transactions, a server that only reads.
_POSTGRESQL_AWAY = ("08", "53", "57P", "55P03", "40", "25006")
_POSTGRESQL_FULL = "53100"
#: A writer waits this long for another one. Shorter than the time in which a worker has to end.
_BUSY_SECONDS = 10


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC. Naive values are refused; SQLite, which drops zones, gives them back as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table derives from this."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTCDateTime}  # noqa: RUF012 - SQLAlchemy reads a plain class attribute


def normalise_url(url: str) -> str:
    """`postgres://` and `postgresql://` mean psycopg 3; everything else is left alone."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def trouble(error: BaseException) -> ServiceError | None:
    """What to answer when the machine is at fault and not the code: a full disk, a database that is away. Else None."""
    if isinstance(error, OSError):
        return NoSpace() if error.errno in (errno.ENOSPC, errno.EDQUOT) else None
    if isinstance(error, PoolTimeout):
        return DatabaseAway()
    if not isinstance(error, DBAPIError):
        return None
    # SQLite's name of the error, or PostgreSQL's five characters; a connection that was lost has none.
    name = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        if name == "SQLITE_FULL":
            return NoSpace()
        return DatabaseAway() if str(name).startswith(_SQLITE_AWAY) else None
    state = getattr(error.orig, "sqlstate", None)
    if state == _POSTGRESQL_FULL:
        return NoSpace()
    lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    if state is None:
        return DatabaseAway() if lost else None
    return DatabaseAway() if state.startswith(_POSTGRESQL_AWAY) else None


def make_engine(url: str) -> Engine:
    """An engine with the settings both databases need: on SQLite foreign keys, WAL and a patient lock."""
    url = normalise_url(url)
    if not url.startswith("sqlite"):
        engine = create_engine(
            url, pool_pre_ping=True, max_overflow=30, pool_timeout=10, connect_args={"connect_timeout": 5}
        )

        @event.listens_for(engine, "connect")
        def _in_utc(connection: Any, _record: object) -> None:
            # Or else the server's own zone would decide to which month a moment belongs.
            connection.execute("SET TIME ZONE 'UTC'")
            connection.commit()

        return engine
    engine = create_engine(url, max_overflow=30, pool_timeout=10, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own transaction handling would commit before DDL and start late: we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={_BUSY_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reading_only = connection.get_execution_options().get(_READING, False)
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading_only else 'OFF'}")
        # IMMEDIATE: two writers wait for each other at the start instead of failing in the middle.
        connection.exec_driver_sql("BEGIN" if reading_only else "BEGIN IMMEDIATE")

    return engine


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def unit_of_work(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One transaction: commits when the block ends well, rolls everything back when it raises."""
    with sessions() as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def reading(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session that reads and cannot write: it waits for no writer and lets none wait. Pages that only show use it."""
    with sessions() as session:
        session.connection(execution_options={_READING: True, "postgresql_readonly": True})
        try:
            yield session
        finally:
            # Rolling back would empty the rows; a page reads them after the session is gone.
            session.expunge_all()
            session.rollback()
