"""The verify page: a file, a text or an address in; one plain answer with its reasons out. Nothing is kept."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from issuer.errors import Invalid, ServiceError
from issuer.web.current import fetcher, runtime
from issuer.web.limits import VERIFY, limiter
from issuer.web.trust import current_policy
from issuer.web.verdicts import HEADLINES, about
from verifier.errors import CouldNotCheck
from verifier.limits import DEFAULT_LIMITS
from verifier.report import CheckId, CheckResult, Outcome, Report

pages = Blueprint("verify", __name__)


@pages.get("/verify")
@limiter.limit(VERIFY, exempt_when=lambda: not request.args.get("url"))
def page() -> ResponseReturnValue:
    """The form, or with `?url=` the result for what is at that address."""
    url = request.args.get("url", "").strip()
    if not url:
        return _form()
    try:
        data = fetcher().get(url, max_bytes=DEFAULT_LIMITS.container_bytes).body
    except CouldNotCheck as error:
        unread = CheckResult(CheckId.STRUCTURE, Outcome.UNDETERMINED, error.code, error.message, looked_at=url)
        return _result(Report(results=(unread,), checked_at=runtime().clock()))
    return _result(runtime().verifier.verify(data, current_policy(), now=runtime().clock()))


@pages.post("/verify")
@limiter.limit(VERIFY)
def check() -> ResponseReturnValue:
    upload = request.files.get("file")
    data = upload.stream.read(DEFAULT_LIMITS.container_bytes + 1) if upload else b""
    text = request.form.get("text", "")
    data = data or text.strip().encode()
    if not data:
        return _form(Invalid("Please choose a file, or paste the text of a badge.", code="nothing_to_verify")), 422
    return _result(runtime().verifier.verify(data, current_policy(), now=runtime().clock()))


def _form(error: ServiceError | None = None) -> str:
    return render_template("verify/page.html", error=error, url="", text="")


def _result(report: Report) -> str:
    return render_template("verify/result.html", report=report, about=about(report), headline=HEADLINES[report.verdict])
