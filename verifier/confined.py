"""Work on strangers' data that nothing bounds from outside: done in processes that can be killed.

A regular expression, a schema or a picture by a stranger may keep native code busy for minutes, and the interpreter
with it. Here each piece of such work runs in a process of its own with bounds on processor time, memory and files; what
goes beyond them costs that process and one answer, nothing else.

Processes are kept warm where the work is in memory-safe code. Pictures get a fresh one each: a decoder that was taken
over must not see the next person's file.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from verifier.allowance import seconds_left
from verifier.confined_process import HEAD, MAX_ANSWER
from verifier.errors import CouldNotCheck

#: Processes at work at a time, in this process. More would only take the processor from each other.
MOST = max(2, min(4, os.cpu_count() or 2))
#: A warm process is replaced after so much work, so that whatever it piled up goes with it.
_REUSED = 200
#: For the start of the interpreter, on a machine that does other things too. Only processor time is bounded tightly.
_START_SECONDS = 10.0


class Stopped(CouldNotCheck):
    """The work was ended at a bound, or its process died over it."""


def _environment() -> dict[str, str]:
    """What an interpreter needs to start. No secret of ours: a decoder that was taken over could read it."""
    needed = ("LD_LIBRARY_PATH", "SYSTEMROOT")
    return {"PATH": os.defpath, "LANG": "C.UTF-8", **{each: os.environ[each] for each in needed if each in os.environ}}


class _Process:
    def __init__(self, memory: int) -> None:
        self._popen = subprocess.Popen(  # noqa: S603 - our own module by our own interpreter; data goes in by pipe
            [sys.executable, "-I", "-m", "verifier.confined_process", str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(),
        )
        self.used = 0

    def run(self, head: bytes, payload: bytes, until: float) -> dict[str, Any]:
        """Raises: TimeoutError, OSError, ValueError, EOFError; the process is then of no more use."""
        self.used += 1
        assert self._popen.stdin is not None and self._popen.stdout is not None  # noqa: S101, PT018 - both are pipes
        source, sink = self._popen.stdout.fileno(), self._popen.stdin.fileno()
        os.set_blocking(sink, False)
        waiting = memoryview(HEAD.pack(len(head), len(payload)) + head + payload)
        answer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            selector.register(sink, selectors.EVENT_WRITE)
            while True:
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                for key, _ in selector.select(left):
                    if key.fd == sink:
                        waiting = waiting[os.write(sink, waiting[: 1 << 16]) :]
                        if not waiting:
                            selector.unregister(sink)
                        continue
                    chunk = os.read(source, 1 << 16)
                    if not chunk:
                        raise EOFError
                    answer += chunk
                    if len(answer) > MAX_ANSWER + HEAD.size:
                        raise ValueError("an answer beyond the bound")
                    if len(answer) >= HEAD.size:
                        size, _ = HEAD.unpack_from(answer)
                        if len(answer) == HEAD.size + size:
                            found: dict[str, Any] = json.loads(answer[HEAD.size :])
                            return found

    def end(self) -> None:
        self._popen.kill()
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                pipe.close()
        self._popen.wait()


class _Pool:
    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MOST)
        self._lock = threading.Lock()
        self._warm: dict[int, list[_Process]] = {}

    def run(self, head: bytes, payload: bytes, *, seconds: float, memory: int, fresh: bool) -> dict[str, Any]:
        until = time.monotonic() + min(seconds * 2 + _START_SECONDS, seconds_left())
        if not self._places.acquire(timeout=max(0.0, until - time.monotonic())):
            raise TimeoutError
        try:
            process = self._take(memory, fresh)
            try:
                answer = process.run(head, payload, until)
            except BaseException:
                process.end()
                raise
            self._give_back(process, memory, fresh)
            return answer
        finally:
            self._places.release()

    def _take(self, memory: int, fresh: bool) -> _Process:
        with self._lock:
            if not fresh and self._warm.get(memory):
                return self._warm[memory].pop()
        return _Process(memory)

    def _give_back(self, process: _Process, memory: int, fresh: bool) -> None:
        if fresh or process.used >= _REUSED:
            process.end()
            return
        with self._lock:
            self._warm.setdefault(memory, []).append(process)

    def close(self) -> None:
        with self._lock:
            warm, self._warm = self._warm, {}
        for process in (each for processes in warm.values() for each in processes):
            process.end()


_pool = _Pool()
atexit.register(lambda: _pool.close())


def _forget() -> None:
    # A forked child must not talk through its parent's pipes.
    global _pool
    _pool = _Pool()


os.register_at_fork(after_in_child=_forget)


def run(
    task: str,
    payload: bytes,
    *,
    seconds: float,
    memory: int,
    fresh: bool = False,
    bounds: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What the function `run` of the module `task` answers for `payload`, in a process of its own.

    Args:
        seconds: processor time for this piece of work.
        memory: address space of the process, in bytes.
        fresh: use a process for this piece of work alone.
        bounds: further bounds that the task knows.

    Raises:
        Stopped: `work_stopped`, at a bound of time or memory, or because the process died.
    """
    head = json.dumps({"task": task, "seconds": seconds, "bounds": dict(bounds or {})}).encode()
    try:
        return _pool.run(head, payload, seconds=seconds, memory=memory, fresh=fresh)
    except (OSError, EOFError, ValueError) as error:
        raise Stopped("work_stopped", "This took too long or too much memory, and was stopped.") from error
