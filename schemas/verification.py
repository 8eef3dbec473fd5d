"""Bulk verifications as the service speaks of them. The receipt itself never passes through a shape."""

from __future__ import annotations

from schemas.fields import Choice, Count, Inner, Moment, Shape, Text

STATES = ("waiting", "running", "done", "failed", "forgotten")


class Verdicts(Shape):
    """How many answers there are of each verdict."""

    verified = Count()
    failed = Count()
    undetermined = Count()
    unrecognised = Count()


class BulkVerificationShape(Shape):
    """`state` is `forgotten` when the answers were deleted after their time. `size` in bytes; `done`: credentials that
    have their answer; `moment`: what all of them are judged for."""

    number = Text(maximum=36)
    state = Choice(STATES)
    kind = Choice(("csv", "jsonl", "zip"))
    sha256 = Text(maximum=64)
    size = Count()
    done = Count()
    counts = Inner(Verdicts)
    problem = Text(maximum=1000)
    created_at = Moment()
    moment = Moment()
    finished_at = Moment()
