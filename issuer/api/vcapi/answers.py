"""Bodies in and answers out. Whatever is wrong with a request is 400 with JSON: never 422, never a trace of code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from issuer.api.vcapi import problem_types
from verifier.errors import VerifierError
from verifier.formats import json_text
from verifier.limits import DEFAULT_LIMITS

#: The body holds one credential, and little else.
MAX_BODY = DEFAULT_LIMITS.credential_bytes + 64 * 1024


class Refused(Exception):
    """A request that is not carried out. `status` is 400, 401 or 403."""

    def __init__(
        self, code: str, message: str, *, pointer: str = "", status: int = 400, problem_type: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.pointer = pointer
        self.status = status
        self.problem_type = problem_type or problem_types.of(code)


def read_body() -> dict[str, Any]:
    """The JSON object in the request, whatever Content-Type it claims.

    Raises:
        Refused: codes of `verifier.formats.json_text`.
    """
    request.max_content_length = MAX_BODY
    try:
        return json_text.load_object(request.get_data(), max_bytes=MAX_BODY)
    except VerifierError as error:
        raise Refused(error.code, error.message, pointer=error.pointer) from error


def member(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside the body.

    Raises:
        Refused: `request_malformed`: it is missing or something else, such as a text.
    """
    value = body.get(name)
    if not isinstance(value, dict):
        raise Refused("request_malformed", f"The request needs an object called “{name}”.", pointer=f"/{name}")
    return value


def options_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """`options`, which may be absent or null. Raises `Refused` `request_malformed`."""
    return {} if body.get("options") is None else member(body, "options")


def text_option(options: Mapping[str, Any], name: str) -> str:
    """A text among the options, "" if it is absent or null. Raises `Refused` `option_malformed`."""
    value = options.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not value or len(value) > 2000:
        raise Refused("option_malformed", f"The option “{name}” is not a text.", pointer=f"/options/{name}")
    return value


def answer(body: Mapping[str, Any], status: int, media_type: str = "application/json") -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    response = Response(text, status=status, content_type=media_type)
    response.headers["Cache-Control"] = "no-store"
    return response


def problem(problem_type: str, code: str, message: str, pointer: str = "") -> dict[str, Any]:
    """One problem as the VC API gives it (RFC 9457, with our code and a pointer)."""
    title = problem_type.rpartition("#")[2].replace("_", " ").capitalize()
    found = {"type": problem_type, "title": title, "detail": message, "code": code}
    return found | ({"pointer": pointer} if pointer else {})


def refusal(error: Refused) -> Response:
    found = problem(error.problem_type, error.code, error.message, error.pointer)
    response = failed([found], error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="badgewright"'
    return response


def failed(
    problems: Sequence[Mapping[str, Any]], status: int = 400, *, further: Mapping[str, Any] | None = None
) -> Response:
    """What every request that does not succeed is answered with; the first problem stands in front as well."""
    body = {"verified": False, **problems[0], "status": status, "problemDetails": list(problems)}
    return answer(body | dict(further or {}), status)
