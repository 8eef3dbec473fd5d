"""A district's own pages: numbers, events, what was issued. See also `definitions`, `members` and `api_keys`."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from issuer.errors import Invalid, NotFound
from issuer.models import Credential, Organisation
from issuer.queries import credentials as issued_ones
from issuer.queries import overview as numbers
from issuer.queries import trail
from issuer.services import status
from issuer.web.current import (
    actor,
    asked_number,
    asked_page,
    changing,
    fresh_sign_in,
    looking,
    organisation,
    organisations,
    runtime,
    signed_in,
)

pages = Blueprint("admin", __name__)

#: Credentials on one page.
PAGE = 50
#: Events of the audit trail on the overview, and on one page of the trail.
_LATELY = 6
_EVENTS = 40


@pages.get("/admin")
@signed_in
def start() -> ResponseReturnValue:
    mine = organisations("admin")
    return redirect(url_for("admin.overview", slug=mine[0].slug) if mine else url_for("accounts.profile"))


@pages.get("/admin/<slug>")
@signed_in
def overview(slug: str) -> str:
    here = organisation(slug, "admin")
    with looking() as session:
        return render_template(
            "admin/overview.html",
            organisation=here,
            organisations=organisations("admin"),
            counts=numbers.overview(session, here.id),
            entries=trail.events(session, organisation_id=here.id, limit=_LATELY),
        )


@pages.get("/admin/<slug>/trail")
@signed_in
def audit_trail(slug: str) -> str:
    """Everything that was done in the organisation, newest first; `before` is the id after which a page goes on."""
    here = organisation(slug, "admin")
    before = asked_number("before")
    with looking() as session:
        found = trail.events(session, organisation_id=here.id, before_id=before, limit=_EVENTS + 1)
    entries = found[:_EVENTS]
    following = entries[-1].event.id if len(found) > _EVENTS else None
    return render_template("admin/trail.html", organisation=here, entries=entries, following=following, before=before)


@pages.get("/admin/<slug>/issued")
@signed_in
def issued(slug: str) -> str:
    here = organisation(slug, "admin")
    query, page = request.args.get("q", "").strip()[:200], asked_page()
    with looking() as session:
        found = issued_ones.of_organisation(session, here.id, words=query, limit=PAGE + 1, offset=(page - 1) * PAGE)
        return render_template(
            "admin/issued.html",
            organisation=here,
            credentials=found[:PAGE],
            more=len(found) > PAGE,
            page=page,
            query=query,
        )


@pages.route("/admin/<slug>/issued/<number>/revoke", methods=["GET", "POST"])
@fresh_sign_in
def revoke(slug: str, number: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    reason, error = request.form.get("reason", ""), None
    if request.method == "POST":
        try:
            _revoke(here, number, reason)
        except Invalid as refused:
            error = refused
        else:
            flash("Revoked. Anyone who verifies it from now on will see that.", "good")
            return redirect(url_for("admin.issued", slug=slug))
    with looking() as session:
        credential = _credential_of(session, here, number)
        page = render_template(
            "admin/revoke.html", organisation=here, credential=credential, reason=reason, error=error
        )
    return page, 422 if error else 200


def _revoke(here: Organisation, number: str, reason: str) -> None:
    if request.form.get("sure") != "yes":
        raise Invalid("Please confirm that you understand what revoking means.", code="not_confirmed")
    tools = runtime()
    with changing() as session:
        credential = _credential_of(session, here, number)
        status.revoke(
            session,
            tools.keyring,
            tools.verifier_for_own_output,
            tools.addresses,
            credential.id,
            reason,
            actor(),
            tools.clock(),
        )


def _credential_of(session: Session, here: Organisation, number: str) -> Credential:
    """Raises: NotFound: there is none, or another organisation issued it."""
    credential = issued_ones.by_number(session, number)
    if credential.organisation_id != here.id:
        raise NotFound("There is no such credential.")
    return credential
