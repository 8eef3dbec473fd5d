"""How much time one verification may take, whatever is inside.

`allowance` starts the clock; everything below it that waits or works asks `seconds_left` or calls `require_time`. An
allowance inside another one never lasts longer than the outer one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from verifier.errors import CouldNotCheck
from verifier.limits import Limits


class OutOfTime(CouldNotCheck):
    """The whole verification has used up its time. It says nothing about the credential."""


@dataclass(frozen=True, slots=True)
class _Ends:
    """`wall` by `time.monotonic`, `cpu` by `time.thread_time`."""

    wall: float
    cpu: float


_ends: ContextVar[_Ends | None] = ContextVar("verification_ends", default=None)


@contextmanager
def allowance(limits: Limits) -> Iterator[None]:
    """Inside the block there is `limits.verification_seconds` of time and `limits.processor_seconds` of work."""
    outer = _ends.get()
    mine = _Ends(time.monotonic() + limits.verification_seconds, time.thread_time() + limits.processor_seconds)
    if outer is not None:
        mine = _Ends(min(mine.wall, outer.wall), min(mine.cpu, outer.cpu))
    token = _ends.set(mine)
    try:
        yield
    finally:
        _ends.reset(token)


def seconds_left() -> float:
    """Seconds until the time is over; infinite outside of every allowance."""
    ends = _ends.get()
    return float("inf") if ends is None else ends.wall - time.monotonic()


def require_time() -> None:
    """Go on only if there is time left.

    Raises:
        OutOfTime: `verification_out_of_time`.
    """
    ends = _ends.get()
    if ends is not None and (time.monotonic() >= ends.wall or time.thread_time() >= ends.cpu):
        raise OutOfTime(
            "verification_out_of_time",
            "This was not looked at: checking the credential took too long and was stopped.",
        )
