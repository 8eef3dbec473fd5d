"""A district's own pages: numbers, events, what was issued, members, API keys. See also `definitions`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from issuer.errors import Invalid, NotFound, ServiceError
from issuer.models import Credential, Organisation
from issuer.queries import credentials as issued_ones
from issuer.queries import members as people
from issuer.queries import overview as numbers
from issuer.queries import trail
from issuer.services import accounts, api_keys, status
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
from issuer.web.security import invitation

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
            flash("Revoked. Everyone who verifies it from now on is told so.", "good")
            return redirect(url_for("admin.issued", slug=slug))
    with looking() as session:
        credential = _credential_of(session, here, number)
        page = render_template(
            "admin/revoke.html", organisation=here, credential=credential, reason=reason, error=error
        )
    return page, 422 if error else 200


@pages.get("/admin/<slug>/members")
@signed_in
def members(slug: str) -> str:
    return _members(organisation(slug, "admin"))


@pages.post("/admin/<slug>/members")
@fresh_sign_in
def add_member(slug: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    form = request.form
    try:
        with changing() as session:
            user, created = accounts.invite(
                session,
                organisation_id=here.id,
                email=form.get("email", ""),
                name=form.get("name", ""),
                role=form.get("role", ""),
                actor=actor(),
                now=runtime().clock(),
            )
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _members(here, error, form.to_dict()), error.status
    if created:
        invitation(user, here.name)
    flash(f"{user.name or user.email} has been added.", "good")
    return redirect(url_for("admin.members", slug=slug))


@pages.post("/admin/<slug>/members/remove")
@fresh_sign_in
def remove_member(slug: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    user_id, role = request.form.get("user", 0, type=int), request.form.get("role", "")

    def act(session: Session) -> None:
        accounts.remove_member(
            session, user_id=user_id, organisation_id=here.id, role=role, actor=actor(), now=runtime().clock()
        )

    return _or_show(here, _members, "The role has been taken away.", "admin.members", act)


@pages.get("/admin/<slug>/keys")
@signed_in
def keys(slug: str) -> str:
    return _keys(organisation(slug, "admin"))


@pages.post("/admin/<slug>/keys")
@fresh_sign_in
def create_key(slug: str) -> ResponseReturnValue:
    """The key is shown in the answer to this very request and never again."""
    here = organisation(slug, "admin")
    try:
        with changing() as session:
            _, text = api_keys.create(
                session,
                organisation_id=here.id,
                name=request.form.get("name", ""),
                scopes=request.form.getlist("scope"),
                actor=actor(),
                now=runtime().clock(),
            )
    except Invalid as error:
        return _keys(here, error), error.status
    return _keys(here, fresh=text), 200, {"Cache-Control": "no-store"}


@pages.post("/admin/<slug>/keys/<prefix>/revoke")
@fresh_sign_in
def revoke_key(slug: str, prefix: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")

    def act(session: Session) -> None:
        api_keys.revoke(session, organisation_id=here.id, prefix=prefix, actor=actor(), now=runtime().clock())

    return _or_show(here, _keys, "The key no longer works.", "admin.keys", act)


def _or_show(
    here: Organisation,
    page: Callable[[Organisation, ServiceError | None], str],
    done: str,
    endpoint: str,
    act: Callable[[Session], None],
) -> ResponseReturnValue:
    """Do one thing and go to `endpoint`; if it is refused, show `page` with the reason."""
    try:
        with changing() as session:
            act(session)
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return page(here, error), error.status
    flash(done, "good")
    return redirect(url_for(endpoint, slug=here.slug))


def _members(here: Organisation, error: ServiceError | None = None, typed: Mapping[str, str] | None = None) -> str:
    with looking() as session:
        found = people.of_organisation(session, here.id)
    return render_template("admin/members.html", organisation=here, members=found, error=error, typed=typed or {})


def _keys(here: Organisation, error: ServiceError | None = None, *, fresh: str = "") -> str:
    with looking() as session:
        found = people.api_keys(session, here.id)
    typed = request.form.to_dict() if error else {}
    return render_template(
        "admin/keys.html", organisation=here, keys=found, fresh=fresh, scopes=api_keys.SCOPES, error=error, typed=typed
    )


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
