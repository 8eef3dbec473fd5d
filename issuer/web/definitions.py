"""A district's microcredentials: what there is, importing with a dry run, completing, publishing, retiring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from achievements.exports import definition_text
from achievements.publication import publication_problems
from issuer.errors import Invalid, ServiceError
from issuer.models import Organisation
from issuer.queries import catalogue, retiring
from issuer.services import definitions, frameworks
from issuer.services.changes import Plan
from issuer.services.definitions import Adoption
from issuer.web.current import actor, changing, looking, organisation, person, runtime, signed_in
from issuer.web.public import entry_of, places_of

pages = Blueprint("definitions", __name__)

#: How long a dry run may be confirmed.
_CONFIRM_WITHIN = 2 * 3600
_IMPORTS: Mapping[str, Any] = {"framework": frameworks, "definitions": definitions}
_RUBRIC = "rubric"
#: Things that were imported and that the answer names; of the others it says how many.
_NAMED = 5
#: Longer than any rubric's URI or name that is stored.
_MAX_FIELD = 1000


@pages.get("/admin/<slug>/definitions")
@signed_in
def overview(slug: str) -> str:
    return _overview(organisation(slug, "admin"))


@pages.get("/admin/<slug>/definitions/<int:version_id>")
@signed_in
def preview(slug: str, version_id: int) -> str:
    return _preview(organisation(slug, "admin"), version_id)


@pages.get("/admin/<slug>/definitions/<int:version_id>/file")
@signed_in
def download(slug: str, version_id: int) -> Response:
    """The version as a file of our own format, to be edited and imported again."""
    here = organisation(slug, "admin")
    with looking() as session:
        offer = catalogue.version_of_organisation(session, here.id, version_id)
        body = definition_text([offer.achievement])
    answer = Response(body, mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{offer.key}.json")
    return answer


@pages.route("/admin/<slug>/definitions/<int:version_id>/publish", methods=["GET", "POST"])
@signed_in
def publish(slug: str, version_id: int) -> ResponseReturnValue:
    """Says first what publishing means; a draft that is not complete leads to what it lacks."""
    here, error = organisation(slug, "admin"), None
    if request.method == "POST":
        try:
            if request.form.get("sure") != "yes":
                raise Invalid("Please confirm that this version is to be published.", code="not_confirmed")
            with changing() as session:
                definitions.publish(session, version_id=version_id, actor=actor(), now=runtime().clock())
        except ServiceError as refused:
            if refused.status in (403, 404):
                raise
            error = refused
        else:
            flash("Published.", "good")
            return redirect(url_for("definitions.overview", slug=slug))
    with looking() as session:
        offer = catalogue.version_of_organisation(session, here.id, version_id)
        followed = _followed(session, here, offer)
    if _missing_of(offer):
        return _preview(here, version_id, error), error.status if error else 200
    page = render_template(
        "admin/publish.html", organisation=here, version=offer.version, followed=followed, error=error
    )
    return page, error.status if error else 200


@pages.route("/admin/<slug>/definitions/<int:version_id>/retire", methods=["GET", "POST"])
@signed_in
def retire(slug: str, version_id: int) -> ResponseReturnValue:
    """Says first what retiring means for those who are at work on it."""
    here, error = organisation(slug, "admin"), None
    if request.method == "POST":
        try:
            if request.form.get("sure") != "yes":
                raise Invalid("Please confirm that this version is to be retired.", code="not_confirmed")
            with changing() as session:
                definitions.retire(session, version_id=version_id, actor=actor(), now=runtime().clock())
        except ServiceError as refused:
            if refused.status in (403, 404):
                raise
            error = refused
        else:
            flash("Retired. What was awarded stays valid.", "good")
            return redirect(url_for("definitions.overview", slug=slug))
    with looking() as session:
        version = catalogue.version_of_organisation(session, here.id, version_id).version
        work = retiring.work_on(session, version.id)
    page = render_template("admin/retire.html", organisation=here, version=version, work=work, error=error)
    return page, error.status if error else 200


@pages.get("/admin/<slug>/import")
@signed_in
def import_form(slug: str) -> str:
    return _import_form(organisation(slug, "admin"))


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
        return _refused(here, error)
    return _dry_run(here, plan, upload.filename, kind, stored.sha256)


@pages.post("/admin/<slug>/import/rubric")
@signed_in
def plan_rubric(slug: str) -> ResponseReturnValue:
    """The dry run of adopting a framework's rubric."""
    here = organisation(slug, "admin")
    wanted = Adoption(
        **{
            name: request.form.get(name, "").strip()[:_MAX_FIELD]
            for name in ("rubric", "key", "name", "required_level")
        }
    )
    try:
        if not wanted.key and not wanted.name:
            raise Invalid("Please choose a microcredential, or name a new one.", code="microcredential_not_chosen")
        with looking() as session:
            plan = definitions.plan_adoption(session, organisation_id=here.id, wanted=wanted, actor=actor())
    except ServiceError as error:
        return _refused(here, error)
    # The key that was shown, so that confirming twice does not make two of them.
    key = plan.items[0].key if plan.items else wanted.key
    return _dry_run(
        here, plan, "The framework’s rubric", _RUBRIC, [wanted.rubric, key, wanted.name, wanted.required_level]
    )


@pages.post("/admin/<slug>/import/confirm")
@signed_in
def apply_import(slug: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    try:
        kind, what, organisation_id, user_id = _ticket(request.form.get("ticket", ""))
        if (organisation_id, user_id) != (here.id, person().id):
            raise _stale()
        data = b"" if kind == _RUBRIC else _bytes(what)
        with changing() as session:
            common: dict[str, Any] = {"organisation_id": here.id, "actor": actor(), "now": runtime().clock()}
            done: Plan = (
                definitions.adopt(session, wanted=Adoption(*what), **common)
                if kind == _RUBRIC
                else _IMPORTS[kind].apply(session, data=data, **common)
            )
    except ServiceError as error:
        return _refused(here, error)
    count = len(done.changes)
    named = ", ".join(f"“{item.name}”" for item in done.changes[:_NAMED])
    more = f" and {count - _NAMED} more" if count > _NAMED else ""
    flash(f"Imported: {named}{more}." if count else "Everything in it was here already.", "good")
    if kind == "framework" and count:
        flash("It is on the district’s public page, and microcredentials that you import can refer to it now.", "info")
    return redirect(_after(here, kind, done))


def _after(here: Organisation, kind: str, done: Plan) -> str:
    """Where the next step is: the one draft that was made, the list of several, the import page after a framework."""
    if kind == "framework":
        return url_for("definitions.import_form", slug=here.slug)
    if len(done.items) == 1:
        with looking() as session:
            offers = catalogue.of_organisation(session, here.id)
        newest = next((offer.version.id for offer in offers if offer.key == done.items[0].key), None)
        if newest is not None:
            return url_for("definitions.preview", slug=here.slug, version_id=newest)
    return url_for("definitions.overview", slug=here.slug)


def _overview(here: Organisation, error: ServiceError | None = None) -> str:
    with looking() as session:
        offers = [(offer.version, _missing_of(offer)) for offer in catalogue.of_organisation(session, here.id)]
    return render_template("admin/definitions.html", organisation=here, versions=offers, error=error)


def _preview(here: Organisation, version_id: int, error: ServiceError | None = None) -> str:
    """A version as it will be seen, before it is published, and what it still lacks."""
    with looking() as session:
        offer = catalogue.version_of_organisation(session, here.id, version_id)
        entry, missing = entry_of(offer), _missing_of(offer)
        places = places_of(session, offer.organisation, offer.achievement)
        followed = _followed(session, here, offer)
    return render_template(
        "admin/preview.html",
        organisation=here,
        entry=entry,
        version=offer.version,
        missing=missing,
        followed=followed,
        places=places,
        error=error,
    )


def _followed(session: Session, here: Organisation, offer: catalogue.Offer) -> int | None:
    """The number of the published version that this one would take the place of."""
    return next(
        (
            each.version.number
            for each in catalogue.of_organisation(session, here.id)
            if each.key == offer.key and each.version.status == "published"
        ),
        None,
    )


def _missing_of(offer: catalogue.Offer) -> tuple[Any, ...]:
    """What keeps a draft from being published; nothing for what has been."""
    return publication_problems(offer.achievement) if offer.version.status == "draft" else ()


def _import_form(here: Organisation, error: ServiceError | None = None) -> str:
    with looking() as session:
        newest: dict[str, str] = {}
        for offer in catalogue.of_organisation(session, here.id):
            newest.setdefault(offer.key, offer.version.name)
        rubrics = catalogue.rubrics(session, here.id)
    return render_template(
        "admin/import.html",
        organisation=here,
        plan=None,
        error=error,
        rubrics=rubrics,
        microcredentials=newest,
        chosen=request.values.get("key", ""),
        typed=request.form,
    )


def _dry_run(here: Organisation, plan: Plan, title: str, kind: str, what: Any) -> str:
    ticket = _tickets().dumps([kind, what, here.id, person().id])
    return render_template("admin/import.html", organisation=here, plan=plan, filename=title, ticket=ticket, kind=kind)


def _refused(here: Organisation, error: ServiceError) -> ResponseReturnValue:
    if error.status in (403, 404):
        raise error
    return _import_form(here, error), error.status


def _bytes(sha256: str) -> bytes:
    with runtime().storage.open(sha256) as file:
        return file.read()


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(runtime().config.secret_key, salt="import-dry-run")


def _ticket(text: str) -> tuple[str, Any, int, int]:
    """Kind, what (the hash of a file, or the fields of an `Adoption`), organisation and person of a dry run.

    Raises:
        Invalid: `dry_run_stale`.
    """
    try:
        kind, what, organisation_id, user_id = _tickets().loads(text, max_age=_CONFIRM_WITHIN)
    except (BadSignature, ValueError):
        raise _stale() from None
    return kind, what, organisation_id, user_id


def _stale() -> Invalid:
    return Invalid("This dry run is no longer current. Please choose the file again.", code="dry_run_stale")
