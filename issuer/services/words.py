"""Words that people typed, fit to keep: nothing that a database refuses, one kind of line end, a bound on length."""

from __future__ import annotations

from issuer.errors import Fault, Invalid

#: Far above any word limit that a microcredential sets; keeps one field from filling the database.
MAX_TEXT = 100_000


def kept(text: str, pointer: str, *, max_chars: int = MAX_TEXT) -> str:
    """The text as it is stored: NUL and lone surrogates, which PostgreSQL cannot hold, are left out; lines end in LF.

    Raises:
        Invalid: code `text_too_long`. The text is refused whole, never cut.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = text.encode("utf-8", "ignore").decode("utf-8")
    if len(text) > max_chars:
        raise invalid("text_too_long", f"This text has {len(text)} characters; at most {max_chars} are kept.", pointer)
    return text


def line(text: str, pointer: str, *, max_chars: int) -> str:
    """The same for a single line: runs of white space become one space.

    Raises:
        Invalid: code `text_too_long`.
    """
    return " ".join(kept(text, pointer, max_chars=max_chars).split())


def invalid(code: str, message: str, pointer: str) -> Invalid:
    """One fault at one place."""
    return Invalid(message, code=code, faults=[Fault(code, message, pointer)])
