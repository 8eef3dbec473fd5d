"""A member's own word on keys that ask to act for them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from issuer.services import consents
from issuer.web.current import actor, changing, fresh_sign_in, runtime, sent_number, signed_in

pages = Blueprint("consents", __name__)


@pages.post("/account/keys/<prefix>/agree")
@fresh_sign_in
def agree(prefix: str) -> ResponseReturnValue:
    days = request.form.get("days", "")
    with changing() as session:
        consents.give(
            session,
            prefix=prefix,
            days=None if days == "open" else sent_number("days", 0),
            actor=actor(),
            now=runtime().clock(),
        )
    flash("The key may act for you now. You can take that back here at any time.", "good@keys")
    return redirect(url_for("accounts.profile", _anchor="keys"))


@pages.post("/account/keys/<prefix>/refuse")
@signed_in
def refuse(prefix: str) -> ResponseReturnValue:
    with changing() as session:
        consents.take_back(session, prefix=prefix, actor=actor(), now=runtime().clock())
    flash("The key may not act for you.", "good@keys")
    return redirect(url_for("accounts.profile", _anchor="keys"))
