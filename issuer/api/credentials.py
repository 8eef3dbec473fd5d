"""What was issued: list, get, download, share, revoke. The signed bytes go out as they were signed."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from issuer.api.authentication import Caller
from issuer.api.resource import PageQuery, Resource, needs, page, page_of, runtime, shaped, watching, working
from issuer.errors import NotFound
from issuer.models import Credential
from issuer.queries import credentials as questions
from issuer.services import member_records, sharing, status
from schemas.credential import CredentialShape, HolderAnswer, HolderQuestion, Revocation, Sharing
from schemas.fields import Text

resource = Resource("credentials", "Issued credentials of the organisation.")

READ, WRITE, REVOKE = "credentials:read", "credentials:write", "credentials:revoke"
CredentialPage = page_of(CredentialShape, "CredentialPage")
#: More than any organisation issues between two looks; a page is cut out of these.
_LISTED = 100_000


class CredentialQuery(PageQuery):
    q = Text(maximum=200, load_default="", metadata={"description": "Words in names of teachers and microcredentials."})


@resource.route("/credentials", methods=["GET"])
@resource.arguments(CredentialQuery, location="query")
@resource.response(200, CredentialPage)
@needs(READ)
def list_credentials(query: dict[str, Any]) -> Response:
    """What the organisation has issued, the newest first"""
    with watching() as (session, caller):
        rows = questions.of_organisation(session, caller.organisation_id, words=query["q"], limit=_LISTED)
        now = runtime().clock()
        return page(CredentialPage, query, [_told(row, now) for row in rows])


@resource.route("/credentials/<number>", methods=["GET"])
@resource.response(200, CredentialShape)
@needs(READ)
def get_credential(number: str) -> Response:
    """One credential and where it can be had"""
    with watching() as (session, caller):
        row = _of(session, caller, number)
        current = questions.current_of(session, row)
        return shaped(CredentialShape, _told(row, runtime().clock(), "" if current is row else current.number))


@resource.route("/credentials/<number>/document", methods=["GET"])
@resource.response(200, {"type": "object"}, content_type="application/vc+ld+json")
@needs(READ)
def get_document(number: str) -> Response:
    """The signed credential, byte for byte"""
    with watching() as (session, caller):
        data = _of(session, caller, number).document
    return Response(data, content_type="application/vc+ld+json", headers={"Cache-Control": "no-store"})


@resource.route("/credentials/<number>/sharing", methods=["PUT"])
@resource.arguments(Sharing)
@resource.response(200, CredentialShape)
@needs(WRITE, member=True)
def set_sharing(body: dict[str, Any], number: str) -> Response:
    """Whether the public page may be seen; the member's own credentials only"""
    change = sharing.share if body["shared"] else sharing.unshare
    with working() as (session, caller):
        _of(session, caller, number)
        row = change(session, number, caller.actor, runtime().clock())
        return shaped(CredentialShape, _told(row, runtime().clock()))


@resource.route("/credentials/<number>/revocation", methods=["POST"])
@resource.arguments(Revocation)
@resource.response(200, CredentialShape)
@needs(REVOKE)
def revoke(body: dict[str, Any], number: str) -> Response:
    """Revoke for good; the status list is signed anew"""
    tools = runtime()
    with working() as (session, caller):
        row = status.revoke(
            session,
            tools.keyring,
            tools.verifier_for_own_output,
            tools.addresses,
            _of(session, caller, number).id,
            body["reason"],
            caller.actor,
            tools.clock(),
        )
        return shaped(CredentialShape, _told(row, tools.clock()))


@resource.route("/credentials/<number>/holder", methods=["POST"])
@resource.arguments(HolderQuestion)
@resource.response(200, HolderAnswer)
@needs(member_records.ASK)
def ask_holder(body: dict[str, Any], number: str) -> Response:
    """For an agency: whether a shared badge is a certain person’s, by the issuer’s record; asking is recorded"""
    with working() as (session, caller):
        match = member_records.ask(
            session,
            number=number,
            name=body["name"],
            educator_id=body["educator_id"],
            actor=caller.actor,
            now=runtime().clock(),
        )
        return shaped(HolderAnswer, match)


def _of(session: Session, caller: Caller, number: str) -> Credential:
    found = questions.by_number(session, number)
    if found.organisation_id != caller.organisation_id:
        raise NotFound("There is no such credential.")
    return found


def _told(row: Credential, now: datetime, replaced_by: str = "") -> Any:
    """The row with what is computed when asked."""
    addresses = runtime().addresses
    expired = row.valid_until is not None and row.valid_until <= now
    return SimpleNamespace(
        number=row.number,
        submission=row.submission,
        recipient_name=row.recipient_name,
        organisation=row.organisation,
        issued_at=row.issued_at,
        awarded_at=row.awarded_at,
        valid_until=row.valid_until,
        shared_at=row.shared_at,
        sha256=row.sha256,
        status=(
            "replaced"
            if row.replaced_at
            else "revoked"
            if row.status_entry.value
            else "expired"
            if expired
            else "valid"
        ),
        replaced_by=replaced_by or None,
        urls={
            "page": addresses.credential(row.number),
            "json": addresses.credential_json(row.number),
            "png": addresses.credential_png(row.number),
            "svg": addresses.credential_svg(row.number),
            "qr": addresses.credential_qr(row.number),
        },
    )
