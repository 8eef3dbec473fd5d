"""What anybody may read: the start page, the catalogue, a microcredential and its criteria, who issues it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from achievements.model import Achievement, Competency
from issuer.models import FrameworkRow, Organisation, Submission
from issuer.queries import catalogue as queries
from issuer.queries import credentials as issued
from issuer.queries import members
from issuer.queries import submissions as work
from issuer.queries.catalogue import Branch, Offer
from issuer.web.accepting import data_type
from issuer.web.current import looking, organisations, person, runtime, viewer
from issuer.web.documents import LD_JSON, achievement_json
from issuer.workflow import OPEN, State

pages = Blueprint("public", __name__)

#: How many microcredentials the start page shows.
_SHOWN_AT_HOME = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A version of a microcredential as the pages show it."""

    achievement: Achievement
    slug: str
    organisation_name: str
    key: str
    number: int
    status: str
    published_at: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class Node:
    """A competency with those below it, and how many microcredentials are aligned with it."""

    competency: Competency
    microcredentials: int
    children: list[Node]


@pages.get("/")
def home() -> str:
    with looking() as session:
        offers = sorted(queries.search(session), key=lambda offer: offer.version.id, reverse=True)
    return render_template("public/home.html", newest=[entry_of(offer) for offer in offers[:_SHOWN_AT_HOME]])


@pages.get("/privacy")
def privacy() -> str:
    return render_template("public/privacy.html")


@pages.get("/catalogue")
def catalogue() -> str:
    text, competency = request.args.get("q", "").strip()[:200], request.args.get("competency", "")
    chosen = request.args.get("framework", "")
    with looking() as session:
        frameworks = _frameworks(session)
        offers = queries.search(session, text=text, competency=competency)
        rows = [row for _, row in frameworks if row.uri == chosen]
        if rows:
            uris = {item.uri for row in rows for item in row.competencies}
            offers = tuple(offer for offer in offers if any(a.target_url in uris for a in offer.achievement.alignment))
        named = [item for _, row in frameworks for item in row.competencies if competency and item.uri == competency]
    return render_template(
        "public/catalogue.html",
        entries=[entry_of(offer) for offer in offers],
        frameworks=frameworks,
        query=text,
        framework_uri=chosen,
        competency=next(iter(named), None),
    )


@pages.get("/orgs/<slug>")
def organisation(slug: str) -> str:
    with looking() as session:
        found = issued.organisation_by_slug(session, slug)
        offers = queries.search(session, organisation_id=found.id)
        frameworks = queries.frameworks(session, found.id)
    return render_template(
        "public/organisation.html",
        organisation=found,
        did=runtime().addresses.organisation_did(slug),
        entries=[entry_of(offer) for offer in offers],
        frameworks=frameworks,
    )


@pages.get("/orgs/<slug>/frameworks/<int:number>")
def framework(slug: str, number: int) -> str:
    with looking() as session:
        found = issued.organisation_by_slug(session, slug)
        tree = queries.framework(session, found.id, number)
    return render_template(
        "public/framework.html", organisation=found, framework=tree.framework, roots=_nested(tree.branches)
    )


@pages.get("/achievements/<slug>/<key>/v<int:number>")
def achievement(slug: str, key: str, number: int) -> ResponseReturnValue:
    if data_type(LD_JSON, "application/json"):
        return achievement_json(slug, key, number)
    with looking() as session:
        offer = queries.one(session, slug, key, number)
        versions = [
            each
            for each in queries.of_organisation(session, offer.organisation.id)
            if each.key == key and each.version.published_at is not None
        ]
        mine = _own_work(session, offer)
        places = places_of(session, offer.organisation, offer.achievement)
        badge = issued.numbers_of(session, [mine.id]).get(mine.id, "") if mine is not None else ""
    may_start = (
        viewer() is not None
        and offer.version.status == "published"
        and any(each.id == offer.organisation.id for each in organisations("teacher"))
    )
    page = render_template(
        "public/achievement.html",
        entry=entry_of(offer),
        versions=[entry_of(each) for each in versions],
        mine=mine,
        badge=badge,
        may_start=may_start,
        places=places,
    )
    answer = Response(page, mimetype="text/html")
    answer.vary.add("Accept")
    return answer


@pages.get("/achievements/<slug>/<key>/v<int:number>/criteria")
def criteria(slug: str, key: str, number: int) -> str:
    with looking() as session:
        offer = queries.one(session, slug, key, number)
        places = places_of(session, offer.organisation, offer.achievement)
    address = runtime().addresses.criteria(slug, key, number)
    return render_template("public/criteria.html", entry=entry_of(offer), places=places, address=address)


def entry_of(offer: Offer) -> Entry:
    return Entry(
        achievement=offer.achievement,
        slug=offer.organisation.slug,
        organisation_name=offer.organisation.name,
        key=offer.key,
        number=offer.version.number,
        status=offer.version.status,
        published_at=offer.version.published_at,
        retired_at=offer.version.retired_at,
    )


def places_of(session: Session, organisation: Organisation, achievement: Achievement) -> dict[str, str]:
    """Where our own pages show the competencies that it is aligned to, by their URI. The URI stays the identity and
    stands in what is signed; it need not lead anywhere, and one on a framework server often does not."""
    uris = [each.target_url for each in achievement.alignment]
    return {
        uri: url_for("public.framework", slug=organisation.slug, number=framework_id, _anchor=competency_anchor(uri))
        for uri, framework_id in queries.framework_places(session, organisation.id, uris).items()
    }


def competency_anchor(uri: str) -> str:
    """The id of a competency's line on the page of its framework: the same after every import."""
    return "c-" + hashlib.sha256(uri.encode()).hexdigest()[:16]


pages.add_app_template_filter(competency_anchor)


def _frameworks(session: Session) -> list[tuple[str, FrameworkRow]]:
    """(short name of the organisation, framework) of every organisation."""
    return [(each.slug, row) for each in members.organisations(session) for row in queries.frameworks(session, each.id)]


def _own_work(session: Session, offer: Offer) -> Submission | None:
    """The viewer's own submission of this version: the open one, else one that was issued."""
    if viewer() is None:
        return None
    mine = [each for each in work.of_teacher(session, person().id) if each.version_id == offer.version.id]
    current = [each for each in mine if State(each.state) in OPEN] or [each for each in mine if each.state == "issued"]
    return next(iter(current), None)


def _nested(branches: Sequence[Branch]) -> list[Node]:
    """Lines with depths as a tree."""
    roots: list[Node] = []
    path: list[Node] = []
    for branch in branches:
        node = Node(branch.competency, len(branch.direct), [])
        del path[branch.depth :]
        (path[-1].children if path else roots).append(node)
        path.append(node)
    return roots
