"""The promise of the durable job: whatever dies between approval and issuing, there is exactly one credential."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import func, select

from issuer import audit
from issuer.config import Config
from issuer.models import AuditEvent, Credential, SigningKey, StatusEntry, Submission, WorkerHeartbeat
from issuer.runtime import Runtime, build_runtime
from issuer.storage import Storage
from tests.integration.issuing.conftest import World
from tests.integration.workers import worker


@pytest.fixture
def runtime(world: World, config: Config) -> Iterator[Runtime]:
    """The world's database, committed, with the storage where a worker with the same settings looks for it."""
    made = build_runtime(config)
    yield made
    made.close()


@pytest.fixture
def storage(config: Config) -> Storage:
    return Storage(config.storage_url)


def _approved(world: World) -> Submission:
    submission = world.approved()
    world.session.commit()
    return submission


_worker = partial(worker, "tests.integration.issuing.worker_process")


def _until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def _issued(world: World) -> bool:
    found = world.session.scalar(select(func.count()).select_from(Credential)) == 1
    # On SQLite an open transaction of ours would lock the worker out.
    world.session.rollback()
    return found


def _swept(world: World, since: datetime) -> bool:
    """A worker that began after `since` has started in full: before, a signal would end it without ceremony."""
    found = world.session.scalar(select(func.max(WorkerHeartbeat.seen_at)))
    world.session.rollback()
    return found is not None and found > since


def _exactly_one(world: World, submission: Submission) -> None:
    world.session.rollback()
    world.session.refresh(submission)
    assert submission.state == "issued"
    assert world.session.scalar(select(func.count()).select_from(Credential)) == 1
    assert world.session.scalar(select(func.count()).select_from(StatusEntry)) == 1
    events = world.session.scalars(select(AuditEvent.action)).all()
    assert events.count("credential.issue") == 1
    assert audit.check_chain(world.session).intact


@pytest.mark.parametrize("crash", ["before", "uncommitted", "committed"])
def test_kill_9_in_the_middle_and_a_restart_make_exactly_one(world, config, runtime, crash) -> None:
    submission = _approved(world)
    with _worker(config, crash) as doomed:
        runtime.enqueue.issue(submission.number, submission.attempt)
        assert doomed.wait(20) == -signal.SIGKILL
    started = datetime.now(UTC)
    with _worker(config) as survivor:
        _until(lambda: _issued(world) and _swept(world, started))
        time.sleep(1.5)  # two more sweeps: nothing is issued a second time
    assert survivor.returncode == 0
    _exactly_one(world, submission)


def test_an_approval_that_was_never_handed_over_is_found(world, config, runtime) -> None:
    submission = _approved(world)
    with _worker(config):
        _until(lambda: _issued(world))
    _exactly_one(world, submission)


def test_another_worker_takes_over_from_one_that_never_comes_back(world, config, runtime) -> None:
    submission = _approved(world)
    with _worker(config, "uncommitted", "worker-1") as doomed:
        assert doomed.wait(20) == -signal.SIGKILL
    with _worker(config, "never", "worker-2"):
        _until(lambda: _issued(world))
    _exactly_one(world, submission)


def test_handing_over_twice_and_two_workers_make_one(world, config, runtime) -> None:
    submission = _approved(world)
    with _worker(config, executor_id="worker-1"), _worker(config, executor_id="worker-2"):
        for _ in range(5):
            runtime.enqueue.issue(submission.number, submission.attempt)
        _until(lambda: _issued(world))
        time.sleep(1.5)
    _exactly_one(world, submission)


def test_what_failed_is_tried_again_when_the_reason_is_gone(world, config, runtime) -> None:
    submission = _approved(world)
    active = world.session.scalars(select(SigningKey)).one()
    active.active, active.retired_at = False, active.created_at
    world.session.commit()
    with _worker(config):
        time.sleep(4)
        assert not _issued(world)
        active.active, active.retired_at = True, None
        world.session.commit()
        _until(lambda: _issued(world))
    _exactly_one(world, submission)


def test_handing_over_never_raises_when_nobody_can_take_it(sqlite_url, tmp_path, caplog) -> None:
    config = Config(var=tmp_path / "var", database_url=sqlite_url, secret_key="s" * 40, key_secret="k" * 40)
    runtime = build_runtime(config)
    runtime.enqueue.issue("no-tables-there-yet", 1)
    runtime.close()
    assert "was not handed over" in caplog.text
