"""An administrator's page for signing keys: which there are, distrusting one, and having its awards signed again."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import Conflict, Invalid, ServiceError
from issuer.models import Organisation
from issuer.queries import credentials as queries
from issuer.queries import reissues
from issuer.services import key_revocation, reissuing
from issuer.web.current import actor, changing, fresh_sign_in, looking, organisation, runtime, signed_in

pages = Blueprint("signing_keys", __name__)


@pages.get("/admin/<slug>/signing-keys")
@signed_in
def overview(slug: str) -> str:
    return _overview(organisation(slug, "admin"))


@pages.route("/admin/<slug>/signing-keys/<key>/revoke", methods=["GET", "POST"])
@fresh_sign_in
def revoke(slug: str, key: str) -> ResponseReturnValue:
    """What would happen, and the button that does it."""
    here = organisation(slug, "admin")
    if request.method == "POST":
        try:
            done = _revoke(here, key)
        except (Conflict, Invalid) as error:
            return _confirm(here, key, error), error.status
        if not done.changed:
            flash("That key had been revoked before. Nothing was changed.", "good")
        elif done.missing:
            flash(f"The key is revoked. {done.missing}", "bad")
        else:
            flash("The key is revoked. Below you can have its awards signed again with the new key.", "good")
        return redirect(url_for("signing_keys.overview", slug=slug))
    return _confirm(here, key)


@pages.post("/admin/<slug>/signing-keys/reissue")
@fresh_sign_in
def reissue(slug: str) -> ResponseReturnValue:
    """Hand it to the workers."""
    here = organisation(slug, "admin")
    try:
        with changing() as session:
            job = reissuing.start_for_keys(session, organisation_id=here.id, actor=actor(), now=runtime().clock())
            number = job.number if job else ""
    except Conflict as error:
        return _overview(here, error), error.status
    if number:
        runtime().enqueue.reissue(number)
    flash("It begins within a minute." if number else "There is nothing to sign again.", "good")
    return redirect(url_for("signing_keys.overview", slug=slug))


def _overview(here: Organisation, error: ServiceError | None = None) -> str:
    with looking() as session:
        return render_template(
            "admin/signing_keys.html",
            organisation=here,
            keys=queries.signing_keys(session, here.id),
            job=reissues.latest(session, here.id),
            to_do=reissues.has_work_for_keys(session, here.id, runtime().clock()),
            error=error,
        )


def _confirm(here: Organisation, key: str, error: ServiceError | None = None) -> str:
    addresses = runtime().addresses
    with looking() as session:
        found = key_revocation.named_key(session, here.id, key)
        method = addresses.verification_method(addresses.organisation_did(here.slug), key)
        use = reissues.key_use(session, found, method, runtime().clock())
    return render_template("admin/revoke_key.html", organisation=here, key=found, use=use, error=error)


def _revoke(here: Organisation, key: str) -> key_revocation.Revocation:
    if request.form.get("sure") != "yes":
        raise Invalid("Please confirm that you understand what revoking means.", code="not_confirmed")
    tools = runtime()
    with changing() as session:
        return key_revocation.revoke(
            session,
            tools.keyring,
            tools.verifier_for_own_output,
            tools.addresses,
            here.id,
            key,
            "compromised",
            actor(),
            tools.clock(),
        )
