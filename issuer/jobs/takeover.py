"""Whose work may be taken over: that of a worker which has been silent while this one watched.

No clock of another machine is trusted, and no gap of our own: a worker counts as gone only when this one saw its last
sign of life stand still for long enough, and could itself write all the while. A database that was locked or away for
everybody makes nobody gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime

from issuer.services.heartbeat import ENDED

#: How often a worker says that it is alive.
BEAT_SECONDS = 10.0
#: A worker that was silent for so long is gone.
GONE_SECONDS = 45.0
#: Longer between two looks of our own, and what was seen before counts no more.
GAP_SECONDS = 25.0


class Watch:
    """What one worker has seen of the others."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last = monotonic()
        self._since: dict[str, tuple[datetime, float]] = {}

    def gone(self, beats: Mapping[str, datetime]) -> dict[str, datetime]:
        """Of these workers those that are gone, with their last sign of life. Call it after each beat of one's own."""
        now = self._monotonic()
        before = self._since if now - self._last <= GAP_SECONDS else {}
        self._last = now
        self._since = {
            worker: before[worker] if worker in before and before[worker][0] == seen_at else (seen_at, now)
            for worker, seen_at in beats.items()
        }
        return {
            worker: seen_at
            for worker, (seen_at, since) in self._since.items()
            if seen_at == ENDED or now - since >= GONE_SECONDS
        }
