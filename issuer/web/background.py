"""Work of a web process that must not be done while somebody waits, because how long it takes would tell something.

Bounded, and not durable: for what a person can simply ask for again. What must not be lost is a job (`issuer.jobs`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

logger = logging.getLogger("badgewright.background")

THREADS = 2
#: Pieces of work that may wait; a mail server that hangs must not fill the memory.
WAITING = 100


class Background:
    """A few threads of this process. At a normal end of the process they finish what is waiting."""

    def __init__(self, threads: int = THREADS, waiting: int = WAITING) -> None:
        # Its threads start with the first piece of work, so that it may be made before the process forks. The
        # interpreter joins them at its end, and they empty the queue first.
        self._threads = threads
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self._room = threading.BoundedSemaphore(threads + waiting)

    def start(self, work: Callable[[], object]) -> bool:
        """Have `work` done soon. False, and nothing is done, if too much is waiting already."""
        if not self._room.acquire(blocking=False):
            return False
        try:
            self._executor.submit(self._do, work)
        except RuntimeError:  # the process is ending
            self._room.release()
            return False
        return True

    def settle(self) -> None:
        """Wait until everything that was started before is done."""
        arrived = threading.Barrier(self._threads)
        wait([self._executor.submit(arrived.wait) for _ in range(self._threads)])

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            logger.exception("work in the background failed")
        finally:
            self._room.release()
