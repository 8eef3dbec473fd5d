"""The promise of the durable job: whatever dies between approval and issuing, there is exactly one credential."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import datetime
from functools import partial

import pytest
from dbos import DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy import func, select

from issuer import audit
from issuer.config import Config
from issuer.jobs import migrate
from issuer.models import AuditEvent, Credential, SigningKey, StatusEntry, Submission, WorkerHeartbeat
from issuer.runtime import JOBS_NAME, JOBS_SCHEMA, Runtime, build_runtime, issue_workflow_id, jobs_database_url
from issuer.storage import Storage
from tests.integration.issuing.conftest import World
from tests.integration.workers import PATIENCE, until, worker


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


def _issued(world: World) -> bool:
    found = world.session.scalar(select(func.count()).select_from(Credential)) == 1
    # On SQLite an open transaction of ours would lock the worker out.
    world.session.rollback()
    return found


def _last_sweep(world: World) -> datetime | None:
    """Of any worker; each notes that it lives and then sweeps."""
    found = world.session.scalar(select(func.max(WorkerHeartbeat.seen_at)))
    world.session.rollback()
    return found


def _let_sweep(world: World, times: int) -> None:
    """Return once so many sweeps have begun, of which all but the last are over."""
    for _ in range(times):
        before = _last_sweep(world)
        until(lambda before=before: _last_sweep(world) != before)


def _failed(config: Config, submission: Submission) -> bool:
    """The workflow has ended without a credential."""
    client = DBOSClient(
        system_database_url=jobs_database_url(config),
        dbos_system_schema=JOBS_SCHEMA,
        serializer=DBOSPortableJSONSerializer(),
        application_name=JOBS_NAME,
    )
    try:
        found = client.list_workflows(workflow_ids=[issue_workflow_id(submission.number, submission.attempt)])
        return [each.status for each in found] == ["ERROR"]
    finally:
        client.destroy()


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
        assert doomed.wait(PATIENCE) == -signal.SIGKILL
    with _worker(config) as survivor:
        until(lambda: _issued(world))
        _let_sweep(world, 3)  # nothing is issued a second time
    assert survivor.returncode == 0
    _exactly_one(world, submission)


def test_an_approval_that_was_never_handed_over_is_found(world, config, runtime) -> None:
    submission = _approved(world)
    with _worker(config):
        until(lambda: _issued(world))
    _exactly_one(world, submission)


def test_another_worker_takes_over_from_one_that_never_comes_back(world, config, runtime) -> None:
    submission = _approved(world)
    with _worker(config, "uncommitted", "worker-1") as doomed:
        assert doomed.wait(PATIENCE) == -signal.SIGKILL
    with _worker(config, "never", "worker-2"):
        until(lambda: _issued(world))
    _exactly_one(world, submission)


def test_handing_over_twice_and_two_workers_make_one(world, config, runtime) -> None:
    submission = _approved(world)
    with _worker(config, executor_id="worker-1"), _worker(config, executor_id="worker-2"):
        for _ in range(5):
            runtime.enqueue.issue(submission.number, submission.attempt)
        until(lambda: _issued(world))
        _let_sweep(world, 3)
    _exactly_one(world, submission)


def test_what_failed_is_tried_again_when_the_reason_is_gone(world, config, runtime) -> None:
    submission = _approved(world)
    active = world.session.scalars(select(SigningKey)).one()
    active.active, active.retired_at = False, active.created_at
    world.session.commit()
    migrate(config)
    with _worker(config):
        until(lambda: _failed(config, submission))
        _let_sweep(world, 2)
        assert not _issued(world)
        active.active, active.retired_at = True, None
        world.session.commit()
        until(lambda: _issued(world))
    _exactly_one(world, submission)


def test_handing_over_never_raises_when_nobody_can_take_it(sqlite_url, tmp_path, caplog) -> None:
    config = Config(var=tmp_path / "var", database_url=sqlite_url, secret_key="s" * 40, key_secret="k" * 40)
    runtime = build_runtime(config)
    runtime.enqueue.issue("no-tables-there-yet", 1)
    runtime.close()
    assert "was not handed over" in caplog.text
