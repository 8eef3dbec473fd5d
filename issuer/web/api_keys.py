"""API keys of a district: made, bound, rotated, revoked, and the members for whom they may act."""

from __future__ import annotations

import re

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.ceilings import MOST_NUMBER
from issuer.errors import Invalid, ServiceError
from issuer.models import Organisation
from issuer.queries import keys as questions
from issuer.queries import members as people
from issuer.services import api_keys, consents, notices
from issuer.web.current import actor, changing, fresh_sign_in, looking, organisation, runtime, sent_number, signed_in

pages = Blueprint("api_keys", __name__)


@pages.get("/admin/<slug>/keys")
@signed_in
def overview(slug: str) -> str:
    return _overview(organisation(slug, "admin"))


@pages.post("/admin/<slug>/keys")
@fresh_sign_in
def create(slug: str) -> ResponseReturnValue:
    """The key is shown in the answer to this very request and never again."""
    here, form, tools = organisation(slug, "admin"), request.form, runtime()
    try:
        with changing() as session:
            _, text = api_keys.create(
                session,
                organisation_id=here.id,
                name=form.get("name", ""),
                scopes=form.getlist("scope"),
                days=_days(form.get("days", "")),
                networks=re.split(r"[\s,;]+", form.get("networks", "").strip()) if form.get("networks") else (),
                max_days=tools.config.api_key_max_days,
                actor=actor(),
                now=tools.clock(),
            )
    except Invalid as error:
        return _overview(here, error), error.status
    return _overview(here, fresh=text), 200, {"Cache-Control": "no-store"}


@pages.get("/admin/<slug>/keys/<prefix>")
@signed_in
def show(slug: str, prefix: str) -> str:
    return _key(organisation(slug, "admin"), prefix)


@pages.post("/admin/<slug>/keys/<prefix>/rotate")
@fresh_sign_in
def rotate(slug: str, prefix: str) -> ResponseReturnValue:
    """The new secret is shown in the answer to this very request and never again."""
    here, tools = organisation(slug, "admin"), runtime()
    try:
        with changing() as session:
            _, text = api_keys.rotate(
                session,
                organisation_id=here.id,
                prefix=prefix,
                overlap_days=sent_number("overlap", -1),
                days=_days(request.form.get("days", "")),
                max_days=tools.config.api_key_max_days,
                actor=actor(),
                now=tools.clock(),
            )
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _key(here, prefix, error), error.status
    return _key(here, prefix, fresh=text), 200, {"Cache-Control": "no-store"}


@pages.route("/admin/<slug>/keys/<prefix>/revoke", methods=["GET", "POST"])
@fresh_sign_in
def revoke(slug: str, prefix: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    if request.method == "GET":
        with looking() as session:
            key = questions.one(session, here.id, prefix)
        return render_template("admin/key_revoke.html", organisation=here, key=key)
    with changing() as session:
        api_keys.revoke(session, organisation_id=here.id, prefix=prefix, actor=actor(), now=runtime().clock())
    flash("The key no longer works.", "good")
    return redirect(url_for("api_keys.overview", slug=slug))


@pages.post("/admin/<slug>/keys/<prefix>/consents")
@signed_in
def ask(slug: str, prefix: str) -> ResponseReturnValue:
    here, tools = organisation(slug, "admin"), runtime()
    try:
        if not request.form.get("user"):
            raise Invalid("Please choose a member.", code="member_not_chosen")
        with changing() as session:
            consent, write = consents.ask(
                session,
                organisation_id=here.id,
                prefix=prefix,
                user_id=sent_number("user", 0),
                actor=actor(),
                now=tools.clock(),
            )
            session.refresh(consent)
            notice = notices.consent_asked(consent, here.name, tools.addresses)
            member = consent.user.name or consent.user.email
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _key(here, prefix, error), error.status
    if write:
        g.mailer.send(*notice)
    flash(f"{member} has been asked, and answers on their account page.", "good")
    return redirect(url_for("api_keys.show", slug=slug, prefix=prefix))


def _days(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        return min(int(text), MOST_NUMBER)
    except ValueError:
        # Out of any range: the service says what the range is.
        return 0


def _overview(here: Organisation, error: ServiceError | None = None, *, fresh: str = "") -> str:
    tools = runtime()
    with looking() as session:
        found = questions.of_organisation(session, here.id)
    return render_template(
        "admin/keys.html",
        organisation=here,
        keys=found,
        fresh=fresh,
        now=tools.clock(),
        scopes=api_keys.SCOPES,
        days=min(api_keys.DEFAULT_DAYS, tools.config.api_key_max_days),
        max_days=tools.config.api_key_max_days,
        error=error,
        typed=request.form if error else {},
        chosen=request.form.getlist("scope") if error else [],
    )


def _key(here: Organisation, prefix: str, error: ServiceError | None = None, *, fresh: str = "") -> str:
    tools = runtime()
    now = tools.clock()
    with looking() as session:
        key = questions.one(session, here.id, prefix)
        asked = questions.asked(questions.consents_of_key(session, key.id), now)
        members = people.of_organisation(session, here.id)
    return render_template(
        "admin/key.html",
        organisation=here,
        key=key,
        works=key.revoked_at is None and key.expires_at > now,
        old_works=key.previous_ends_at is not None and key.previous_ends_at > now and key.revoked_at is None,
        asked=asked,
        members=members,
        acts_for_members=bool(consents.MEMBER_SCOPES.keys() & set(key.scopes)),
        fresh=fresh,
        scopes=api_keys.SCOPES,
        days=min(api_keys.DEFAULT_DAYS, tools.config.api_key_max_days),
        max_days=tools.config.api_key_max_days,
        overlap=api_keys.DEFAULT_OVERLAP_DAYS,
        max_overlap=api_keys.MAX_OVERLAP_DAYS,
        error=error,
    )
