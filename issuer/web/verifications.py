"""An agency's page for many credentials: hand in a file, see how far it is, take the answers and the receipt along."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from issuer.errors import Forbidden, Invalid, ServiceError
from issuer.models import Organisation
from issuer.queries import verifications as queries
from issuer.services import bulk
from issuer.storage import readable
from issuer.web.current import actor, changing, looking, organisations, runtime, signed_in
from issuer.web.limits import VERIFY, limiter

pages = Blueprint("bulk", __name__)

#: Answers that are shown on the page; the file holds all.
SHOWN = 50


@pages.get("/verifications")
@signed_in
def overview() -> ResponseReturnValue:
    return _overview(_mine(), None)


@pages.post("/verifications")
@limiter.limit(VERIFY)
@signed_in
def hand_in() -> ResponseReturnValue:
    mine = _mine()
    upload = request.files.get("file")
    slug = request.form.get("organisation", "")
    here = next((each for each in mine if each.slug == slug), mine[0])
    try:
        if upload is None or not upload.filename:
            raise Invalid("Please choose a file.", code="file_missing")
        received = runtime().storage.receive(upload.stream, runtime().config.max_bulk_bytes)
        with received.file, changing() as session:
            number = bulk.start(
                session,
                here.id,
                received,
                file_name=upload.filename,
                media_type=upload.mimetype,
                actor=actor(),
                now=runtime().clock(),
            ).number
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        page = _overview(mine, error)
        return page, error.status
    runtime().enqueue.verify(number)
    return redirect(url_for("bulk.show", number=number), 303)


@pages.get("/verifications/<number>")
@signed_in
def show(number: str) -> ResponseReturnValue:
    with looking() as session:
        job = bulk.seen(session, actor(), number)
        page = render_template(
            "bulk/show.html",
            job=job,
            problems=queries.problems(session, job, limit=SHOWN),
            days=runtime().config.bulk_days,
        )
    answer = Response(page, mimetype="text/html")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@pages.get("/verifications/<number>/results.csv")
@signed_in
def results(number: str) -> Response:
    with looking() as session:
        bulk.with_results(bulk.seen(session, actor(), number))
    who = actor()

    def pieces() -> Iterator[bytes]:
        with looking() as session:
            yield from queries.results(session, bulk.seen(session, who, number))

    return _file(Response(stream_with_context(pieces()), mimetype="text/csv"), f"verification-{number}.csv")


@pages.get("/verifications/<number>/receipt.json")
@signed_in
def receipt(number: str) -> Response:
    with looking() as session:
        body = bulk.receipt_of(bulk.seen(session, actor(), number))
    return _file(Response(body, mimetype="application/vc+ld+json"), f"receipt-{number}.json")


def _mine() -> list[Organisation]:
    mine = organisations(*bulk.ROLES)
    if not mine:
        raise Forbidden("This page is for agencies and administrators.")
    return mine


def _overview(mine: list[Organisation], error: ServiceError | None) -> str:
    with looking() as session:
        return render_template(
            "bulk/overview.html",
            organisations=mine,
            jobs=queries.of_organisations(session, [each.id for each in mine]),
            error=error,
            largest=readable(runtime().config.max_bulk_bytes),
            most=bulk.MAX_ITEMS,
            days=runtime().config.bulk_days,
        )


def _file(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
