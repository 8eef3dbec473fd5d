"""Work of a web process that must not be done while somebody waits, because how long it takes would tell something.

Bounded, and not durable: for what a person can simply ask for again. What must not be lost is a job (`issuer.jobs`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

logger = logging.getLogger("badgewright.background")

THREADS = 2
#: Pieces of work that may wait; a mail server that hangs must not fill the memory.
WAITING = 100


class Background:
    """A few threads of this process. `close` gives them time to finish what is waiting."""

    def __init__(self, threads: int = THREADS, waiting: int = WAITING) -> None:
        # Its threads start with the first piece of work, so that it may be made before the process forks.
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="background")
        self._room = threading.BoundedSemaphore(threads + waiting)
        self._under_way: set[Future[None]] = set()

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
            future = self._executor.submit(self._do, work)
        except RuntimeError:  # the process is ending
            self._room.release()
            return False
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return True

    def release(self) -> None:
        """For `Place` alone."""
        self._room.release()

    def close(self, seconds: float) -> bool:
        """Take no more work, and give what was taken in so long to be done. False if some of it was not."""
        self._executor.shutdown(wait=False)
        _, left = wait(self._under_way.copy(), timeout=max(0.0, seconds))
        for future in left:
            future.cancel()
        if left:
            logger.error("%d pieces of work in the background were given up at the end of the process", len(left))
        return not left

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
