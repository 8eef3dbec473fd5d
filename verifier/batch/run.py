"""Many inputs to rows: on all cores, in constant memory, in the order in which they came."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from verifier.batch.fetching import Failure, FetchOnce
from verifier.batch.items import Item, Row, row_of_error
from verifier.batch.limits import DEFAULT_BATCH_LIMITS, BatchLimits
from verifier.batch.pool import Chunk, Process, context, listen
from verifier.batch.worker import Task, crashed, judge_with
from verifier.checks.recipient import ExpectedRecipient
from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Fetched, Fetcher, Offline
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.policy import Policy


def available_cores() -> int:
    """How many processes may run at the same time here."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


class Cancelled(Exception):
    """Somebody called `Batch.cancel`."""


class Batch:
    """Verifies many inputs with one policy and one moment. Use it as a context; `verify` may be called several times.

    Every answer is the one that `Verifier.verify` gives. An input over which a process dies or falls silent becomes a
    row of its own (`verification_crashed`, `verification_timed_out`); the others go on.

    Args:
        policy: whom the caller recognises; handed to other processes, so that it has to be one that pickle can copy.
        fetcher: asked from several threads of this process, never from the others. `Offline()` by default.
        now: the moment to judge for, the same for all; the present by default.
        reports: rows carry the whole report as JSON.
        jobs: processes; by default one for each core. 0 verifies in this process, without protection from a crash.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        fetcher: Fetcher | None = None,
        limits: Limits = DEFAULT_LIMITS,
        batch_limits: BatchLimits = DEFAULT_BATCH_LIMITS,
        now: datetime | None = None,
        recipient: ExpectedRecipient | None = None,
        reports: bool = False,
        jobs: int | None = None,
    ) -> None:
        moment = datetime.now(UTC) if now is None else now
        if moment.tzinfo is None:
            raise ValueError("now needs a time zone")
        self._task = Task(policy, limits, batch_limits, moment.astimezone(UTC), recipient, reports)
        self._bounds = batch_limits
        self._jobs = available_cores() if jobs is None else jobs
        self._once = FetchOnce(
            fetcher or Offline(), max_bytes=batch_limits.fetched_bytes, seconds=batch_limits.fetched_seconds
        )
        self._judge = judge_with(self._task, self._once) if self._jobs == 0 else None
        self._context = context()
        self._processes: list[Process] = []
        self._threads: ThreadPoolExecutor | None = None
        self._fetched: deque[tuple[Process | tuple[Chunk, int], Future[Fetched | Failure]]] = deque()
        self._bell, self._ring = multiprocessing.Pipe(duplex=False)
        self._ringing = threading.Lock()
        self._cancelled = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def cancel(self) -> None:
        """Have `verify`, which runs in another thread, raise `Cancelled` soon, even while it waits."""
        self._cancelled = True
        # The run may be ending by itself at this moment; then there is nobody left to wake.
        with self._ringing:
            if not self._ring.closed:
                self._ring.send_bytes(b"!")

    def close(self) -> None:
        """End the processes and threads."""
        self._end_processes()
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._threads = None
        with self._ringing:
            self._bell.close()
            self._ring.close()

    def verify(self, items: Iterable[Item], *, first: int = 1) -> Iterator[Row]:
        """A row for each item, in order. One call at a time; `items` is read as the rows are taken.

        Args:
            first: the number of the first row.

        Raises:
            Cancelled: somebody called `cancel`.
            RuntimeError: processes cannot be started.
        """
        if self._judge is not None:
            for number, item in enumerate(items, first):
                self._go_on()
                yield self._here(number, item)
            return
        window: deque[Chunk] = deque()
        source = self._chunks(items, first)
        more = True
        try:
            while more or window:
                self._go_on()
                while more and len(window) < self._jobs * 2 + 2:
                    chunk = next(source, None)
                    if chunk is None:
                        more = False
                    else:
                        window.append(chunk)
                        self._fetch_items(chunk)
                self._dispatch(window)
                if window and not window[0].done:
                    self._listen()
                while window and window[0].done:
                    yield from (row for row in window.popleft().rows if row is not None)
        finally:
            if window:  # given up half-way: what the processes work on is nobody's any more
                self._end_processes()
                self._fetched.clear()

    def _go_on(self) -> None:
        if self._cancelled:
            raise Cancelled

    # Items

    def _here(self, number: int, item: Item) -> Row:
        data, error = item.data, item.error
        if item.url:
            answer = self._once.answer(item.url, self._bounds.url_bytes)
            data, error = (answer.body, None) if isinstance(answer, Fetched) else (None, answer.error())
        if error is not None or self._judge is None:
            return self._error(number, item.name, error or crashed())
        return self._judge(number, item.name, data or b"")

    def _error(self, number: int, name: str, error: VerifierError) -> Row:
        return row_of_error(number, name, error, full=self._task.reports)

    def _chunks(self, items: Iterable[Item], first: int) -> Iterator[Chunk]:
        found: list[tuple[int, Item]] = []
        size = 0
        for number, item in enumerate(items, first):
            found.append((number, item))
            size += len(item.data or b"") + (self._bounds.chunk_bytes // 4 if item.url else 0)
            if len(found) >= self._bounds.chunk_items or size >= self._bounds.chunk_bytes:
                yield self._chunk(found)
                found, size = [], 0
        if found:
            yield self._chunk(found)

    def _chunk(self, items: list[tuple[int, Item]]) -> Chunk:
        chunk = Chunk(items, [None] * len(items))
        for place, (number, item) in enumerate(items):
            if item.error is not None:
                chunk.rows[place] = self._error(number, item.name, item.error)
            elif not item.url:
                chunk.todo.append(place)
        return chunk

    # Fetching

    def _fetch_items(self, chunk: Chunk) -> None:
        for place, (_, item) in enumerate(chunk.items):
            if item.url and item.error is None:
                chunk.fetching += 1
                self._fetch((chunk, place), item.url, self._bounds.url_bytes)

    def _fetch(self, whom: Process | tuple[Chunk, int], url: str, max_bytes: int) -> None:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._bounds.fetches, thread_name_prefix="batch-fetch")

        def come(future: Future[Fetched | Failure]) -> None:
            if not future.cancelled():
                self._fetched.append((whom, future))
                self._ring.send_bytes(b"!")

        self._threads.submit(self._once.answer, url, max_bytes).add_done_callback(come)

    def _take_fetched(self) -> None:
        while self._bell.poll():
            self._bell.recv_bytes()
        while self._fetched:
            whom, future = self._fetched.popleft()
            answer = future.result()
            if isinstance(whom, Process):
                if whom in self._processes:
                    self._tell(whom, answer)
                continue
            chunk, place = whom
            number, item = chunk.items[place]
            chunk.fetching -= 1
            if isinstance(answer, Failure):
                chunk.rows[place] = self._error(number, item.name, answer.error())
            else:
                chunk.items[place] = (number, Item(item.name, answer.body))
                chunk.todo.append(place)

    def _tell(self, process: Process, answer: Fetched | Failure) -> None:
        try:
            process.answer(answer, self._bounds.item_seconds)
        except OSError:
            self._lost(process, crashed())

    # Processes

    def _dispatch(self, window: Iterable[Chunk]) -> None:
        waiting = deque(chunk for chunk in window if chunk.waiting)
        for process in [process for process in self._processes if process.idle]:
            if not waiting:
                return
            try:
                process.give(waiting.popleft(), self._bounds.item_seconds)
            except OSError:
                self._lost(process, crashed())
        starting = sum(not process.ready for process in self._processes)
        for _ in range(min(len(waiting) - starting, self._jobs - len(self._processes))):
            self._processes.append(Process(self._context, self._task))

    def _listen(self) -> None:
        ready = listen(self._processes, [self._bell])
        for process in list(self._processes):
            if process.connection in ready:
                self._hear(process)
        if self._bell in ready:
            self._take_fetched()
        for process in list(self._processes):
            if process.overdue:
                self._lost(process, _timed_out())

    def _hear(self, process: Process) -> None:
        try:
            said = process.hear()
        except (EOFError, OSError):
            self._lost(process, crashed())
            return
        if said[0] == "fetch":
            self._fetch(process, said[1], said[2])
        elif said[0] == "rows" and process.chunk is not None:
            process.chunk.answered(said[1])
            process.chunk = None
        else:
            process.started()

    def _lost(self, process: Process, error: CouldNotCheck) -> None:
        self._processes.remove(process)
        process.end()
        if not process.ready:
            raise RuntimeError("the processes of the batch cannot be started")
        if process.chunk is not None:
            process.chunk.lost(lambda number, name: self._error(number, name, error))

    def _end_processes(self) -> None:
        while self._processes:
            self._processes.pop().end()


def _timed_out() -> CouldNotCheck:
    return CouldNotCheck("verification_timed_out", "This input could not be checked: it took too long.")


def verify_many(
    items: Iterable[Item],
    policy: Policy,
    *,
    fetcher: Fetcher | None = None,
    limits: Limits = DEFAULT_LIMITS,
    batch_limits: BatchLimits = DEFAULT_BATCH_LIMITS,
    now: datetime | None = None,
    recipient: ExpectedRecipient | None = None,
    reports: bool = False,
    jobs: int | None = None,
) -> Iterator[Row]:
    """A row for each item, in order; arguments as for `Batch`."""
    with Batch(
        policy,
        fetcher=fetcher,
        limits=limits,
        batch_limits=batch_limits,
        now=now,
        recipient=recipient,
        reports=reports,
        jobs=jobs,
    ) as batch:
        yield from batch.verify(items)
