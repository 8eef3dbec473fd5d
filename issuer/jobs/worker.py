"""The worker process: runs durable workflows and looks for approved submissions that nobody handed over."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, PortableWorkflowError, WorkflowHandle

from issuer.config import Config
from issuer.db import reading, unit_of_work
from issuer.errors import ServiceError
from issuer.jobs import issuing, reissuing, verifying
from issuer.queries import reissues, verifications
from issuer.queries.credentials import awaiting_issue
from issuer.queries.user_sessions import Lifetime
from issuer.runtime import (
    ISSUE_WORKFLOW,
    ISSUING_QUEUE,
    JOBS_NAME,
    JOBS_SCHEMA,
    JOBS_VERSION,
    REISSUE_WORKFLOW,
    VERIFY_WORKFLOW,
    VERIFYING_QUEUE,
    Runtime,
    build_runtime,
    issue_workflow_id,
    jobs_database_url,
    reissue_workflow_id,
    verify_workflow_id,
)
from issuer.services import bulk, heartbeat, user_sessions

logger = logging.getLogger(__name__)

#: How often a worker looks for approved submissions without a credential.
SWEEP_SECONDS = 30.0
#: A workflow that another worker began and has not touched for this long is taken over: that worker is gone.
ABANDONED_SECONDS = 300.0
#: Credentials that one worker makes at a time; each holds one database connection.
WORKER_CONCURRENCY = 4


class JobFailed(ServiceError):
    """A background job ended without its result."""

    status = 500
    code = "job_failed"


def migrate(config: Config) -> None:
    """Create or update the tables of the durable workflows."""
    config.var.mkdir(parents=True, exist_ok=True)
    DBOS.migrate(jobs_database_url(config), schema=JOBS_SCHEMA)


@contextmanager
def working(runtime: Runtime, *, executor_id: str = "", polling_seconds: float = 1.0) -> Iterator[None]:
    """Workflows run in this process while the block lasts. One block at a time in a process.

    Args:
        executor_id: names this worker; after a crash one of the same name goes on with its workflows at once. The
            default is the machine's name.
        polling_seconds: how often the queue is looked at.
    """
    config = runtime.config
    config.var.mkdir(parents=True, exist_ok=True)
    settings: DBOSConfig = {
        "name": JOBS_NAME,
        "system_database_url": jobs_database_url(config),
        "dbos_system_schema": JOBS_SCHEMA,
        "application_version": JOBS_VERSION,
        "executor_id": executor_id or socket.gethostname(),
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
        "enable_otlp": False,
        "notification_listener_polling_interval_sec": polling_seconds,
    }
    issuing.use(runtime)
    reissuing.use(runtime)
    verifying.use(runtime)
    DBOS(config=settings)
    try:
        DBOS.launch()
        DBOS.register_queue(ISSUING_QUEUE, worker_concurrency=WORKER_CONCURRENCY, polling_interval_sec=polling_seconds)
        # One at a time: it has a process on every core.
        DBOS.register_queue(VERIFYING_QUEUE, worker_concurrency=1, polling_interval_sec=polling_seconds)
        yield
    finally:
        verifying.stop()
        DBOS.destroy(workflow_completion_timeout_sec=20)
        issuing.use(None)
        reissuing.use(None)
        verifying.use(None)


def sweep(runtime: Runtime) -> int:
    """Have every approved submission without a credential issued, every award signed again that waits for it, and every
    bulk verification ended; how many of them had to be handed over.

    It finds what a crash between commit and enqueue left behind, what failed before and may work now, and what
    belonged to a worker that is gone. Call it inside `working`.
    """
    with reading(runtime.sessions) as session:
        waiting = awaiting_issue(session)
        unfinished = verifications.unfinished(session)
        unsigned = reissues.unfinished(session)
    issued = sum(
        _hand_over(ISSUING_QUEUE, ISSUE_WORKFLOW, issue_workflow_id(number, attempt), number, attempt)
        for _, number, attempt in waiting
    )
    now = runtime.clock()
    issued += sum(
        _hand_over(
            ISSUING_QUEUE,
            REISSUE_WORKFLOW,
            reissue_workflow_id(number),
            number,
            quiet=(now - touched_at).total_seconds(),
        )
        for number, touched_at in unsigned
    )
    return issued + sum(
        _hand_over(
            VERIFYING_QUEUE,
            VERIFY_WORKFLOW,
            verify_workflow_id(number),
            number,
            # It works for hours, and says so with every piece.
            quiet=(now - touched_at).total_seconds(),
        )
        for number, touched_at in unfinished
    )


def run_worker(config: Config, *, executor_id: str = "", stop: threading.Event | None = None) -> None:
    """Work until SIGTERM or SIGINT, or until `stop` is set; running workflows are finished first."""
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():

        def end(_number: int, _frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
    runtime = build_runtime(config)
    name = executor_id or socket.gethostname()
    try:
        with working(runtime, executor_id=name):
            logger.info("worker %s is ready (process %d)", name, os.getpid())
            while True:
                _sweep_carefully(runtime, name)
                if stop.wait(SWEEP_SECONDS):
                    return
    finally:
        runtime.close()


def _sweep_carefully(runtime: Runtime, name: str) -> None:
    try:
        with unit_of_work(runtime.sessions) as session:
            heartbeat.beat(session, worker=name[:100], now=runtime.clock())
            bulk.forget(session, runtime.config.bulk_days, runtime.clock())
            user_sessions.forget_expired(session, lifetime=Lifetime.of(runtime.config), now=runtime.clock())
        if found := sweep(runtime):
            logger.warning("%d jobs were waiting without a workflow", found)
    except Exception:
        # A database that is away for a moment must not end the worker: the next sweep finds the same submissions.
        logger.exception("looking for waiting jobs failed")


def _hand_over(queue: str, workflow: str, workflow_id: str, *arguments: str | int, quiet: float | None = None) -> bool:
    """True if something had to be done. `quiet`: for how long nothing was heard of it, if DBOS does not know."""
    found = DBOS.get_workflow_status(workflow_id)
    if found is None:
        DBOS.enqueue_workflow_with_options(
            {"queue_name": queue, "workflow_name": workflow, "workflow_id": workflow_id}, *arguments
        )
        return True
    match found.status:
        case "ENQUEUED" | "DELAYED":
            return False
        case "PENDING":
            quiet = time.time() - (found.updated_at or 0) / 1000 if quiet is None else quiet
            if found.executor_id == DBOS.executor_id or quiet < ABANDONED_SECONDS:
                return False
            DBOS.resume_workflow(workflow_id, queue_name=queue)
            return True
        case _:
            # It ended without what it was for, for a reason that may have gone since.
            DBOS.rewind_workflow(workflow_id, queue_name=queue)
            return True


def wait_for_credential(submission_number: str, attempt: int) -> str:
    """The number of the credential, once the job that was enqueued for it has ended. Call it inside `working`.

    Raises:
        JobFailed: with the sentence of what went wrong.
    """
    handle: WorkflowHandle[str] = DBOS.retrieve_workflow(issue_workflow_id(submission_number, attempt))
    try:
        return handle.get_result(polling_interval_sec=0.1)
    except PortableWorkflowError as error:
        raise JobFailed(str(error)) from error
