"""The worker process: runs durable workflows and looks for approved submissions that nobody handed over."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, PortableWorkflowError, WorkflowHandle
from sqlalchemy.exc import SQLAlchemyError

from issuer.config import Config
from issuer.db import reading, unit_of_work
from issuer.errors import ServiceError
from issuer.jobs import issuing, reissuing, takeover, verifying
from issuer.jobs.takeover import Watch
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
from issuer.services import bulk, dids, heartbeat, idempotency, unsent, user_sessions

logger = logging.getLogger(__name__)

#: How often a worker looks for approved submissions without a credential.
SWEEP_SECONDS = 30.0
#: After the signal to stop: how long running workflows may take to end, and when the process ends whatever they do.
FINISH_SECONDS = 12
STOP_SECONDS = 20.0
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


def worker_id() -> str:
    """A name of this worker's own: two on one machine must not take each other for themselves."""
    return f"{socket.gethostname()[:60]}-{secrets.token_hex(8)}"


@contextmanager
def working(runtime: Runtime, *, executor_id: str = "", polling_seconds: float = 1.0) -> Iterator[None]:
    """Workflows run in this process while the block lasts. One block at a time in a process.

    Args:
        executor_id: names this worker, and no other one; `worker_id()` by default.
        polling_seconds: how often the queue is looked at.
    """
    config = runtime.config
    config.var.mkdir(parents=True, exist_ok=True)
    settings: DBOSConfig = {
        "name": JOBS_NAME,
        "system_database_url": jobs_database_url(config),
        "dbos_system_schema": JOBS_SCHEMA,
        "application_version": JOBS_VERSION,
        "executor_id": executor_id or worker_id(),
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
        DBOS.destroy(workflow_completion_timeout_sec=FINISH_SECONDS)
        issuing.use(None)
        reissuing.use(None)
        verifying.use(None)


def sweep(runtime: Runtime) -> int:
    """Have every approved submission without a credential issued, every award signed again that waits for it, and every
    bulk verification ended; how many of them had to be handed over.

    It finds what a crash between commit and enqueue left behind, and what failed before and may work now. Call it
    inside `working`.
    """
    with reading(runtime.sessions) as session:
        waiting = awaiting_issue(session)
        unfinished = verifications.unfinished(session)
        unsigned = reissues.unfinished(session)
    issued = sum(
        _hand_over(ISSUING_QUEUE, ISSUE_WORKFLOW, issue_workflow_id(number, attempt), number, attempt)
        for _, number, attempt in waiting
    )
    issued += sum(
        _hand_over(ISSUING_QUEUE, REISSUE_WORKFLOW, reissue_workflow_id(number), number) for number, _ in unsigned
    )
    return issued + sum(
        _hand_over(VERIFYING_QUEUE, VERIFY_WORKFLOW, verify_workflow_id(number), number) for number, _ in unfinished
    )


def run_worker(config: Config, *, executor_id: str = "", stop: threading.Event | None = None) -> None:
    """Work until SIGTERM or SIGINT, or until `stop` is set.

    Running workflows are finished first, if they end soon; the process ends within `STOP_SECONDS` of the signal. What
    it leaves behind another worker goes on with.
    """
    stop = stop or threading.Event()
    name = executor_id or worker_id()
    if threading.current_thread() is threading.main_thread():

        def end(_number: int, _frame: FrameType | None) -> None:
            if not stop.is_set():
                _end_in_time(name)
            stop.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
    runtime = build_runtime(config)
    try:
        with working(runtime, executor_id=name):
            logger.info("worker %s is ready (process %d)", name, os.getpid())
            # In a thread of its own: the main one must hear signals even while a database keeps us waiting.
            looking = threading.Thread(target=_look_after, args=(runtime, name, stop), daemon=True)
            looking.start()
            stop.wait()
        looking.join(FINISH_SECONDS)
        _say_that_it_ends(runtime, name)
    finally:
        runtime.close()


def _end_in_time(name: str) -> None:
    def end() -> None:
        logger.warning("worker %s ends before its work does; another one goes on with it", name)
        logging.shutdown()
        os._exit(0)

    watchdog = threading.Timer(STOP_SECONDS, end)
    watchdog.daemon = True
    watchdog.start()


def _look_after(runtime: Runtime, name: str, stop: threading.Event) -> None:
    watch, swept = Watch(), 0.0
    while not stop.is_set():
        try:
            _beat_and_take_over(runtime, name, watch)
            if time.monotonic() - swept >= SWEEP_SECONDS or not swept:
                swept = time.monotonic()
                _sweep(runtime)
        except Exception:
            # A database that is away or a full disk must not end the worker: the next look finds the same work.
            logger.exception("looking for waiting jobs failed")
        stop.wait(takeover.BEAT_SECONDS)


def _beat_and_take_over(runtime: Runtime, name: str, watch: Watch) -> None:
    with unit_of_work(runtime.sessions) as session:
        heartbeat.beat(session, worker=name[:100], now=runtime.clock())
        beats = heartbeat.all_beats(session)
    for worker, seen_at in watch.gone({other: at for other, at in beats.items() if other != name[:100]}).items():
        with unit_of_work(runtime.sessions) as session:
            mine = heartbeat.claim(session, worker=worker, seen_at=seen_at, now=runtime.clock())
        if mine:
            for found in DBOS.list_workflows(status="PENDING", executor_id=worker, load_input=False, load_output=False):
                logger.warning("going on with %s of worker %s, which is gone", found.workflow_id, worker)
                DBOS.resume_workflow(found.workflow_id, queue_name=found.queue_name)
            with unit_of_work(runtime.sessions) as session:
                heartbeat.forget(session, worker=worker)


def _sweep(runtime: Runtime) -> None:
    with unit_of_work(runtime.sessions) as session:
        bulk.forget(session, runtime.config.bulk_days, runtime.clock())
        user_sessions.forget_expired(session, lifetime=Lifetime.of(runtime.config), now=runtime.clock())
        unsent.forget_expired(session, now=runtime.clock())
        dids.forget_expired(session, now=runtime.clock())
        idempotency.sweep(session, runtime.clock())
    if found := sweep(runtime):
        logger.warning("%d jobs were waiting without a workflow", found)
    # A worker that died before its first sign of life is known by what it left: from now on it can be found silent.
    pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
    owners = {found.executor_id for found in pending if found.executor_id} - {DBOS.executor_id}
    with unit_of_work(runtime.sessions) as session:
        for unknown in sorted(owners - set(heartbeat.all_beats(session))):
            heartbeat.beat(session, worker=unknown[:100], now=runtime.clock())


def _say_that_it_ends(runtime: Runtime, name: str) -> None:
    """So that another one need not wait to see it silent. If it cannot be said, the silence says it."""
    try:
        with unit_of_work(runtime.sessions) as session:
            heartbeat.beat(session, worker=name[:100], now=heartbeat.ENDED)
    except SQLAlchemyError as error:
        logger.warning("worker %s could not say that it ends: %s", name, type(error).__name__)


def _hand_over(queue: str, workflow: str, workflow_id: str, *arguments: str | int) -> bool:
    """True if something had to be done."""
    found = DBOS.get_workflow_status(workflow_id)
    if found is None:
        DBOS.enqueue_workflow_with_options(
            {"queue_name": queue, "workflow_name": workflow, "workflow_id": workflow_id}, *arguments
        )
        return True
    match found.status:
        case "ENQUEUED" | "DELAYED" | "PENDING":
            # Somebody has it; if that one is gone, see `_beat_and_take_over`.
            return False
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
