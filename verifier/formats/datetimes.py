"""Date-times of credentials: `xsd:dateTimeStamp` (XSD 1.1 part 2, section 3.4.28), which must name their time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from verifier.errors import VerifierError

_FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def parse(value: object, *, pointer: str = "") -> datetime:
    """`value` as an aware moment in UTC; fractions beyond microseconds are cut off.

    Raises:
        VerifierError: `date_malformed`, `date_without_zone`.
    """
    found = _FORM.fullmatch(value) if isinstance(value, str) and len(value) <= 64 else None
    if found is None:
        raise VerifierError(
            "date_malformed", "A date in the credential is not written as date and time.", pointer=pointer
        )
    if found[8] is None:
        raise VerifierError(
            "date_without_zone", "A date in the credential does not name its time zone.", pointer=pointer
        )
    year, month, day, hour, minute, second = (int(found[n]) for n in range(1, 7))
    micro = int((found[7] or "")[:6].ljust(6, "0"))
    try:
        # 24:00:00 is the end of the day and second 60 a leap second; neither is a value of Python's datetime.
        extra = timedelta(hours=hour == 24 and minute == second == 0 and micro == 0 and 24)
        hour = 0 if extra else hour
        if second == 60:
            second, extra = 59, extra + timedelta(seconds=1)
        moment = datetime(year, month, day, hour, minute, second, micro, tzinfo=_zone(found[8]))
        return (moment + extra).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise VerifierError("date_malformed", "A date in the credential does not exist.", pointer=pointer) from error


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:6])
    if minutes > 59 or hours > 14:
        raise ValueError("no such zone")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def render(moment: datetime) -> str:
    """`moment` in UTC with a `Z`, whole seconds unless it has a fraction.

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
