"""Verifying many credentials as a durable workflow: where a killed worker stopped, the next goes on."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime

from dbos import DBOS

from issuer.db import reading, unit_of_work
from issuer.errors import NotFound, ServiceError
from issuer.queries import verifications as queries
from issuer.queries.credentials import organisation_slugs
from issuer.recognition import OWN
from issuer.runtime import VERIFY_WORKFLOW, Runtime
from issuer.services import bulk, bulk_receipt
from issuer.services.published import Published
from verifier.batch import Batch, Cancelled, Item, Kind, Row, items_in
from verifier.errors import VerifierError
from verifier.fetch import HttpsFetcher

logger = logging.getLogger(__name__)

#: A piece ends with so many answers or after so many seconds, whichever comes first; then it is committed.
PIECE_ROWS = 500
PIECE_SECONDS = 5.0

#: The runtime of the worker in this process, see `issuer.jobs.issuing`.
_runtime: list[Runtime] = []
#: What is open for the jobs that this process works on: nothing durable, opened again where it is missing.
_open: dict[str, _Reading] = {}
_stopping = threading.Event()


class Stopped(ServiceError):
    """The worker was asked to end; another one goes on."""

    status = 503
    code = "worker_stopped"


def use(runtime: Runtime | None) -> None:
    """Give the workflows of this process their tools, or take them away."""
    _runtime[:] = [runtime] if runtime else []
    _stopping.clear()


def stop() -> None:
    """Have the running workflows end at the next answer."""
    _stopping.set()
    for opened in list(_open.values()):
        opened.batch.cancel()


class _Reading:
    """One upload, opened where the job stands, and the processes that verify it."""

    def __init__(self, runtime: Runtime, number: str) -> None:
        now = runtime.clock()
        with ExitStack() as stack:
            with reading(runtime.sessions) as session:
                job = queries.by_number(session, number)
                if job is None:
                    raise NotFound("There is no such verification.")
                if job.finished_at is not None:
                    raise bulk.OutOfStep("This verification has ended.")
                own = sorted(runtime.addresses.organisation_did(slug) for slug in organisation_slugs(session))
                file = stack.enter_context(bulk.open_upload(session, job))
                self.done, self.moment, kind = job.done, job.moment or now, Kind(job.kind)
            self.registries = _registries(runtime, own, now)
            policy = runtime.recognition.policy(own, now)
            fetcher = Published(runtime.sessions, runtime.addresses, HttpsFetcher())
            self.batch = stack.enter_context(Batch(policy, fetcher=fetcher, now=self.moment))
            items = _bounded(items_in(file, kind, start=self.done), bulk.MAX_ITEMS - self.done)
            self.rows: Iterator[Row] = self.batch.verify(items, first=self.done + 1)
            self._stack = stack.pop_all()

    def close(self) -> None:
        self._stack.close()


def _registries(runtime: Runtime, own: list[str], now: datetime) -> list[dict[str, str]]:
    """{"name", "sha256"} of each list of recognised issuers; that of our own is the JSON of their sorted DIDs."""
    text = json.dumps(own, separators=(",", ":")).encode()
    named = [{"name": each.name, "sha256": each.sha256} for each in runtime.recognition.current(now)]
    return [{"name": OWN, "sha256": hashlib.sha256(text).hexdigest()}, *named]


def _bounded(items: Iterator[Item], left: int) -> Iterator[Item]:
    for _ in range(left):
        item = next(items, None)
        if item is None:
            return
        yield item
    if next(items, None) is not None:
        yield Item(
            "the rest of the file",
            error=VerifierError("bulk_too_long", f"More than {bulk.MAX_ITEMS} credentials are not taken in one file."),
        )


@DBOS.workflow(name=VERIFY_WORKFLOW)
def verify_bulk(number: str) -> None:
    """Verify all of it, piece by piece, and sign the receipt."""
    try:
        while verify_piece(number):
            pass
        finish_step(number)
    except bulk.OutOfStep:
        logger.info("bulk verification %s is in other hands", number)
    except Stopped:
        raise
    except ServiceError as error:
        logger.warning("bulk verification %s cannot be finished: %s", number, error.message)
        give_up_step(number, error.message)
    finally:
        _close(number)


def _may_pass(error: BaseException) -> bool:
    """Whether trying again soon may help."""
    return not isinstance(error, ServiceError) or (error.status == 503 and not isinstance(error, Stopped))


@DBOS.step(
    name="verify", retries_allowed=True, max_attempts=5, interval_seconds=1, backoff_rate=2, should_retry=_may_pass
)
def verify_piece(number: str) -> bool:
    """Verify and commit the next piece; whether there is more."""
    runtime = _runtime[0]
    if _stopping.is_set():
        raise Stopped("The worker is ending.")
    try:
        opened = _open.get(number) or _begin(runtime, number)
        rows, more = _take(opened.rows)
        with unit_of_work(runtime.sessions) as session:
            bulk.store(session, number, opened.done, rows, runtime.clock())
        opened.done += len(rows)
    except BaseException:
        # Whatever was taken and not committed is verified again from the place where the database stands.
        _close(number)
        raise
    return more


def _begin(runtime: Runtime, number: str) -> _Reading:
    opened = _Reading(runtime, number)
    try:
        with unit_of_work(runtime.sessions) as session:
            bulk.begin(session, number, opened.registries, opened.moment, runtime.clock())
    except BaseException:
        opened.close()
        raise
    _open[number] = opened
    return opened


def _take(rows: Iterator[Row]) -> tuple[list[Row], bool]:
    """The next piece, and whether there may be more."""
    taken: list[Row] = []
    until = time.monotonic() + PIECE_SECONDS
    try:
        for row in rows:
            taken.append(row)
            if len(taken) >= PIECE_ROWS or time.monotonic() > until:
                return taken, True
    except Cancelled as error:
        raise Stopped("The worker is ending.") from error
    return taken, False


def _close(number: str) -> None:
    opened = _open.pop(number, None)
    if opened is not None:
        opened.close()


@DBOS.step(
    name="finish", retries_allowed=True, max_attempts=5, interval_seconds=1, backoff_rate=2, should_retry=_may_pass
)
def finish_step(number: str) -> None:
    """Sign the receipt and end the job, in one transaction."""
    runtime = _runtime[0]
    now = runtime.clock()
    with unit_of_work(runtime.sessions) as session:
        receipt = bulk_receipt.make(
            session, runtime.keyring, runtime.verifier_for_own_output, runtime.addresses, number, now
        )
        bulk.finish(session, number, receipt, now)


@DBOS.step(name="give_up", retries_allowed=True, max_attempts=5, interval_seconds=1, backoff_rate=2)
def give_up_step(number: str, why: str) -> None:
    """End the job without a receipt."""
    runtime = _runtime[0]
    with unit_of_work(runtime.sessions) as session:
        bulk.give_up(session, number, why, runtime.clock())
