"""A district's own pages: what is offered, importing with a dry run, what was issued, members, API keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from issuer.errors import Invalid, NotFound, ServiceError
from issuer.models import Credential, Organisation
from issuer.queries import catalogue, trail
from issuer.queries import credentials as issued_ones
from issuer.queries import members as people
from issuer.queries import overview as numbers
from issuer.services import accounts, api_keys, definitions, frameworks, status
from issuer.services.changes import Plan
from issuer.web.current import actor, changing, looking, organisation, organisations, person, runtime, signed_in
from issuer.web.public import entry_of
from issuer.web.security import invitation

pages = Blueprint("admin", __name__)

#: Credentials on one page.
PAGE = 50
#: How long a dry run may be confirmed.
_CONFIRM_WITHIN = 2 * 3600
#: Events of the audit trail on the overview, and on one page of the trail.
_LATELY = 6
_EVENTS = 40
_IMPORTS: Mapping[str, Any] = {"framework": frameworks, "definitions": definitions}


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
    before = request.args.get("before", type=int)
    with looking() as session:
        found = trail.events(session, organisation_id=here.id, before_id=before, limit=_EVENTS + 1)
    entries = found[:_EVENTS]
    following = entries[-1].event.id if len(found) > _EVENTS else None
    return render_template("admin/trail.html", organisation=here, entries=entries, following=following, before=before)


@pages.get("/admin/<slug>/definitions")
@signed_in
def definition_list(slug: str) -> str:
    return _definitions(organisation(slug, "admin"))


@pages.get("/admin/<slug>/definitions/<int:version_id>")
@signed_in
def preview(slug: str, version_id: int) -> str:
    """A version as it will be seen, before it is published."""
    here = organisation(slug, "admin")
    with looking() as session:
        offer = catalogue.version_of_organisation(session, here.id, version_id)
        entry = entry_of(offer)
    return render_template("admin/preview.html", organisation=here, entry=entry, version=offer.version)


@pages.post("/admin/<slug>/definitions/<int:version_id>/publish")
@signed_in
def publish(slug: str, version_id: int) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    return _or_show(here, _definitions, "Published.", "admin.definition_list", _publish(version_id))


@pages.post("/admin/<slug>/definitions/<int:version_id>/retire")
@signed_in
def retire(slug: str, version_id: int) -> ResponseReturnValue:
    here = organisation(slug, "admin")

    def act(session: Session) -> None:
        definitions.retire(session, version_id=version_id, actor=actor(), now=runtime().clock())

    return _or_show(here, _definitions, "Retired. What was awarded stays valid.", "admin.definition_list", act)


@pages.get("/admin/<slug>/import")
@signed_in
def import_form(slug: str) -> str:
    return render_template("admin/import.html", organisation=organisation(slug, "admin"), plan=None)


@pages.post("/admin/<slug>/import")
@signed_in
def plan_import(slug: str) -> ResponseReturnValue:
    """The dry run. The bytes are kept by their hash, and the confirming form carries that hash, signed: what is
    imported is what was shown, for this person and organisation only."""
    here = organisation(slug, "admin")
    kind, upload = request.form.get("kind", ""), request.files.get("file")
    try:
        if kind not in _IMPORTS or upload is None or not upload.filename:
            raise Invalid("Please choose a file.", code="file_missing")
        stored = runtime().storage.put(upload.stream, runtime().config.max_import_bytes)
        data = _bytes(stored.sha256)
        with looking() as session:
            plan: Plan = _IMPORTS[kind].plan(session, organisation_id=here.id, data=data, actor=actor())
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return render_template("admin/import.html", organisation=here, plan=None, error=error), error.status
    ticket = _tickets().dumps([kind, stored.sha256, here.id, person().id])
    return render_template("admin/import.html", organisation=here, plan=plan, filename=upload.filename, ticket=ticket)


@pages.post("/admin/<slug>/import/confirm")
@signed_in
def apply_import(slug: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    try:
        kind, sha256, organisation_id, user_id = _ticket(request.form.get("ticket", ""))
        if (organisation_id, user_id) != (here.id, person().id):
            raise _stale()
        data = _bytes(sha256)
        with changing() as session:
            done: Plan = _IMPORTS[kind].apply(
                session, organisation_id=here.id, data=data, actor=actor(), now=runtime().clock()
            )
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return render_template("admin/import.html", organisation=here, plan=None, error=error), error.status
    count = len(done.changes)
    flash(f"Imported: {count} {'thing' if count == 1 else 'things'} changed.", "good")
    return redirect(url_for("admin.definition_list" if kind == "definitions" else "admin.import_form", slug=slug))


@pages.get("/admin/<slug>/issued")
@signed_in
def issued(slug: str) -> str:
    here = organisation(slug, "admin")
    query, page = request.args.get("q", "").strip()[:200], max(1, request.args.get("page", 1, type=int))
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
@signed_in
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
@signed_in
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
@signed_in
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
@signed_in
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
@signed_in
def revoke_key(slug: str, prefix: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")

    def act(session: Session) -> None:
        api_keys.revoke(session, organisation_id=here.id, prefix=prefix, actor=actor(), now=runtime().clock())

    return _or_show(here, _keys, "The key no longer works.", "admin.keys", act)


def _publish(version_id: int) -> Callable[[Session], None]:
    def act(session: Session) -> None:
        definitions.publish(session, version_id=version_id, actor=actor(), now=runtime().clock())

    return act


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


def _definitions(here: Organisation, error: ServiceError | None = None) -> str:
    with looking() as session:
        versions = [offer.version for offer in catalogue.of_organisation(session, here.id)]
    return render_template("admin/definitions.html", organisation=here, versions=versions, error=error)


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


def _bytes(sha256: str) -> bytes:
    with runtime().storage.open(sha256) as file:
        return file.read()


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(runtime().config.secret_key, salt="import-dry-run")


def _ticket(text: str) -> tuple[str, str, int, int]:
    """Kind, hash, organisation and person of a dry run.

    Raises:
        Invalid: `dry_run_stale`.
    """
    try:
        kind, sha256, organisation_id, user_id = _tickets().loads(text, max_age=_CONFIRM_WITHIN)
    except (BadSignature, ValueError):
        raise _stale() from None
    return kind, sha256, organisation_id, user_id


def _stale() -> Invalid:
    return Invalid("This dry run is no longer current. Please choose the file again.", code="dry_run_stale")


def _credential_of(session: Session, here: Organisation, number: str) -> Credential:
    """Raises: NotFound: there is none, or another organisation issued it."""
    credential = issued_ones.by_number(session, number)
    if credential.organisation_id != here.id:
        raise NotFound("There is no such credential.")
    return credential
