"""The key that asks: what it may do, and the members whose consent it asks for. Keys are made on the page alone."""

from __future__ import annotations

from typing import Any

from flask import Response, g

from issuer.api.once import afterwards
from issuer.api.resource import PageQuery, Resource, needs, page, page_of, runtime, shaped, watching, working
from issuer.queries import keys as questions
from issuer.services import accounts, consents, notices
from schemas.account import ApiKeyShape, ConsentRequest, ConsentShape

resource = Resource("key", "The key itself, and the consent of the members for whom it acts.")

ConsentPage = page_of(ConsentShape, "ConsentPage")


@resource.route("/key", methods=["GET"])
@resource.response(200, ApiKeyShape)
@needs("")
def get_key() -> Response:
    """The key that asks: what it may do and when it ends"""
    with watching() as (session, caller):
        return shaped(ApiKeyShape, questions.one(session, caller.organisation_id, caller.actor.via))


@resource.route("/consents", methods=["GET"])
@resource.arguments(PageQuery, location="query")
@resource.response(200, ConsentPage)
@needs("")
def list_consents(query: dict[str, Any]) -> Response:
    """Whom this key has asked, and what they answered"""
    with watching() as (session, caller):
        rows = questions.consents_of_key(session, caller.key_id)
        return page(ConsentPage, query, [questions.with_state(row, runtime().clock()) for row in rows])


@resource.route("/consents", methods=["POST"])
@resource.arguments(ConsentRequest)
@resource.response(202, ConsentShape)
@needs("")
def ask_for_consent(body: dict[str, Any]) -> Response:
    """Ask a member to let this key act for them; they answer on their account page"""
    now = runtime().clock()
    with working() as (session, caller):
        consent, write = consents.ask(
            session,
            organisation_id=caller.organisation_id,
            prefix=caller.actor.via,
            user_id=accounts.number_of(session, body["email"]),
            actor=caller.actor,
            now=now,
        )
        session.refresh(consent)
        if write:
            notice = notices.consent_asked(consent, questions.organisation_name(session, consent), runtime().addresses)
            mailer = g.mailer
            afterwards(lambda: mailer.send(*notice))
        return shaped(ConsentShape, questions.with_state(consent, now), 202)
