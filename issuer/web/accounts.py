"""One's own account, and where to go after signing in. Sign-in itself is Flask-Security's."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import Invalid, ServiceError
from issuer.queries import keys as questions
from issuer.queries import members as people
from issuer.queries import records
from issuer.queries import user_sessions as queries
from issuer.queries.user_sessions import Lifetime
from issuer.services import accounts, consents, user_sessions
from issuer.web import sessions
from issuer.web.current import (
    actor,
    changing,
    fresh_sign_in,
    holds_badges,
    looking,
    organisations,
    person,
    roles,
    runtime,
    signed_in,
)

pages = Blueprint("accounts", __name__)


@pages.get("/home")
@signed_in
def home() -> ResponseReturnValue:
    """The first page of this person's work."""
    held = roles()
    if "teacher" in held:
        return redirect(url_for("teacher.home"))
    if "coach" in held:
        return redirect(url_for("coach.queue"))
    if "admin" in held:
        return redirect(url_for("admin.overview", slug=organisations("admin")[0].slug))
    if "agency" in held:
        return redirect(url_for("agency.credentials"))
    return redirect(url_for("teacher.badges" if holds_badges() else "accounts.profile"))


@pages.get("/account")
@signed_in
def profile() -> ResponseReturnValue:
    return page(person().name)


@pages.post("/account")
@signed_in
def save_profile() -> ResponseReturnValue:
    name = request.form.get("name", "")
    try:
        with changing() as session:
            accounts.set_profile(session, name=name, actor=actor(), now=runtime().clock())
    except Invalid as error:
        return page(name, error), error.status
    flash("Your account has been saved.", "good")
    return redirect(url_for("accounts.profile"))


@pages.post("/account/sessions/<number>/end")
@fresh_sign_in
def end_session(number: str) -> ResponseReturnValue:
    with changing() as session:
        user_sessions.end(session, number=number, actor=actor(), now=runtime().clock())
    flash("That browser is signed out.", "good@sessions")
    return redirect(url_for("accounts.profile", _anchor="sessions"))


@pages.post("/account/sessions/end-others")
@fresh_sign_in
def end_other_sessions() -> ResponseReturnValue:
    mine = sessions.current()
    with changing() as session:
        user_sessions.end_others(session, keep=mine.number if mine else None, actor=actor(), now=runtime().clock())
    flash("You are now signed in only here.", "good@sessions")
    return redirect(url_for("accounts.profile", _anchor="sessions"))


def page(name: str, error: ServiceError | None = None, *, did: str | None = None) -> str:
    """The account page. `did`: what was typed for a DID and refused with `error`, shown again beside it."""
    tools = runtime()
    now = tools.clock()
    with looking() as session:
        found = queries.of_user(session, person().id, Lifetime.of(tools.config), now)
        keys = questions.of_member(session, person().id, now)
        invitations = people.invitations_of(session, person().id, now)
        names = records.names_of(session, person().id)
    return render_template(
        "account/profile.html",
        user=person(),
        name=name,
        error=error,
        did=did,
        sessions=found,
        this_session=sessions.current(),
        keys=keys,
        invitations=invitations,
        names_on_record=names,
        member_scopes=consents.MEMBER_SCOPES,
    )
