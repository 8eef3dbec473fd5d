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
        place = self.reserve()
        return place is not None and place.start(work)

    def reserve(self) -> Place | None:
        """A place for work that starts later; None if too much is waiting already."""
        return Place(self) if self._room.acquire(blocking=False) else None

    def submit(self, work: Callable[[], object]) -> bool:
        """For `Place` alone, whose room it uses and gives back."""
        try:
            self._executor.submit(self._do, work)
        except RuntimeError:  # the process is ending
            self._room.release()
            return False
        return True

    def release(self) -> None:
        """For `Place` alone."""
        self._room.release()

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


class Place:
    """Room for one piece of work. Given back when it is done, or when the place is dropped without having been used."""

    def __init__(self, background: Background) -> None:
        self._background: Background | None = background

    def start(self, work: Callable[[], object]) -> bool:
        """Have `work` done soon. False if the process is ending, or if this place was used before."""
        background, self._background = self._background, None
        return background is not None and background.submit(work)

    def __del__(self) -> None:
        if self._background is not None:
            self._background.release()
