"""`POST /verify` as a Flask blueprint. The only module of the verifier that knows Flask.

It answers 200 with the report, whatever the verdict, and an RFC 9457 problem when the request itself is at fault.
Nothing about what was looked up is kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Literal

from flask import Blueprint, Response, request

from schemas.problem import MEDIA_TYPE, Problem
from verifier.checks.recipient import ExpectedRecipient
from verifier.checks.requested import PresentationRequest
from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Budgeted, Fetcher, FetchRefused, Offline
from verifier.formats import datetimes, json_text
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.lint import lint, lint_to_json
from verifier.policy import Policy, TrustedIssuers
from verifier.report import Report, report_to_json
from verifier.verifier import Verifier

_MAX_ISSUERS = 100
_WRAPPER = frozenset({"url", "credential", "recipient", "lint"})


class _Refused(Exception):
    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def create_blueprint(
    verifier_factory: Callable[[], Verifier],
    policy_factory: Callable[[], Policy],
    *,
    fetcher: Fetcher | None = None,
    limits: Limits = DEFAULT_LIMITS,
    told: Callable[[Report], None] | None = None,
    name: str = "verifier",
    url_prefix: str = "/api/v1",
) -> Blueprint:
    """A blueprint with `POST {url_prefix}/verify`.

    The body is a credential (JSON, compact JWS, PNG or SVG), a form with a `file`, or an object with `credential` or
    `url`, and optionally `recipient` and `lint`.
    Query: `issuer` (repeatable) names the issuers the caller recognises, instead of the policy of this server;
    `recipient`, `challenge`, `domain`, `holder_is_subject=true`, `at` and `lint=true` as on the command line.

    Args:
        policy_factory: the policy for callers that name no issuer.
        fetcher: gets `{"url": ...}`; without one, no URL is accepted.
        told: is shown every report, for counting; it must keep nothing of it.
    """
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)
    get: Fetcher = fetcher or Offline()

    @blueprint.post("/verify")
    def verify() -> Response:
        try:
            data, who, lint_asked = _body(get, limits)
            issuers = _issuers()
            recipient = (request.args.get("recipient", "") or who).strip()
            now = datetimes.parse(request.args["at"]) if "at" in request.args else None
            with_lint = lint_asked or _flag_in_query("lint")
            asked = PresentationRequest(
                request.args.get("challenge", ""),
                request.args.get("domain", ""),
                holder_is_subject=_flag_in_query("holder_is_subject"),
            )
            report = verifier_factory().verify(
                data,
                TrustedIssuers(*issuers) if issuers else policy_factory(),
                now=now,
                recipient=ExpectedRecipient.parse(recipient) if recipient else None,
                request=asked if asked != PresentationRequest() else None,
            )
        except _Refused as error:
            return _problem(error.status, error.code, error.detail)
        except FetchRefused as error:
            return _problem(400, error.code, error.message)
        except CouldNotCheck as error:
            return _problem(502, error.code, error.message)
        except VerifierError as error:
            return _problem(400, error.code, error.message)
        if told is not None:
            told(report)
        answer = report_to_json(report)
        if with_lint:
            answer["lint"] = lint_to_json(lint(data, now=now, fetcher=Budgeted(get, limits), limits=limits))
        return _json(answer, 200, "application/json")

    @blueprint.errorhandler(413)
    def too_large(_: Exception) -> Response:
        return _problem(413, "too_large", f"At most {limits.container_bytes} bytes are read.")

    return blueprint


def _issuers() -> list[str]:
    issuers = request.args.getlist("issuer")
    if len(issuers) > _MAX_ISSUERS:
        raise _Refused(400, "too_many_issuers", f"At most {_MAX_ISSUERS} issuers may be named.")
    return issuers


def _flag_in_query(name: Literal["lint", "holder_is_subject"]) -> bool:
    value = request.args.get(name, "false")
    if value not in ("true", "false"):
        if name == "lint":
            raise _Refused(400, "lint_malformed", "“lint” is either true or false.")
        raise _Refused(400, "holder_is_subject_malformed", "“holder_is_subject” is either true or false.")
    return value == "true"


def _body(fetcher: Fetcher, limits: Limits) -> tuple[bytes, str, bool]:
    """The credential; the recipient if the body names one; whether it asks for the lint."""
    request.max_content_length = limits.container_bytes
    if request.mimetype == "multipart/form-data":
        upload = request.files.get("file")
        if upload is None:
            raise _Refused(400, "file_missing", "The form has no field called “file”.")
        return upload.stream.read(limits.container_bytes + 1), request.form.get("recipient", ""), False
    data = request.get_data()
    if not data:
        raise _Refused(400, "empty", "There is nothing to verify in this request.")
    wrapped = _wrapper(data, limits)
    if wrapped is None:
        return data, "", False
    recipient, with_lint = wrapped.get("recipient", ""), wrapped.get("lint", False)
    if not isinstance(recipient, str):
        raise _Refused(400, "recipient_malformed", "“recipient” must be a text.")
    if not isinstance(with_lint, bool):
        raise _Refused(400, "lint_malformed", "“lint” is either true or false.")
    if ("url" in wrapped) == ("credential" in wrapped):
        raise _Refused(400, "credential_missing", "Give either a credential or an address, one of the two.")
    if "url" in wrapped:
        if not isinstance(wrapped["url"], str):
            raise _Refused(400, "url_invalid", "“url” must be a text.")
        return fetcher.get(wrapped["url"], max_bytes=limits.container_bytes).body, recipient, with_lint
    credential = wrapped["credential"]
    text = credential if isinstance(credential, str) else json.dumps(credential, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass"), recipient, with_lint


def _wrapper(data: bytes, limits: Limits) -> Mapping[str, Any] | None:
    """The body, if it is `{"url": ...}` or `{"credential": ...}`; a credential itself has other members."""
    if not data.lstrip().startswith(b"{"):
        return None
    try:
        document = json_text.loads(data, limits=limits)
    except VerifierError:
        return None  # read again as a credential, which says what is wrong
    if not isinstance(document, dict) or not document or not document.keys() <= _WRAPPER:
        return None
    return document


def _problem(status: int, code: str, detail: str) -> Response:
    return _json(Problem(status, code, detail).as_dict(), status, MEDIA_TYPE)


def _json(body: Mapping[str, Any], status: int, media_type: str) -> Response:
    response = Response(json.dumps(body), status=status, mimetype=media_type)
    response.headers["Cache-Control"] = "no-store"
    return response
