"""Absolute URIs (RFC 3986) as far as ids need them: a scheme, something after it, no forbidden character."""

from __future__ import annotations

import re

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+", re.ASCII)


def is_absolute(text: str) -> bool:
    """Whether `text` is one absolute URI or IRI."""
    return _ABSOLUTE.fullmatch(text) is not None and not text.startswith("_:")
