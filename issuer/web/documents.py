"""What machines read: DID documents, status lists, achievements, their pictures, robots.txt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for

from issuer.queries import credentials as queries
from issuer.services import publishing, sharing
from issuer.web.current import looking, runtime

pages = Blueprint("documents", __name__)

LD_JSON = "application/ld+json"
VC_LD_JSON = "application/vc+ld+json"
DID_JSON = "application/did+ld+json"
#: How long others may keep a status list. Short: a revocation has to be seen the same day, and soon.
STATUS_SECONDS = 300
PICTURE_SECONDS = 86_400


def as_json(document: Mapping[str, Any], media_type: str, seconds: int) -> Response:
    return published(json.dumps(document, ensure_ascii=False).encode(), media_type, seconds)


def published(body: bytes, media_type: str, seconds: int) -> Response:
    """Bytes that anybody may read from anywhere, with an ETag."""
    answer = Response(body, mimetype=media_type)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.cache_control.public = True
    answer.cache_control.max_age = seconds
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@pages.get("/.well-known/did.json")
def site_did() -> Response:
    return as_json(publishing.site_did_document(runtime().addresses), DID_JSON, STATUS_SECONDS)


@pages.get("/orgs/<slug>/did.json")
def organisation_did(slug: str) -> Response:
    with looking() as session:
        organisation = queries.organisation_by_slug(session, slug)
        document = publishing.organisation_did_document(session, runtime().addresses, organisation)
    return as_json(document, DID_JSON, STATUS_SECONDS)


@pages.get("/status/<number>")
def status_list(number: str) -> Response:
    with looking() as session:
        document = queries.status_list(session, number)
    return published(document, VC_LD_JSON, STATUS_SECONDS)


@pages.get("/achievements/<slug>/<key>/v<int:number>.json")
def achievement_json(slug: str, key: str, number: int) -> Response:
    with looking() as session:
        version = queries.published_version(session, slug, key, number)
        document = publishing.public_achievement(version, runtime().addresses)
    return as_json(document, LD_JSON, STATUS_SECONDS)


@pages.get("/achievements/<slug>/<key>/v<int:number>/image.svg")
def achievement_svg(slug: str, key: str, number: int) -> Response:
    with looking() as session:
        picture = sharing.picture_svg(queries.published_version(session, slug, key, number))
    return published(picture, "image/svg+xml", PICTURE_SECONDS)


@pages.get("/achievements/<slug>/<key>/v<int:number>/image.png")
def achievement_png(slug: str, key: str, number: int) -> Response:
    with looking() as session:
        picture = sharing.picture_png(queries.published_version(session, slug, key, number))
    return published(picture, "image/png", PICTURE_SECONDS)


@pages.get("/robots.txt")
def robots() -> Response:
    closed = (
        "/sign-in",
        "/account",
        "/teacher",
        "/reviews",
        "/admin",
        "/agency",
        "/submissions",
        "/verifications",
        "/api/",
        "/verify?",
    )
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@pages.get("/favicon.ico")
def favicon() -> Response:
    return Response(status=302, headers={"Location": url_for("static", filename="favicon.svg")})
