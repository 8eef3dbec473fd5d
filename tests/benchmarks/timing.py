"""Measuring on a machine that does other things too: processor time, and the median of many rounds.

Time by the clock would favour whatever is short, because long operations are interrupted more often.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a table; `seconds` for one operation."""

    name: str
    seconds: float

    @property
    def rate(self) -> float:
        return 1 / self.seconds


def measure(name: str, operation: Callable[[], object], *, seconds: float = 0.6) -> Row:
    """How long `operation` takes, warm, by the median of its rounds."""
    operation()
    rounds: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(rounds) < 5:
        start = time.process_time()
        operation()
        rounds.append(time.process_time() - start)
    return Row(name, statistics.median(rounds))
