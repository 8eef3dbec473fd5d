"""What anybody may read: the start page, the catalogue, a microcredential and its criteria, what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from achievements import serialise
from achievements.model import Achievement
from issuer.models import AchievementVersion
from issuer.queries import credentials as queries
from issuer.web.current import looking
from issuer.web.documents import LD_JSON, achievement_json

pages = Blueprint("public", __name__)


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


@pages.get("/")
def home() -> str:
    return render_template("public/home.html", newest=_published()[:3])


@pages.get("/privacy")
def privacy() -> str:
    return render_template("public/privacy.html")


@pages.get("/catalogue")
def catalogue() -> str:
    return render_template(
        "public/catalogue.html", entries=_published(), frameworks=[], query="", framework_uri="", competency=None
    )


@pages.get("/achievements/<slug>/<key>/v<int:number>")
def achievement(slug: str, key: str, number: int) -> ResponseReturnValue:
    if request.accept_mimetypes.best_match(["text/html", LD_JSON, "application/json"]) not in ("text/html", None):
        return achievement_json(slug, key, number)
    with looking() as session:
        entry = entry_of(queries.published_version(session, slug, key, number))
    answer = Response(render_template("public/achievement.html", entry=entry, versions=[], mine=None, may_start=False))
    answer.vary.add("Accept")
    return answer


@pages.get("/achievements/<slug>/<key>/v<int:number>/criteria")
def criteria(slug: str, key: str, number: int) -> str:
    with looking() as session:
        entry = entry_of(queries.published_version(session, slug, key, number))
    return render_template("public/criteria.html", entry=entry)


def entry_of(version: AchievementVersion) -> Entry:
    organisation = version.achievement.organisation
    return Entry(
        achievement=serialise.load(version.body),
        slug=organisation.slug,
        organisation_name=organisation.name,
        key=version.achievement.key,
        number=version.number,
        status=version.status,
        published_at=version.published_at,
        retired_at=version.retired_at,
    )


def _published() -> list[Entry]:
    with looking() as session:
        query = (
            select(AchievementVersion).where(AchievementVersion.status == "published").order_by(AchievementVersion.id)
        )
        return [entry_of(version) for version in session.scalars(query).unique()]
