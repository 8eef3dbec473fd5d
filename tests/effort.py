"""Processor time that a call may take. Not the clock on the wall, which also counts what else the machine is doing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def processor_seconds(most: float) -> Iterator[None]:
    """Fails if the block used more than `most` seconds of processor time in this thread.

    Set `most` well above what is normal and well below what the attack would take.
    """
    started = time.thread_time()
    yield
    used = time.thread_time() - started
    assert used < most, f"{used:.2f} s of processor time were used; {most} s are the most"
