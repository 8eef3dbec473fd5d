"""One's own account, and where to go after signing in. Sign-in itself is Flask-Security's."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import Invalid, ServiceError
from issuer.services import accounts
from issuer.web.current import actor, changing, organisations, person, roles, runtime, signed_in

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
    return redirect(url_for("accounts.profile"))


@pages.get("/account")
@signed_in
def profile() -> ResponseReturnValue:
    return _page(person().name, person().did)


@pages.post("/account")
@signed_in
def save_profile() -> ResponseReturnValue:
    name, did = request.form.get("name", ""), request.form.get("did", "").strip()
    try:
        with changing() as session:
            accounts.set_profile(session, name=name, did=did, actor=actor(), now=runtime().clock())
    except Invalid as error:
        return _page(name, did, error), error.status
    flash("Your account has been saved.", "good")
    return redirect(url_for("accounts.profile"))


def _page(name: str, did: str, error: ServiceError | None = None) -> str:
    return render_template("account/profile.html", user=person(), name=name, did=did, error=error)
