"""A state agency's page: what the districts it belongs to have issued and their teachers share."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from issuer.errors import Forbidden
from issuer.queries import credentials as queries
from issuer.web.current import asked_page, looking, organisations, runtime, signed_in

pages = Blueprint("agency", __name__)

PAGE = 50


@pages.get("/agency")
@signed_in
def credentials() -> ResponseReturnValue:
    here = organisations("agency")
    if not here:
        raise Forbidden("This page is for agencies.")
    query, page = request.args.get("q", "").strip()[:200], asked_page()
    with looking() as session:
        found = queries.shared_by_organisations(
            session, [each.id for each in here], words=query, limit=PAGE + 1, offset=(page - 1) * PAGE
        )
        return render_template(
            "admin/agency.html",
            names=[each.name for each in here],
            credentials=found[:PAGE],
            more=len(found) > PAGE,
            page=page,
            query=query,
            address_of=runtime().addresses.credential,
        )
