"""Every error of the API as an RFC 9457 problem: one shape, a stable code, a pointer to the place.

Codes of requests that no service has seen:

* `bad_request`: the request cannot be understood.
* `invalid_json`: the body is not JSON (RFC 8259, UTF-8, no name twice).
* `method_not_allowed`: the address does not take that method.
* `not_acceptable`: the answer is not available in a form that the header Accept allows.
* `timeout`: the request took too long to arrive.
* `address_too_long`: the address is too long.
* `headers_too_large`: the headers of the request are too large.
* `too_many_requests`: too many requests; the header Retry-After says how many seconds to wait.
* `internal_error`: something went wrong on our side; it has been noted. What was asked may have been done in part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from flask import Response, current_app, json, request
from werkzeug.exceptions import HTTPException

from issuer.errors import ServiceError
from issuer.outage import without_database
from schemas.problem import MEDIA_TYPE, Problem, ProblemFault, faults_from

#: What a plain HTTP error means here: status -> (code, sentence).
_PLAIN: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be understood."),
    404: ("not_found", "There is nothing at this address, or not for this key."),
    405: ("method_not_allowed", "This address does not take that method; the header Allow says which it takes."),
    406: ("not_acceptable", "The answer is not available in a form that the header Accept allows."),
    408: ("timeout", "The request took too long to arrive."),
    413: ("too_large", "The request is larger than this installation takes."),
    414: ("address_too_long", "The address is too long."),
    415: ("unsupported_type", "Send the body as the documentation of this address says, with that Content-Type."),
    422: ("invalid", "Something in the request is not as it should be; the faults say what and where."),
    429: ("too_many_requests", "Too many requests; the header Retry-After says how many seconds to wait."),
    431: ("headers_too_large", "The headers of the request are too large."),
}
_FAULT = ("internal_error", "Something went wrong on our side. It has been noted. Please check before you try again.")
_KEPT_HEADERS = frozenset({"allow", "retry-after", "www-authenticate"})


def answer(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response."""
    response = Response(json.dumps(problem.as_dict()), status=problem.status, content_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    return response


def from_service_error(error: ServiceError) -> Response:
    """A refusal by a service, as it stands."""
    faults = [ProblemFault(fault.code, fault.message, fault.pointer) for fault in error.faults]
    headers = {"WWW-Authenticate": 'Bearer realm="badgewright"'} if error.status == 401 else {}
    if error.retry_after:
        headers["Retry-After"] = str(error.retry_after)
    return answer(Problem(error.status, error.code, error.message, faults, further=error.details), headers)


def from_http_error(error: HTTPException) -> Response:
    """An error of Flask, of reading the arguments, or of the rate limits."""
    if isinstance(error.response, Response):
        return error.response
    status = error.code or 500
    code, sentence = _PLAIN.get(status, _FAULT)
    data: Mapping[str, Any] = getattr(error, "data", None) or {}
    headers = {name: value for name, value in error.get_headers(request.environ) if name.lower() in _KEPT_HEADERS}
    return answer(
        Problem(
            status if status in _PLAIN else 500,
            data.get("code") or code,
            data.get("message") or sentence,
            list(_faults(data.get("messages"))),
        ),
        headers,
    )


def from_fault(error: Exception) -> Response:
    """A fault of ours: noted in the log, answered without a word about the code. Tests see it as it is."""
    if found := without_database(error):
        structlog.get_logger("badgewright.api").warning(found.code, endpoint=request.endpoint)
        return from_service_error(found)
    if current_app.testing:
        raise error
    structlog.get_logger("badgewright.api").error("request_failed", endpoint=request.endpoint, exc_info=error)
    return answer(Problem(500, *_FAULT))


def _faults(messages: Any) -> Iterator[ProblemFault]:
    """webargs puts marshmallow's messages under the place they were read from: json, query, files, form."""
    for place, inner in messages.items() if isinstance(messages, Mapping) else ():
        for fault in faults_from(inner):
            # A JSON Pointer is for JSON; a parameter is called by its name.
            pointer = fault.pointer if place == "json" else fault.pointer.removeprefix("/").replace("/", ".")
            yield ProblemFault(fault.code, fault.message, pointer)


def problem_for(status: int, code: str, detail: str, faults: Sequence[ProblemFault] = ()) -> Response:
    """A problem that is no exception anywhere."""
    return answer(Problem(status, code, detail, faults))
