"""Dates as the standards write them."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime


def timestamp(moment: datetime) -> str:
    """DateTimeZ of Open Badges 3.0: UTC, whole seconds, `Z`."""
    if moment.tzinfo is None:
        raise TypeError("a moment needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def add_months(moment: datetime, months: int) -> datetime:
    """The same day `months` later, or that month's last if it has none (31 January + 1: 28 or 29 February)."""
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
