"""Whether a request wants data or a page; `current` has the question of our own script."""

from __future__ import annotations

from flask import request


def data_type(*types: str) -> str:
    """Which of these media types the caller would rather have than a page; "" for a page, also where it is all one."""
    best = request.accept_mimetypes.best_match(["text/html", *types])
    return "" if best in ("text/html", None) else str(best)


def wants_json() -> bool:
    """The request wants JSON, as our own script does, not a page."""
    return data_type("application/json") != ""
