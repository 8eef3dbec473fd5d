from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.errors import VerifierError
from verifier.formats import datetimes


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T02:00:00+02:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2025-12-31T19:00:00-05:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.1234567Z", datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)),
        ("2025-12-31T24:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2025-12-31T23:59:60Z", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert datetimes.parse(text) == moment


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-01-01T00:00:00", "date_without_zone"),
        ("2026-01-01", "date_malformed"),
        ("2026-02-30T00:00:00Z", "date_malformed"),
        ("2026-01-01T24:00:01Z", "date_malformed"),
        ("2026-01-01T00:00:00+15:00", "date_malformed"),
        ("2026-01-01 00:00:00Z", "date_malformed"),
        ("٢٠٢٦-01-01T00:00:00Z", "date_malformed"),
        ("9999-12-31T24:00:00Z", "date_malformed"),
        ("0001-01-01T00:00:00+10:00", "date_malformed"),
        (1767225600, "date_malformed"),
        (None, "date_malformed"),
    ],
)
def test_bad_dates(value: object, code: str) -> None:
    with pytest.raises(VerifierError) as caught:
        datetimes.parse(value)
    assert caught.value.code == code


@given(st.datetimes(timezones=st.just(UTC)))
def test_render_and_parse_are_inverse(moment: datetime) -> None:
    assert datetimes.parse(datetimes.render(moment)) == moment
