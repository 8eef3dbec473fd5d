"""Errors as people see them: a page in our own look; for programs an RFC 9457 problem. Never a trace of code."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask import Flask, Response, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from issuer.errors import Fault, ServiceError
from issuer.outage import without_database
from issuer.web import unsent
from issuer.web.accepting import data_type, wants_json
from issuer.web.documents import VC_LD_JSON
from schemas.problem import MEDIA_TYPE, Problem, ProblemFault

logger = logging.getLogger("badgewright.web")

#: Status: title, sentence, advice.
_WORDS = {
    401: ("Please sign in", "This page needs an account.", "What you typed is still in the form behind this page."),
    400: ("This could not be understood", "The request was not complete.", "Please go back and try once more."),
    403: (
        "This is not open to you",
        "You are signed in, but this page is for people with another role.",
        "If you think you should see it, ask your district's administrator.",
    ),
    404: (
        "There is nothing here",
        "The page does not exist, or it is not shared with you.",
        "Please check the address, and that you are signed in with the right account.",
    ),
    405: ("This does not work that way", "The address is right, the way of calling it is not.", ""),
    408: ("This took too long to arrive", "", "Please try again on a faster connection."),
    409: ("This has changed in the meantime", "", "Please go back, reload the page and look at it again."),
    413: (
        "That is too large",
        "What you sent is larger than this service accepts.",
        "Please choose a smaller file, or give a link to it. Your browser’s back button leads to what you typed.",
    ),
    415: ("This kind of file is not accepted", "", "Please save it in another form, for example as a PDF."),
    422: ("Something is not right yet", "", "Please go back and correct it; what you typed is still there."),
    429: (
        "A little too fast",
        "There were many requests from your address in a short time.",
        "Please wait a minute and try again.",
    ),
    500: (
        "That went wrong on our side",
        "The error has been written down for the people who run this service.",
        "Nothing you had saved is lost. Please try again in a moment.",
    ),
    503: ("Not possible at the moment", "", "Please try again in a few minutes."),
    507: (
        "There is no room left",
        "Nothing can be saved at the moment.",
        "The people who run this service have to make room. Pages can still be read; please save again later.",
    ),
}
_CODES = {
    400: "bad_request",
    401: "sign_in_needed",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_type",
    429: "too_many_requests",
    500: "internal_error",
}
#: 404 where a badge would be.
_NO_BADGE = "If you followed a link to a badge: its owner may have stopped sharing it."
_BADGES = ("/credentials/", "/embed/")
_PROGRAMS = ("/api/", "/vc-api/", "/status/", "/orgs/", "/.well-known/")


def install(app: Flask) -> None:
    app.register_error_handler(ServiceError, _service)
    app.register_error_handler(CSRFError, _forgery)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def problem(
    status: int,
    code: str,
    message: str = "",
    faults: Sequence[Fault] = (),
    headers: Sequence[tuple[str, str]] = (),
    further: Mapping[str, Any] | None = None,
) -> ResponseReturnValue:
    """The answer to a failed request, in the form the caller can read. `further`: members of the problem document."""
    title, sentence, advice = _WORDS.get(status, _WORDS[400 if status < 500 else 500])
    kept = [(name, value) for name, value in headers if name.lower() in ("allow", "retry-after", "www-authenticate")]
    if request.path.startswith(_PROGRAMS) or data_type("application/json", VC_LD_JSON):
        faults_found = [ProblemFault(f.code, f.message, f.pointer) for f in faults]
        answer = jsonify(Problem(status, code, message or sentence, faults_found, further=further or {}).as_dict())
        answer.content_type = MEDIA_TYPE
        return answer, status, kept
    page = render_template(
        "errors/error.html",
        status=status,
        # "not_found" under "There is nothing here" helps nobody to describe the trouble.
        code="" if code == "not_found" else code,
        title=title,
        message=message or sentence,
        advice=_NO_BADGE if status == 404 and request.path.startswith(_BADGES) else advice,
        problems=faults,
        back=_back(),
    )
    return page, status, kept


def _back() -> str:
    """The page whose form was sent, so that a refusal leads back to the work; "" where that is not known."""
    number = (request.view_args or {}).get("number")
    page = {"teacher": "teacher.submission", "coach": "coach.review"}.get(request.blueprint or "")
    return url_for(page, number=number) if page and number and request.method == "POST" else ""


def _service(error: ServiceError) -> ResponseReturnValue:
    headers = [("Retry-After", str(error.retry_after))] if error.retry_after else []
    return problem(error.status, error.code, error.message, error.faults, headers, further=error.details)


def _forgery(_error: CSRFError) -> ResponseReturnValue:
    try:
        answer = unsent.after_expiry()
    except ServiceError as error:
        return _service(error)
    if answer is not None:
        return answer
    if wants_json() and not current_user.is_authenticated:
        return problem(401, "sign_in_needed", "You are signed out. Sign in again to save this.")
    if request.endpoint == "security.login" and current_user.is_authenticated and "csrf_token" in request.form:
        # Two windows asked to sign in, and it was done in the other one.
        return redirect(request.full_path, 303)
    if g.get("session_has_ended") and not current_user.is_authenticated:
        return cast(Response, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]  # set by Flask-Login
    return problem(
        400,
        "form_expired",
        "This form is no longer valid, most likely because you signed in or out in another window. Use your browser’s"
        " back button: what you typed is still there. Then reload and save again.",
    )


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    return problem(error.code, _CODES.get(error.code, "bad_request"), headers=error.get_headers())


def _unexpected(error: Exception) -> ResponseReturnValue:
    if found := without_database(error):
        logger.warning("%s in %s: %s", found.code, request.endpoint, type(error).__name__)
        return _service(found)
    logger.exception("unexpected error in %s", request.endpoint)
    return problem(500, "internal_error")
