"""The one place where the service reads the time."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, UTC, whole seconds: what is signed and stored carries no finer time."""
    return datetime.now(UTC).replace(microsecond=0)
