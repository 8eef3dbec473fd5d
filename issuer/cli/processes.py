"""Several programs as one: started together, watched, and stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType

from issuer.processes import BEAT_VARIABLE, GRACE_SECONDS, PARENT_VARIABLE

#: A program that ends sooner than this after its start will not do better the next time.
HEALTHY_AFTER_SECONDS = 5.0
#: Between two tries to start a program that has run before.
MOST_DELAY_SECONDS = 30.0
#: A program that beats and has been silent for so long hangs.
SILENT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Program:
    """What is started.

    Attributes:
        inherits: descriptors that it gets under the same numbers.
        beats: it says that it is alive, by a pipe; one that falls silent is killed and started again.
    """

    command: list[str]
    inherits: tuple[int, ...] = ()
    beats: bool = False


@dataclass(slots=True)
class _Running:
    name: str
    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = field(default=0.0)
    heard: float = field(default=0.0)
    #: It has run well before; when it then cannot start, the reason may pass, and the others go on.
    proven: bool = False
    failures: int = 0
    again_at: float | None = None
    pipe: int | None = None


class ProcessTree:
    """Programs that live and die together under this process.

    SIGINT and SIGTERM stop all of them and wait. A program that ends by itself is started again, unless it has never
    run for a while: then everything stops, because it could not have worked.
    """

    def __init__(self, programs: Mapping[str, Program], environ: Mapping[str, str], say: Callable[[str], None]):
        self._programs = [_Running(name, program) for name, program in programs.items()]
        self._environ = {**environ, PARENT_VARIABLE: str(os.getpid())}
        self._say = say
        self._wake = threading.Event()
        self._stopping = False

    def run(self, ready: Callable[[], None] = lambda: None) -> int:
        """Starts everything, calls `ready`, returns when all has ended: 0 after a signal, else what failed."""
        previous = {
            number: signal.signal(number, handler)
            for number, handler in (
                (signal.SIGINT, self._stop),
                (signal.SIGTERM, self._stop),
                (signal.SIGCHLD, self._look),
            )
        }
        try:
            for program in self._programs:
                self._start(program)
            ready()
            return self._watch()
        finally:
            self._end_all()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True
        self._wake.set()

    def _look(self, _number: int, _frame: FrameType | None) -> None:
        self._wake.set()

    def _start(self, running: _Running) -> None:
        program, environ, theirs = running.program, self._environ, None
        if running.pipe is not None:
            os.close(running.pipe)
            running.pipe = None
        if program.beats:
            running.pipe, theirs = os.pipe()
            os.set_blocking(running.pipe, False)
            environ = {**environ, BEAT_VARIABLE: str(theirs)}
        try:
            # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
            running.process = subprocess.Popen(  # noqa: S603 - our own commands
                program.command,
                env=environ,
                start_new_session=True,
                pass_fds=program.inherits + ((theirs,) if theirs is not None else ()),
            )
        finally:
            if theirs is not None:
                os.close(theirs)
        running.started = running.heard = time.monotonic()

    def _watch(self) -> int:
        while not self._stopping:
            self._wake.clear()
            for running in self._programs:
                self._end_if_it_hangs(running)
                code = running.process.poll() if running.process else None
                if code is None or self._stopping:
                    continue
                if running.again_at is None and (failed := self._ended(running, code)):
                    return failed
                if running.again_at is not None and time.monotonic() >= running.again_at:
                    running.again_at = None
                    self._start(running)
            if not self._stopping:
                self._wake.wait(timeout=min(1.0, SILENT_SECONDS / 4))
        return 0

    def _ended(self, running: _Running, code: int) -> int:
        """Plan its next start; or what everything ends with, because it could never have worked."""
        if time.monotonic() - running.started >= HEALTHY_AFTER_SECONDS:
            running.proven, running.failures = True, 0
        elif not running.proven:
            self._say(f"The {running.name} could not start (exit code {code}). Its reason stands above.")
            return code if code > 0 else 1
        self._say(f"The {running.name} ended unexpectedly (exit code {code}) and is started again.")
        running.again_at = time.monotonic() + min(2.0 ** min(running.failures, 5) - 1, MOST_DELAY_SECONDS)
        running.failures += 1
        return 0

    def _end_if_it_hangs(self, running: _Running) -> None:
        if running.pipe is None or running.process is None or running.process.poll() is not None:
            return
        now = time.monotonic()
        try:
            if os.read(running.pipe, 1 << 16):
                running.heard = now
        except BlockingIOError:
            pass
        if now - running.heard > SILENT_SECONDS:
            self._say(f"The {running.name} has not answered for {SILENT_SECONDS:.0f} seconds and is ended.")
            running.process.kill()
            running.process.wait()

    def _end_all(self) -> None:
        running = [p.process for p in self._programs if p.process is not None and p.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
