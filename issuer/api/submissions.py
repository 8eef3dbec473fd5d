"""A teacher's work: start, save, add evidence, hand in, take back. The key acts for that teacher."""

from __future__ import annotations

from typing import Any

from flask import Response, send_file
from flask_smorest.fields import Upload
from marshmallow import Schema
from sqlalchemy.orm import Session

from issuer.api.authentication import Caller
from issuer.api.resource import (
    PageQuery,
    Resource,
    needs,
    page,
    page_of,
    refuse,
    runtime,
    shaped,
    watching,
    working,
)
from issuer.queries import catalogue
from issuer.queries import submissions as questions
from issuer.services import evidence, submissions
from schemas.fields import Choice, Count, Shape, Text
from schemas.submission import (
    STATES,
    DraftChange,
    EvidenceChange,
    EvidenceDescription,
    EvidenceLinkOrText,
    EvidenceShape,
    HandIn,
    SubmissionShape,
    SubmissionSummary,
)

resource = Resource("submissions", "A teacher's work on a microcredential, and its evidence.")

READ, WRITE = "submissions:read", "submissions:write"
SubmissionPage = page_of(SubmissionSummary, "SubmissionPage")


class SubmissionQuery(PageQuery):
    state = Choice(STATES)


class SubmissionStartShape(Shape):
    """The newest published version is taken unless `version` names another one."""

    key = Text(required=True, maximum=120)
    version = Count(minimum=1, maximum=2**31 - 1)


class EvidenceUpload(Schema):
    file = Upload(required=True, metadata={"description": "The file. Its type is detected from its content."})


@resource.route("/submissions", methods=["GET"])
@resource.arguments(SubmissionQuery, location="query")
@resource.response(200, SubmissionPage)
@needs(READ, member=True)
def list_submissions(query: dict[str, Any]) -> Response:
    """The member's submissions, the newest first"""
    with watching() as (session, caller):
        rows = questions.of_teacher(session, caller.member_id, organisation_id=caller.organisation_id)
        return page(SubmissionPage, query, [row for row in rows if query.get("state") in (None, row.state)])


@resource.route("/submissions", methods=["POST"])
@resource.arguments(SubmissionStartShape)
@resource.response(201, SubmissionShape)
@needs(WRITE, member=True)
def start_submission(body: dict[str, Any]) -> Response:
    """Start, or find the one that is open already"""
    with working() as (session, caller):
        offer = catalogue.one(session, caller.organisation, body["key"], body.get("version"))
        started = submissions.start(session, version_id=offer.version.id, actor=caller.actor, now=runtime().clock())
        return shaped(SubmissionShape, started, 201)


@resource.route("/submissions/<number>", methods=["GET"])
@resource.response(200, SubmissionShape)
@needs(READ, member=True)
def get_submission(number: str) -> Response:
    """One of the member's own, with answers and evidence"""
    with watching() as (session, caller):
        return shaped(SubmissionShape, _own(session, caller, number))


@resource.route("/submissions/<number>/draft", methods=["PATCH"])
@resource.arguments(DraftChange)
@resource.response(200, SubmissionShape)
@needs(WRITE, member=True)
def save_draft(body: dict[str, Any], number: str) -> Response:
    """Keep answers; only those named change"""
    with working() as (session, caller):
        submissions.save_draft(session, number=number, actor=caller.actor, now=runtime().clock(), **body)
        return shaped(SubmissionShape, _own(session, caller, number))


@resource.route("/submissions/<number>/evidence", methods=["POST"])
@resource.arguments(EvidenceLinkOrText)
@resource.response(201, EvidenceShape)
@needs(WRITE, member=True)
def add_link_or_text(body: dict[str, Any], number: str) -> Response:
    """Add a link or a text"""
    add: Any = evidence.add_link if body["url"] else evidence.add_text
    body.pop("text" if body["url"] else "url")
    with working() as (session, caller):
        item = add(session, number=number, actor=caller.actor, now=runtime().clock(), **body)
        return shaped(EvidenceShape, item, 201)


@resource.route("/submissions/<number>/files", methods=["POST"])
@resource.arguments(EvidenceDescription, location="query")
@resource.arguments(EvidenceUpload, location="files")
@resource.response(201, EvidenceShape)
@needs(WRITE, member=True)
def add_file(description: dict[str, Any], files: dict[str, Any], number: str) -> Response:
    """Add a file"""
    upload = files["file"]
    if not upload.filename or len(upload.filename) > 300:
        raise refuse("The file needs a name of at most 300 characters.", "file_name_invalid", "file")
    with working() as (session, caller):
        item = evidence.add_file(
            session,
            runtime().storage,
            number=number,
            stream=upload.stream,
            name=upload.filename,
            declared_type=upload.mimetype or "",
            max_bytes=runtime().config.max_upload_bytes,
            actor=caller.actor,
            now=runtime().clock(),
            **description,
        )
        return shaped(EvidenceShape, item, 201)


@resource.route("/evidence/<number>", methods=["PATCH"])
@resource.arguments(EvidenceChange)
@resource.response(200, EvidenceShape)
@needs(WRITE, member=True)
def change_evidence(body: dict[str, Any], number: str) -> Response:
    """Its title in the credential, and whether anybody may open it once the credential is issued"""
    with working() as (session, caller):
        about: dict[str, Any] = {"number": number, "actor": caller.actor, "now": runtime().clock()}
        if "title" in body:
            item = evidence.set_title(session, title=body["title"], **about)
        if "shared" in body:
            item = evidence.set_shared(session, shared=body["shared"], **about)
        return shaped(EvidenceShape, item)


@resource.route("/evidence/<number>", methods=["DELETE"])
@resource.response(204)
@needs(WRITE, member=True)
def remove_evidence(number: str) -> Response:
    """Take it out of a draft"""
    with working() as (session, caller):
        evidence.remove_item(session, number=number, actor=caller.actor, now=runtime().clock())
    return Response(status=204)


@resource.route("/evidence/<number>/content", methods=["GET"])
@resource.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
@needs(READ, member=True)
def evidence_content(number: str) -> Response:
    """The bytes of a file, for its teacher and for those who review it"""
    with watching() as (session, caller):
        opened = evidence.open_for(session, runtime().storage, number=number, actor=caller.actor, now=runtime().clock())
        name = opened.name
    response = send_file(
        opened.file, mimetype="application/octet-stream", as_attachment=True, download_name=name, max_age=0
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@resource.route("/submissions/<number>/submit", methods=["POST"])
@resource.arguments(HandIn)
@resource.response(200, SubmissionShape)
@needs(WRITE, member=True)
def submit(body: dict[str, Any], number: str) -> Response:
    """Hand in what has been saved"""
    with working() as (session, caller):
        submissions.submit(session, number=number, actor=caller.actor, now=runtime().clock(), **body)
        return shaped(SubmissionShape, _own(session, caller, number))


@resource.route("/submissions/<number>/withdraw", methods=["POST"])
@resource.response(200, SubmissionShape)
@needs(WRITE, member=True)
def withdraw(number: str) -> Response:
    """Take it back before a reviewer reads it"""
    with working() as (session, caller):
        submissions.withdraw(session, number=number, actor=caller.actor, now=runtime().clock())
        return shaped(SubmissionShape, _own(session, caller, number))


def _own(session: Session, caller: Caller, number: str) -> Any:
    found = questions.for_teacher(session, number, caller.member_id, organisation_id=caller.organisation_id)
    return found.submission
