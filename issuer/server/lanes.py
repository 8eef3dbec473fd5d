"""Threads for whole requests: at most half of them for requests that may wait for the outside world.

The others answer everything else meanwhile. Slow requests wait in a line of their own, without a thread; when the line
is full, or the wait too long, the answer is 503 with Retry-After, given by a thread of the other half.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from waitress.task import ThreadedTaskDispatcher

#: Slow requests that may wait, for each thread that serves them, and for how long.
WAITING_EACH = 8
WAITING_SECONDS = 10.0


class Lanes(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress ships no types
    """Tasks are connections; the first of their requests is the one to be answered."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.most_slow = max(1, threads // 2)
        self._slow: deque[tuple[float, Any]] = deque()
        self._slow_now = 0
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        with self.lock:
            if not task.requests[0].slow:
                self.queue.append(task)
            elif len(self._slow) < self.most_slow * WAITING_EACH:
                self._slow.append((time.monotonic(), task))
            else:
                self._turn_away(task)
            self.queue_cv.notify()

    def look_after(self, now: float) -> None:
        """Called by the loop every second: whoever has waited too long is answered."""
        with self.lock:
            while self._slow and now - self._slow[0][0] > WAITING_SECONDS:
                self._turn_away(self._slow.popleft()[1])
                self.queue_cv.notify()

    def _turn_away(self, task: Any) -> None:
        task.requests[0].refuse("busy")
        self.queue.append(task)

    def _next(self) -> tuple[Any, bool] | None:
        """The next task and whether it is slow; call it with the lock."""
        if self.queue:
            return self.queue.popleft(), False
        if self._slow and self._slow_now < self.most_slow:
            self._slow_now += 1
            return self._slow.popleft()[1], True
        return None

    def handler_thread(self, thread_no: int) -> None:
        while True:
            with self.lock:
                found = self._next()
                while found is None and self.stop_count == 0:
                    self.active_count -= 1
                    self.queue_cv.wait()
                    self.active_count += 1
                    found = self._next()
                if found is None:
                    self.active_count -= 1
                    self.stop_count -= 1
                    self.threads.discard(thread_no)
                    self.thread_exit_cv.notify()
                    return
            task, slow = found
            try:
                task.service()
            except BaseException:
                # A thread that ends takes its place with it; the connection is closed by whoever looks after it.
                self.logger.exception("a request could not be answered")
            finally:
                if slow:
                    with self.lock:
                        self._slow_now -= 1
                        self.queue_cv.notify()
