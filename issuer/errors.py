"""Errors of the service. Each becomes an RFC 9457 problem or a sentence on the page; none leaves a trace of code.

`status` is the HTTP status it is answered with; `code` is stable and documented in `docs/codes.md`; `pointer` is a
JSON Pointer (RFC 6901) or a form field's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong at one place."""

    code: str
    message: str
    pointer: str = ""


class ServiceError(Exception):
    """A request that cannot be carried out, with the reason a person can act on."""

    status = 400
    code = "bad_request"
    #: Seconds after which trying again may help; None where time changes nothing.
    retry_after: int | None = None

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        faults: Sequence[Fault] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.faults = tuple(faults)
        self.details = dict(details or {})


class Invalid(ServiceError):
    """The input has the wrong shape or breaks a rule of the field."""

    status = 422
    code = "invalid"


class NotFound(ServiceError):
    """No such thing, or not for this person: the two are never told apart."""

    status = 404
    code = "not_found"


class Forbidden(ServiceError):
    """The person is known and may not do this."""

    status = 403
    code = "forbidden"


class Conflict(ServiceError):
    """The thing is in a state in which this cannot be done."""

    status = 409
    code = "conflict"


class TooMany(ServiceError):
    """The person asks too often; later it works again."""

    status = 429
    code = "too_many"


class TooLarge(ServiceError):
    status = 413
    code = "too_large"


class UnsupportedType(ServiceError):
    status = 415
    code = "unsupported_type"


#: Part of it may have been done: a connection that is lost during COMMIT does not say.
_UNFINISHED = "We could not finish this. Please reload the page and check before you try again."


class NoSpace(ServiceError):
    """The disk is full. Reading works; what would be written is not taken in."""

    status = 507
    code = "no_space"

    def __init__(self) -> None:
        super().__init__(f"There is no room left. {_UNFINISHED}")


class DatabaseAway(ServiceError):
    """The database is not responding: it restarts, is locked for too long, or has no connection left."""

    status = 503
    code = "database_away"
    retry_after = 5

    def __init__(self) -> None:
        super().__init__(f"The database is not responding. {_UNFINISHED}")
