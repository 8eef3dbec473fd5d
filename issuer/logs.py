"""Logs: one JSON object a line on stderr, with what an operator needs and nothing about a person.

No address of a visitor, no path with a number in it, no e-mail, no body: an event names the endpoint, the status, the
time taken and a random number of the request, which the answer carries too (`X-Request-Id`).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

#: Never written, whoever hands it to a logger.
PERSONAL = frozenset(
    {"email", "name", "password", "address", "ip", "path", "query", "body", "token", "secret", "cookie"}
)


def _leave_out_personal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in PERSONAL.intersection(event):
        event[name] = "(left out)"
    return event


def configure(level: str = "info") -> None:
    """Sets up structlog and the standard library's logging for this process. Calling it again changes the level."""
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without local values: they hold what people typed.
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        _leave_out_personal,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # Ours speaks at the level asked for; libraries only when something is wrong.
    logging.getLogger("badgewright").setLevel(number)
