"""The text formats that the JSON Schemas name, each written out here.

JSON Schema leaves `format` to the implementation (Draft 2019-09 Validation, section 7.2.1), so that two validators may
disagree about the same document. These functions are handed to the validator and are the only ones it uses. All run in
time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

# RFC 3987: what a URI may hold, and letters beyond ASCII; no controls, no private use, no non-characters.
_CHARACTERS = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U000efffd-]"
_IRI = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:{_CHARACTERS}+")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_BARE_WEB_SCHEME = re.compile(r"https?:(?!//[^/?#])", re.IGNORECASE)

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_DATE_TIME = re.compile(rf"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})T{_TIME}{_ZONE}")
_LOCAL_DATE_TIME = re.compile(rf"([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})T{_TIME}(?:{_ZONE})?")


def is_iri(text: str) -> bool:
    """An absolute IRI (RFC 3987), which every URI is; `http` and `https` need a host.

    JSON-LD names things by IRI, so letters beyond ASCII are taken; spaces and what JSON-LD would drop are not.
    """
    if not _IRI.fullmatch(text) or _BARE_WEB_SCHEME.match(text):
        return False
    return "%" not in text or not _BAD_PERCENT.search(text)


def _has_day(text: str, shape: re.Pattern[str]) -> bool:
    found = shape.fullmatch(text)
    if not found:
        return False
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """`xsd:dateTimeStamp` (XML Schema 1.1 part 2, 3.4.28) of the years 0001 to 9999: a time zone is required."""
    return _has_day(text, _DATE_TIME)


def is_local_date_time(text: str) -> bool:
    """`xsd:dateTime` of the years 0001 to 9999: the time zone may be left out."""
    return _has_day(text, _LOCAL_DATE_TIME)


def is_date(text: str) -> bool:
    """`YYYY-MM-DD`, a day that exists."""
    return _has_day(text, _DATE)


FORMATS: dict[str, Callable[[str], bool]] = {
    "iri": is_iri,
    "date-time": is_date_time,
    "local-date-time": is_local_date_time,
    "date": is_date,
}
