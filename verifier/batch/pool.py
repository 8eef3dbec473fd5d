"""Processes that verify, watched by the first one: who is silent too long or dies is replaced, and its input told."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import TypeAlias

from verifier.batch.items import Item, Row
from verifier.batch.worker import Said, Task, Work, main

#: How long a process may take to start, on a machine that does other things too.
_START_SECONDS = 120.0

Context: TypeAlias = ForkServerContext | SpawnContext


def context() -> Context:
    """Fresh processes, never a copy of this one with its threads and connections. Where the system can, they come from
    a server process that has imported the verifier once, so that they start fast and share its memory."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        made = multiprocessing.get_context("forkserver")
        made.set_forkserver_preload([main.__module__])
        return made
    return multiprocessing.get_context("spawn")


@dataclass(eq=False, slots=True)
class Chunk:
    """A few inputs that travel together.

    Attributes:
        items: (number, item); `rows` holds the answers in the same order, None where there is none yet.
        todo: places in `items` that wait for a process; `sent`: those that one works on.
        fetching: how many addresses are still being fetched.
        singly: whether its inputs go one at a time, because a process died over them.
    """

    items: list[tuple[int, Item]]
    rows: list[Row | None]
    todo: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    fetching: int = 0
    singly: bool = False

    @property
    def done(self) -> bool:
        return not self.todo and not self.sent and not self.fetching

    @property
    def waiting(self) -> bool:
        return bool(self.todo) and not self.sent and not self.fetching

    def take(self) -> list[Work]:
        """What to send next."""
        count = 1 if self.singly else len(self.todo)
        self.sent, self.todo = self.todo[:count], self.todo[count:]
        work: list[Work] = []
        for place in self.sent:
            number, item = self.items[place]
            work.append((number, item.name, item.data or b""))
        return work

    def answered(self, rows: Sequence[Row]) -> None:
        for place, row in zip(self.sent, rows, strict=True):
            number, item = self.items[place]
            self.rows[place] = row
            self.items[place] = (number, Item(item.name))  # the bytes are needed no more
        self.sent = []

    def lost(self, row: Callable[[int, str], Row]) -> None:
        """Its process is gone: one input alone is to blame, of several each is tried alone."""
        if len(self.sent) == 1:
            number, item = self.items[self.sent[0]]
            self.answered([row(number, item.name)])
        else:
            self.todo, self.sent, self.singly = self.sent + self.todo, [], True


class Process:
    """One process and what it is doing. `deadline`: when its silence becomes too long; None while it waits for us."""

    def __init__(self, made: Context, task: Task) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        self._process = made.Process(target=main, args=(theirs, task), daemon=True)
        self._process.start()
        theirs.close()
        self.ready = False
        self.chunk: Chunk | None = None
        self.deadline: float | None = time.monotonic() + _START_SECONDS

    def started(self) -> None:
        self.ready = True

    @property
    def idle(self) -> bool:
        return self.ready and self.chunk is None

    def give(self, chunk: Chunk, seconds: float) -> None:
        """Raises: OSError if it is gone; the chunk counts as given all the same."""
        self.chunk = chunk
        self.deadline = time.monotonic() + seconds
        self.connection.send(chunk.take())

    def answer(self, answer: object, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.connection.send(answer)

    def hear(self) -> Said:
        """Raises: EOFError, OSError if it is gone."""
        said: Said = self.connection.recv()
        self.deadline = None
        return said

    @property
    def overdue(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def end(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def listen(processes: Sequence[Process], others: Sequence[Connection]) -> list[object]:
    """Wait until a process says something, one of `others` can be read, or somebody's silence has lasted too long."""
    deadlines = [process.deadline for process in processes if process.deadline is not None]
    timeout = max(0.0, min(deadlines) - time.monotonic()) + 0.01 if deadlines else None
    return list(wait([*(process.connection for process in processes), *others], timeout))
