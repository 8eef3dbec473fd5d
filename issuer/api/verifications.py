"""Many credentials at once: hand in a file, ask how far it is, take the answers and the receipt along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, g, request, stream_with_context

from issuer.api.once import afterwards
from issuer.api.resource import PageQuery, Resource, needs, page, page_of, refuse, runtime, shaped, watching, working
from issuer.db import reading
from issuer.errors import UnsupportedType
from issuer.models import BulkVerification
from issuer.queries import verifications as questions
from issuer.services import bulk
from issuer.services.bulk_receipt import counts
from schemas.verification import BulkVerificationShape

resource = Resource("verifications", "Have many credentials verified at once.")

SCOPE = "verifications:write"
#: More than any organisation keeps; a page is cut out of these.
_LISTED = 10_000
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_BODY = {
    "required": True,
    "content": {
        **dict.fromkeys(bulk.MEDIA_TYPES, _BINARY),
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"file": _BINARY["schema"]}, "required": ["file"]}
        },
    },
}
BulkVerificationPage = page_of(BulkVerificationShape, "BulkVerificationPage")


@resource.route("/verifications", methods=["POST"])
@resource.response(202, BulkVerificationShape)
@resource.doc(requestBody=_BODY)
@needs(SCOPE)
def hand_in() -> Response:
    """Have the credentials of a file verified: CSV of addresses, JSON Lines, or a zip archive"""
    limit = runtime().config.max_bulk_bytes
    # The parts of a form around the file are small.
    request.max_content_length = limit + 64 * 1024
    name, media_type, stream = "", request.mimetype, request.stream
    if media_type == "multipart/form-data":
        upload = request.files.get("file")
        if upload is None:
            raise refuse("The form has no field called “file”.", "file_missing", "file")
        name, media_type, stream = upload.filename or "", upload.mimetype, upload.stream
    elif media_type not in bulk.MEDIA_TYPES:
        raise UnsupportedType(f"Send one of {', '.join(bulk.MEDIA_TYPES)}, or a form with a file.")
    received = runtime().storage.receive(stream, limit)
    with received.file, working() as (session, caller):
        job = bulk.start(
            session,
            caller.organisation_id,
            received,
            file_name=name,
            media_type=media_type,
            actor=caller.actor,
            now=runtime().clock(),
        )
        answer = shaped(BulkVerificationShape, _told(job), 202)
        number, enqueue = job.number, runtime().enqueue
    afterwards(lambda: enqueue.verify(number))
    answer.headers["Location"] = runtime().addresses.verification(number)
    return answer


@resource.route("/verifications", methods=["GET"])
@resource.arguments(PageQuery, location="query")
@resource.response(200, BulkVerificationPage)
@needs(SCOPE)
def list_verifications(query: dict[str, Any]) -> Response:
    """The organisation's files, the newest first"""
    with watching() as (session, caller):
        jobs = questions.of_organisations(session, [caller.organisation_id], limit=_LISTED)
        return page(BulkVerificationPage, query, [_told(job) for job in jobs])


@resource.route("/verifications/<number>", methods=["GET"])
@resource.response(200, BulkVerificationShape)
@needs(SCOPE)
def get_verification(number: str) -> Response:
    """How far it is, and what was counted so far"""
    with watching() as (session, caller):
        return shaped(BulkVerificationShape, _told(bulk.seen(session, caller.actor, number)))


@resource.route("/verifications/<number>/results.csv", methods=["GET"])
@resource.response(200, {"type": "string"}, content_type="text/csv")
@needs(SCOPE)
def get_results(number: str) -> Response:
    """The answers, one line for each credential, in the order of the file"""
    with watching() as (session, caller):
        bulk.with_results(bulk.seen(session, caller.actor, number))
    actor = g.api_caller.actor

    def pieces() -> Iterator[bytes]:
        with reading(runtime().sessions) as session:
            yield from questions.results(session, bulk.seen(session, actor, number))

    return Response(stream_with_context(pieces()), mimetype="text/csv", headers={"Cache-Control": "no-store"})


@resource.route("/verifications/<number>/receipt", methods=["GET"])
@resource.response(200, {"type": "object"}, content_type="application/vc+ld+json")
@needs(SCOPE)
def get_receipt(number: str) -> Response:
    """The signed receipt: counts, moment, lists of recognised issuers, status lists; nobody's name"""
    with watching() as (session, caller):
        data = bulk.receipt_of(bulk.seen(session, caller.actor, number))
    return Response(data, content_type="application/vc+ld+json", headers={"Cache-Control": "no-store"})


def _told(job: BulkVerification) -> Mapping[str, Any]:
    names = ("number", "state", "kind", "sha256", "size", "done", "problem", "created_at", "moment", "finished_at")
    return {**{name: getattr(job, name) for name in names}, "counts": counts(job)}
