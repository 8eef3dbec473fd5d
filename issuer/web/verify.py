"""The verify page: a file, a text or an address in; one plain answer with its reasons out. Nothing is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import Invalid, ServiceError
from issuer.web import codes, verdicts
from issuer.web.counters import count
from issuer.web.current import fetcher, runtime
from issuer.web.headers import WITH_SIGNED_PICTURE
from issuer.web.lead import lead, newer_badge, public_address
from issuer.web.limits import VERIFY, limiter
from issuer.web.trust import current_policy
from verifier.checks.recipient import ExpectedRecipient
from verifier.checks.requested import PresentationRequest
from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Budgeted
from verifier.formats import datetimes
from verifier.limits import DEFAULT_LIMITS
from verifier.lint import LintReport, lint, lint_to_json
from verifier.report import CheckId, CheckResult, Outcome, Report, report_to_json

pages = Blueprint("verify", __name__)
pages.add_app_template_filter(verdicts.about)
pages.add_app_template_filter(verdicts.answer)
pages.add_app_template_filter(verdicts.inner_title)
pages.add_app_template_filter(verdicts.notes)
pages.add_app_template_filter(verdicts.older)
pages.add_app_template_test(codes.is_listed, "listed_code")

_MOST_EVIDENCE = 20
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to know, apart from the credential itself.

    Attributes:
        recipient: the person it should be about, as typed.
        at: the moment to judge for, `None` for now.
        holder_is_subject: only a presentation by the person it is about will do.
        lint: say as well what the official validator would say.
        as_file: answer with the report as a file.
        evidence: open files whose digests are looked for in the credential.
    """

    recipient: ExpectedRecipient | None
    at: datetime | None
    holder_is_subject: bool
    lint: bool
    as_file: bool
    evidence: tuple[IO[bytes], ...] = ()


@pages.get("/verify")
@limiter.limit(VERIFY, exempt_when=lambda: not request.args.get("url"))
def page() -> ResponseReturnValue:
    """The form, or with `?url=` the result for what is at that address."""
    url = request.args.get("url", "").strip()
    if not url:
        return _form()
    try:
        question = _question(request.args)
    except ServiceError as error:
        return _form(error), error.status
    return _at_address(url, question)


@pages.post("/verify")
@limiter.limit(VERIFY)
def check() -> ResponseReturnValue:
    text = request.form.get("text", "").strip()
    try:
        question = _question(request.form)
        upload = _upload("file")
        if upload and text:
            raise Invalid("Please give one thing at a time: a file, or a text or address.", code="one_thing_at_a_time")
        if not upload and not text:
            raise Invalid("Please choose a file, or paste a badge’s text or address.", code="nothing_to_verify")
    except ServiceError as error:
        return _form(error), error.status
    if _ADDRESS.fullmatch(text):
        return _at_address(text, question)
    return _verify(upload or text.encode("utf-8", "replace"), question)


@pages.get("/verify/codes")
def all_codes() -> ResponseReturnValue:
    """Every code with what it says."""
    return render_template("verify/codes.html", packages=codes.packages())


def _question(values: Mapping[str, str]) -> Question:
    who, at = values.get("recipient", "").strip(), values.get("at", "").strip()
    files = [each for each in request.files.getlist("evidence") if each.filename]
    if len(files) > _MOST_EVIDENCE:
        raise Invalid(f"At most {_MOST_EVIDENCE} files of evidence are compared at once.", code="too_much_evidence")
    return Question(
        recipient=ExpectedRecipient.parse(who) if who else None,
        at=_moment(at) if at else None,
        holder_is_subject=_is_ticked(values, "holder_is_subject"),
        lint=_is_ticked(values, "lint"),
        as_file=values.get("format") == "json",
        evidence=tuple(each.stream for each in files),
    )


def _is_ticked(values: Mapping[str, str], name: str) -> bool:
    return values.get(name, "") not in ("", "0", "false")


def _moment(text: str) -> datetime:
    """A date means its noon in UTC, which is that date in nearly every district."""
    try:
        return datetimes.parse(f"{text}T12:00:00Z" if _DAY.fullmatch(text) else text)
    except VerifierError as error:
        raise Invalid("Please write the date as 2026-01-31.", code="date_not_understood") from error


def _upload(name: str) -> bytes:
    found = request.files.get(name)
    return found.stream.read(DEFAULT_LIMITS.container_bytes + 1) if found else b""


def _at_address(url: str, question: Question) -> ResponseReturnValue:
    try:
        data = fetcher().get(url, max_bytes=DEFAULT_LIMITS.container_bytes).body
    except CouldNotCheck as error:
        unread = CheckResult(CheckId.STRUCTURE, Outcome.UNDETERMINED, error.code, error.message, looked_at=url)
        return _result(Report(results=(unread,), checked_at=question.at or runtime().clock()), question, None, url)
    return _verify(data, question, url)


def _verify(data: bytes, question: Question, url: str = "") -> ResponseReturnValue:
    now = question.at or runtime().clock()
    report = runtime().verifier.verify(
        data,
        current_policy(),
        now=now,
        recipient=question.recipient,
        evidence=question.evidence,
        request=PresentationRequest(holder_is_subject=True) if question.holder_is_subject else None,
    )
    linted = lint(data, now=now, fetcher=Budgeted(fetcher(), DEFAULT_LIMITS)) if question.lint else None
    return _result(report, question, linted, url)


def _result(report: Report, question: Question, linted: LintReport | None, url: str) -> ResponseReturnValue:
    count("page", report)
    if not question.as_file and any(result.code == "no_badge" for result in report.results):
        # An answer, not a fault of the request: nothing was wrong with asking.
        return _form(_no_badge(url))
    shape: dict[str, Any] = report_to_json(report) | ({"lint": lint_to_json(linted)} if linted else {})
    text = json.dumps(shape, indent=2, ensure_ascii=True)
    name = f"verification-{report.sha256[:12] or 'report'}.json"
    if question.as_file:
        answer = Response(text, mimetype="application/json")
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    else:
        leads = lead(report)
        if leads is not None and leads.picture.startswith("data:"):
            g.content_policy = WITH_SIGNED_PICTURE
        answer = Response(
            render_template(
                "verify/presentation.html" if report.is_presentation else "verify/result.html",
                report=report,
                about=verdicts.about(report),
                lead=leads,
                public_address=public_address(report, url),
                newer_badge=newer_badge(report),
                lint=linted,
                question=question,
                report_text=text,
                report_name=name,
                report_url=_file_address(url) if url else "",
            ),
            mimetype="text/html",
        )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _no_badge(url: str) -> ServiceError:
    where = "at this address" if url else "in this file" if request.files.get("file") else "in this text"
    return Invalid(f"There is no badge {where}.", code="no_badge")


def _file_address(url: str) -> str:
    """The same question, answered with a file; works without JavaScript."""
    kept = {
        name: request.values[name]
        for name in ("recipient", "at", "holder_is_subject", "lint")
        if request.values.get(name)
    }
    return url_for("verify.page") + "?" + urlencode({"url": url, **kept, "format": "json"})


def _form(error: ServiceError | None = None) -> str:
    values = request.values if error else {}
    return render_template("verify/page.html", error=error, values=values)
