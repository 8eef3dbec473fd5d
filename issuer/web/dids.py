"""A person's DID: given, proved by a signature, taken away."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import Invalid, ServiceError
from issuer.services import dids
from issuer.web import accounts
from issuer.web.current import actor, changing, fresh_sign_in, looking, person, runtime

pages = Blueprint("dids", __name__)


@pages.post("/account/did")
@fresh_sign_in
def begin() -> ResponseReturnValue:
    try:
        with changing() as session:
            dids.begin(session, did=request.form.get("did", ""), actor=actor(), now=runtime().clock())
    except Invalid as error:
        return accounts.page(person().name, error, did=request.form.get("did", "")), error.status
    return redirect(url_for("dids.show"))


@pages.get("/account/did")
@fresh_sign_in
def show() -> str:
    return _page()


@pages.post("/account/did/prove")
@fresh_sign_in
def prove() -> ResponseReturnValue:
    upload, tools = request.files.get("file"), runtime()
    data = upload.stream.read(dids.MAX_BYTES + 1) if upload is not None and upload.filename else b""
    data = data or request.form.get("proof", "").strip().encode()
    with looking() as session:
        challenge = dids.open_challenge(session, actor=actor(), now=tools.clock())
    try:
        # Before the transaction: the document of a did:web comes from the network.
        proof = dids.check_proof(
            tools.verifier,
            data,
            did=challenge.did,
            challenge=challenge.challenge,
            domain=_domain(),
            now=tools.clock(),
        )
        with changing() as session:
            dids.prove(session, proof=proof, actor=actor(), now=tools.clock())
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _page(error), error.status
    flash("Your DID is proved. New badges are issued to it.", "good")
    return redirect(url_for("accounts.profile"))


@pages.post("/account/did/remove")
@fresh_sign_in
def remove() -> ResponseReturnValue:
    with changing() as session:
        dids.remove(session, actor=actor(), now=runtime().clock())
    flash("New badges are issued to your e-mail address, in its scrambled form.", "good")
    return redirect(url_for("accounts.profile"))


def _page(error: ServiceError | None = None) -> str:
    with looking() as session:
        challenge = dids.open_challenge(session, actor=actor(), now=runtime().clock())
    asked = dids.what_to_sign(challenge, _domain())
    return render_template(
        "account/did.html",
        challenge=challenge,
        domain=_domain(),
        shown={name: json.dumps(value, indent=2) for name, value in asked.items()},
        error=error,
    )


def _domain() -> str:
    """The name of this installation that a signature has to state."""
    return urlsplit(runtime().addresses.base_url).netloc
