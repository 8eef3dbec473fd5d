"""A credential's public page, the forms in which it can be taken along, and the evidence its holder shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from achievements import serialise
from issuer import media
from issuer.credentials.artwork import qr_svg
from issuer.credentials.recipient import stated_name
from issuer.errors import ServiceError
from issuer.models import Credential
from issuer.queries import credentials as queries
from issuer.services import evidence, member_records, sharing
from issuer.services.access import roles_of
from issuer.web import evidence_files
from issuer.web.accepting import data_type
from issuer.web.current import actor, changing, looking, runtime, signed_in, viewer
from issuer.web.documents import VC_LD_JSON
from issuer.web.public import places_of
from issuer.web.reading import REPLACED_BECAUSE
from issuer.web.trust import policy
from issuer.web.verdicts import listed
from verifier.formats import json_text

pages = Blueprint("credentials", __name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """An entry of the credential's `evidence`, as the signed document has it."""

    name: str
    description: str
    genre: str
    digest: str
    address: str


@pages.get("/credentials/<number>")
def show(number: str) -> ResponseReturnValue:
    if _wants_document():
        return document(number)
    return _show(number)


@pages.post("/credentials/<number>/holder")
@signed_in
def ask_holder(number: str) -> ResponseReturnValue:
    """An agency's question whether the badge is a certain person's, answered from the district's record."""
    asked = {field: request.form.get(field, "") for field in ("name", "educator_id")}
    try:
        with changing() as session:
            match = member_records.ask(session, number=number, **asked, actor=actor(), now=runtime().clock())
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _show(number, asked=asked, error=error), error.status
    return _show(number, asked=asked, match=match)


def _show(
    number: str,
    *,
    asked: Mapping[str, str] | None = None,
    match: member_records.Match | None = None,
    error: ServiceError | None = None,
) -> Response:
    who = viewer()
    with looking() as session:
        credential = sharing.public_credential(session, number, who)
        version = credential.submission.version
        organisation = version.achievement.organisation
        is_holder = who is not None and credential.teacher_id == who.user_id
        is_admin = who is not None and "admin" in roles_of(session, who, credential.organisation_id)
        may_ask = who is not None and "agency" in roles_of(session, who, credential.organisation_id)
        revoked = bool(credential.status_entry.value)
        achievement = serialise.load(version.body)
        places = places_of(session, organisation, achievement)
        found = policy(session)
        current = queries.current_of(session, credential)
    signed = json_text.loads(credential.document)
    report = runtime().verifier.verify(credential.document, found, now=runtime().clock())
    page = render_template(
        "credentials/show.html",
        credential=credential,
        achievement=achievement,
        places=places,
        organisation=organisation,
        key=version.achievement.key,
        version=version.number,
        # The page says "Verified" beside it: only what is signed may stand there, never what people call themselves.
        holder=stated_name(signed),
        may_ask=may_ask and current.shared_at is not None,
        match=match,
        asked=asked or {},
        error=error,
        report=report,
        reached=_reached(signed),
        evidence=_evidence(signed),
        is_holder=is_holder,
        is_admin=is_admin,
        revoked=revoked,
        current=current,
        replaced_because=REPLACED_BECAUSE.get(credential.replacement_reason, ""),
        addresses=runtime().addresses,
        linkedin=_linkedin(credential, organisation.name, version.name),
    )
    answer = Response(page, mimetype="text/html")
    answer.vary.add("Accept")
    answer.headers["Cache-Control"] = "no-cache, private"
    return answer


@pages.get("/credentials/<number>.json")
def document(number: str) -> Response:
    """The signed bytes, exactly as they were signed."""
    answer = Response(_credential(number).document, mimetype=VC_LD_JSON)
    answer.vary.add("Accept")
    return _for_others(answer, f"badge-{number[:8]}.json")


@pages.get("/credentials/<number>.png")
def png(number: str) -> Response:
    with looking() as session:
        picture = sharing.baked_png(sharing.public_credential(session, number, viewer()))
    return _for_others(Response(picture, mimetype="image/png"), f"badge-{number[:8]}.png")


@pages.get("/credentials/<number>.svg")
def svg(number: str) -> Response:
    with looking() as session:
        picture = sharing.baked_svg(sharing.public_credential(session, number, viewer()))
    return _for_others(Response(picture, mimetype="image/svg+xml"), f"badge-{number[:8]}.svg")


@pages.get("/credentials/<number>/qr.svg")
def qr(number: str) -> Response:
    _credential(number)
    return Response(qr_svg(runtime().addresses.credential(number)), mimetype="image/svg+xml")


@pages.get("/credentials/<number>/card.png")
def card(number: str) -> Response:
    """The picture that social networks show: 1200 by 627 pixels."""
    with looking() as session:
        credential = sharing.public_credential(session, number, viewer())
        picture = sharing.social_card(credential)
    return _for_others(Response(picture, mimetype="image/png"), "")


@pages.post("/credentials/<number>/share")
@signed_in
def share(number: str) -> ResponseReturnValue:
    with changing() as session:
        sharing.share(session, number, actor(), runtime().clock())
    flash("Your badge can now be seen by anyone who has its address.", "good")
    return redirect(url_for("credentials.show", number=number))


@pages.post("/credentials/<number>/unshare")
@signed_in
def unshare(number: str) -> ResponseReturnValue:
    with changing() as session:
        sharing.unshare(session, number, actor(), runtime().clock())
    flash(
        "Its page is closed again. Printed copies lead nowhere now; files that others have taken go on verifying.",
        "good",
    )
    return redirect(url_for("credentials.show", number=number))


@pages.get("/evidence/<number>")
def evidence_file(number: str) -> ResponseReturnValue:
    """A piece of evidence for whoever may open it: its teacher, its reviewers, anybody once it is shared."""
    with looking() as session:
        item = evidence.view(session, number=number, actor=viewer())
        if item.url:
            return redirect(item.url)
        if item.text:
            return evidence_files.sandboxed(Response(item.text, mimetype="text/plain"))
        if media.is_played(item.media_type) and request.headers.get("Sec-Fetch-Dest") == "document":
            # A browser's own player for a bare file is a document, too, and the sandbox leaves it black.
            return redirect(url_for("credentials.play", number=number))
        opened = evidence.open_for(session, runtime().storage, number=number, actor=viewer())
    return evidence_files.answer(opened)


@pages.get("/evidence/<number>/play")
def play(number: str) -> ResponseReturnValue:
    """Sound or video in a page of ours, for whoever may open it."""
    with looking() as session:
        item = evidence.view(session, number=number, actor=viewer())
        name = evidence.name_for(session, item, viewer()) if item.sha256 else ""
    if not media.is_played(item.media_type):
        return redirect(url_for("credentials.evidence_file", number=number))
    page = Response(render_template("credentials/play.html", item=item, name=name))
    page.headers["Cache-Control"] = "private, no-store"
    return page


def _credential(number: str) -> Credential:
    with looking() as session:
        return sharing.public_credential(session, number, viewer())


def _wants_document() -> bool:
    return data_type(VC_LD_JSON, "application/ld+json", "application/json") != ""


def _for_others(answer: Response, name: str) -> Response:
    # Readable from other sites only without cookies, which browsers ensure for "*".
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = "no-cache, private" if current_user.is_authenticated else "no-cache"
    if name and (request.args.get("download") or (answer.mimetype or "").startswith("image/")):
        kind = "attachment" if request.args.get("download") else "inline"
        answer.headers["Content-Disposition"] = f'{kind}; filename="{name}"'
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _reached(signed: Mapping[str, Any]) -> dict[str, str]:
    """Criterion id to the id of the level reached, read from the signed document itself."""
    subject = signed.get("credentialSubject", {})
    return {
        str(result.get("resultDescription", "")): str(result.get("achievedLevel", ""))
        for result in listed(subject.get("result"))
    }


def _evidence(signed: Mapping[str, Any]) -> list[Piece]:
    return [
        Piece(
            name=str(entry.get("name", "Evidence")),
            description=str(entry.get("description", "")),
            genre=str(entry.get("genre", "")),
            digest=str(entry.get("digestSRI") or entry.get("digestMultibase") or ""),
            address=str(entry.get("id", "")),
        )
        for entry in listed(signed.get("evidence"))
    ]


def _linkedin(credential: Credential, organisation: str, name: str) -> str:
    """LinkedIn's documented "add to profile" address."""
    values = {
        "startTask": "CERTIFICATION_NAME",
        "name": name,
        "organizationName": organisation,
        "issueYear": credential.awarded_at.year,
        "issueMonth": credential.awarded_at.month,
        "certUrl": runtime().addresses.credential(credential.number),
        "certId": credential.number,
    }
    if credential.valid_until:
        values |= {"expirationYear": credential.valid_until.year, "expirationMonth": credential.valid_until.month}
    return "https://www.linkedin.com/profile/add?" + urlencode(values)
