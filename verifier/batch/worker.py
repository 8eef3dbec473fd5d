"""What runs in each process of a batch: it verifies what it is handed and asks the first process for documents.

A process of its own per core, so that an input which brings the interpreter down takes nothing else with it. It opens
no connection: only the first process fetches, so that each address is asked once in a run.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

from verifier.batch.fetching import Failure, FetchOnce
from verifier.batch.items import Row, row_of_error, row_of_report
from verifier.batch.limits import BatchLimits
from verifier.checks.recipient import ExpectedRecipient
from verifier.errors import CouldNotCheck
from verifier.fetch import Fetched, Fetcher
from verifier.limits import Limits
from verifier.memory import Memory
from verifier.policy import Policy
from verifier.verifier import Verifier

#: (number, name, bytes) of one input.
Work: TypeAlias = tuple[int, str, bytes]
#: What a process says: `("ready",)`, `("fetch", url, max_bytes)` or `("rows", [Row, …])`.
Said: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """What is the same for every input of a run. `reports`: whether rows carry the whole report."""

    policy: Policy
    limits: Limits
    batch_limits: BatchLimits
    now: datetime
    recipient: ExpectedRecipient | None = None
    reports: bool = False


def judge_with(task: Task, fetcher: Fetcher) -> Callable[[int, str, bytes], Row]:
    """The function that verifies one input, with one memory for all."""
    verifier, memory = Verifier(fetcher, limits=task.limits), Memory()

    def judge(number: int, name: str, data: bytes) -> Row:
        try:
            report = verifier.verify(data, task.policy, now=task.now, recipient=task.recipient, memory=memory)
        except Exception:  # noqa: BLE001 - a fault of ours over one input must not end the others
            return row_of_error(number, name, crashed(), full=task.reports)
        return row_of_report(number, name, report, full=task.reports)

    return judge


def crashed() -> CouldNotCheck:
    return CouldNotCheck("verification_crashed", "This input could not be checked: the program failed over it.")


class _Asking:
    """A fetcher that has the first process fetch."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        self._connection.send(("fetch", url, max_bytes))
        answer: Fetched | Failure = self._connection.recv()
        if isinstance(answer, Failure):
            raise answer.error()
        return answer


def main(connection: Connection, task: Task) -> None:
    """Verify what comes until the other end closes."""
    # Ctrl-C reaches every process of the terminal: the first one decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bounds = task.batch_limits
    once = FetchOnce(_Asking(connection), max_bytes=bounds.fetched_bytes // 2, seconds=bounds.fetched_seconds)
    judge = judge_with(task, once)
    try:
        connection.send(("ready",))
        while True:
            work: Sequence[Work] = connection.recv()
            connection.send(("rows", [judge(*each) for each in work]))
    except (EOFError, OSError):
        return
