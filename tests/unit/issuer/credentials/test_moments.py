from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from issuer.credentials.moments import add_months, timestamp


def test_timestamps_are_utc_with_z() -> None:
    there = timezone(timedelta(hours=-5))
    assert timestamp(datetime(2026, 1, 1, 20, 0, 0, 999, tzinfo=there)) == "2026-01-02T01:00:00Z"
    with pytest.raises(TypeError):
        timestamp(datetime(2026, 1, 1))  # noqa: DTZ001 - a naive moment is what is refused


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [((2026, 1, 31), 1, (2026, 2, 28)), ((2024, 2, 29), 36, (2027, 2, 28)), ((2026, 11, 5), 14, (2028, 1, 5))],
)
def test_months_end_on_the_last_day_there_is(start, months, end) -> None:
    assert add_months(datetime(*start, tzinfo=UTC), months) == datetime(*end, tzinfo=UTC)
