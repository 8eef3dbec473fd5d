"""The tools of one process, built once from the settings and handed to whoever needs them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import Engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from issuer import clock, recognition
from issuer.config import Config
from issuer.credentials.addresses import Addresses
from issuer.db import make_engine, make_sessions, normalise_url
from issuer.signing import Keyring, OwnOutput
from issuer.storage import Storage
from verifier.fetch import HttpsFetcher
from verifier.verifier import Verifier

if TYPE_CHECKING:
    from dbos import DBOSClient

logger = logging.getLogger(__name__)

#: Names under which the durable workflows are known in the database: changing one orphans what is waiting there.
JOBS_NAME = "badgewright"
JOBS_SCHEMA = "jobs"
ISSUING_QUEUE = "issuing"
ISSUE_WORKFLOW = "issue_credential"
REISSUE_WORKFLOW = "reissue_awards"
VERIFYING_QUEUE = "verifying"
VERIFY_WORKFLOW = "verify_bulk"
#: One version for all: issuing is idempotent, so that newer code may go on with what older code began.
JOBS_VERSION = "1"


class Enqueue(Protocol):
    """Hands work to the workers, after the commit that made it necessary."""

    def issue(self, submission_number: str, attempt: int) -> None:
        """Have the credential of an approved submission made. Asking twice is asking once; never raises, because
        the workers find by themselves what was not handed over."""
        ...

    def reissue(self, number: str) -> None:
        """Have awards signed again; the same holds."""
        ...

    def verify(self, number: str) -> None:
        """Have a bulk verification done; the same holds."""
        ...

    def close(self) -> None:
        """Let go of connections; it may be used again."""
        ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything a request, a command or a job works with."""

    config: Config
    engine: Engine
    sessions: sessionmaker[Session]
    storage: Storage
    keyring: Keyring
    verifier_for_own_output: OwnOutput
    verifier: Verifier
    addresses: Addresses
    clock: Callable[[], datetime]
    enqueue: Enqueue
    recognition: recognition.Recognition

    def close(self) -> None:
        """Let go of every connection, at the end of the process or of a test."""
        self.enqueue.close()
        self.engine.dispose()


def build_runtime(config: Config) -> Runtime:
    """The tools for `config`. Nothing is connected yet.

    Raises:
        ConfigError: a trust registry cannot be used.
    """
    engine = make_engine(config.database_url)
    return Runtime(
        config=config,
        engine=engine,
        sessions=make_sessions(engine),
        storage=Storage(config.storage_url),
        keyring=Keyring(config.key_secret),
        verifier_for_own_output=OwnOutput(),
        verifier=Verifier(HttpsFetcher()),
        addresses=Addresses(config.base_url),
        clock=clock.now,
        enqueue=JobsClient(config),
        recognition=recognition.load(config),
    )


def jobs_database_url(config: Config) -> str:
    """Where the durable workflows are kept: a file of its own beside SQLite, the same database on PostgreSQL."""
    url = normalise_url(config.database_url)
    if url.startswith("sqlite"):
        return f"sqlite:///{(config.var / 'jobs.sqlite3').absolute()}"
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def issue_workflow_id(submission_number: str, attempt: int) -> str:
    """The id of the workflow that issues one attempt: the same question always gets the same workflow."""
    return f"issue-{submission_number}-{attempt}"


def verify_workflow_id(number: str) -> str:
    """The id of the workflow of a bulk verification."""
    return f"verify-{number}"


def reissue_workflow_id(number: str) -> str:
    """The id of the workflow that signs awards again."""
    return f"reissue-{number}"


class JobsClient:
    """Enqueues from outside the workers. Connects when first used, so that each forked process has its own."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None

    def issue(self, submission_number: str, attempt: int) -> None:
        workflow_id = issue_workflow_id(submission_number, attempt)
        self._hand_over(ISSUING_QUEUE, ISSUE_WORKFLOW, workflow_id, submission_number, attempt)

    def reissue(self, number: str) -> None:
        self._hand_over(ISSUING_QUEUE, REISSUE_WORKFLOW, reissue_workflow_id(number), number)

    def verify(self, number: str) -> None:
        self._hand_over(VERIFYING_QUEUE, VERIFY_WORKFLOW, verify_workflow_id(number), number)

    def _hand_over(self, queue: str, workflow: str, workflow_id: str, *arguments: str | int) -> None:
        try:
            self._connected().enqueue(
                {"queue_name": queue, "workflow_name": workflow, "workflow_id": workflow_id}, *arguments
            )
        except Exception as error:  # noqa: BLE001 - whatever keeps it from being handed over, what was decided stands
            logger.warning("%s was not handed over; a worker will find it: %s", workflow_id, _first_line(error))

    def close(self) -> None:
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None

    def _connected(self) -> DBOSClient:
        from dbos import DBOSClient, DBOSPortableJSONSerializer

        with self._lock:
            if self._client is None:
                self._client = DBOSClient(
                    system_database_url=jobs_database_url(self._config),
                    dbos_system_schema=JOBS_SCHEMA,
                    serializer=DBOSPortableJSONSerializer(),
                    application_name=JOBS_NAME,
                    retry_connection_errors=False,
                )
            return self._client


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
