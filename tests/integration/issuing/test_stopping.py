"""A worker that is told to stop ends, whatever holds it; what it was doing the next one goes on with."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from issuer.config import Config
from issuer.models import WorkerHeartbeat
from issuer.runtime import Runtime, build_runtime
from issuer.services import heartbeat
from issuer.storage import Storage
from tests.integration.issuing.conftest import World
from tests.integration.issuing.test_worker import _approved, _exactly_one, _issued
from tests.integration.workers import PATIENCE, until, worker

_worker = partial(worker, "tests.integration.issuing.worker_process")


@pytest.fixture
def runtime(world: World, config: Config) -> Iterator[Runtime]:
    made = build_runtime(config)
    yield made
    made.close()


@pytest.fixture
def storage(config: Config) -> Storage:
    return Storage(config.storage_url)


@contextmanager
def writers_wait(engine: Engine) -> Iterator[None]:
    """Another process that writes and does not end."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE submissions, worker_heartbeats IN ACCESS EXCLUSIVE MODE"))
        else:
            connection.execute(text("SELECT 1"))  # BEGIN IMMEDIATE, see `issuer.db`
        yield
        connection.rollback()


def test_it_ends_while_the_database_is_locked_and_the_next_goes_on(world, config, runtime, engine) -> None:
    world.session.commit()
    with _worker(config) as held:
        until(lambda: _alive(world))
        submission = _approved(world)
        with writers_wait(engine):
            runtime.enqueue.issue(submission.number, submission.attempt)
            held.send_signal(signal.SIGTERM)
            # The lock is still there when it has ended.
            assert held.wait(PATIENCE) == 0
    with _worker(config):
        until(lambda: _issued(world))
    _exactly_one(world, submission)


def _alive(world: World) -> bool:
    found = world.session.query(WorkerHeartbeat).count() > 0
    world.session.rollback()
    return found


def test_of_two_that_take_over_one_does(sessions: sessionmaker[Session], now) -> None:
    with sessions.begin() as session:
        heartbeat.beat(session, worker="gone", now=now)
    start, won = threading.Barrier(2), []

    def take() -> None:
        start.wait()
        with sessions.begin() as session:
            won.append(heartbeat.claim(session, worker="gone", seen_at=now, now=now.replace(year=2027)))

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, True]


def test_one_that_came_back_keeps_its_work(sessions: sessionmaker[Session], now) -> None:
    with sessions.begin() as session:
        heartbeat.beat(session, worker="late", now=now)
        heartbeat.beat(session, worker="late", now=now.replace(year=2027))
    with sessions.begin() as session:
        assert not heartbeat.claim(session, worker="late", seen_at=now, now=now.replace(year=2028))
