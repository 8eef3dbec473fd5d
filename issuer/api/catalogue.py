"""Microcredentials and frameworks of the organisation: find, import, publish, retire."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from achievements.exports import definition_text
from achievements.publication import publication_problems
from issuer.api.authentication import Caller
from issuer.api.resource import PageQuery, Resource, needs, page, page_of, runtime, shaped, watching, working
from issuer.errors import NotFound, TooLarge
from issuer.queries import catalogue as questions
from issuer.services import definitions, frameworks
from issuer.storage import readable
from schemas.achievement import STATUSES, AchievementShape, VersionShape
from schemas.fields import Choice, Count, Inner, Listing, Text, WebAddress
from schemas.framework import (
    AdoptionShape,
    CompetencyShape,
    FrameworkRubricShape,
    FrameworkSummary,
    ImportOptions,
    ImportProblemShape,
    ImportReportShape,
)

resource = Resource("catalogue", "Microcredentials and the frameworks they are aligned to.")

READ, WRITE = "achievements:read", "achievements:write"
_MAX = 2**31 - 1


class AchievementQuery(PageQuery):
    """Without `status` what is published."""

    q = Text(maximum=200, load_default="", metadata={"description": "Words, all of which must be found."})
    competency = WebAddress(any_scheme=True, load_default="", metadata={"description": "URI of a competency."})
    status = Choice(STATUSES, load_default="published")


class OfferShape(VersionShape):
    """A version with its whole definition. `missing`: what keeps a draft from being published."""

    definition = Inner(AchievementShape, attribute="definition")
    missing = Listing(ImportProblemShape, maximum=1000)


class FrameworkLine(FrameworkSummary):
    id = Count()


AchievementPage = page_of(VersionShape, "AchievementPage")
FrameworkPage = page_of(FrameworkLine, "FrameworkPage")
RubricPage = page_of(FrameworkRubricShape, "FrameworkRubricPage")
CompetencyPage = page_of(CompetencyShape, "CompetencyPage")


@resource.route("/achievements", methods=["GET"])
@resource.arguments(AchievementQuery, location="query")
@resource.response(200, AchievementPage)
@needs(READ)
def list_achievements(query: dict[str, Any]) -> Response:
    """Search the organisation's microcredentials"""
    with watching() as (session, caller):
        if query["status"] == "published":
            found = questions.search(
                session, text=query["q"], competency=query["competency"], organisation_id=caller.organisation_id
            )
        else:
            words = query["q"].casefold()
            found = tuple(
                offer
                for offer in questions.of_organisation(session, caller.organisation_id)
                if offer.version.status == query["status"] and words in offer.version.name.casefold()
            )
        return page(AchievementPage, query, [offer.version for offer in found])


@resource.route("/achievements/<key>/versions/<int(min=1, max=2147483647):number>", methods=["GET"])
@resource.response(200, OfferShape)
@needs(READ)
def get_achievement(key: str, number: int) -> Response:
    """One version with its definition, drafts too"""
    with watching() as (session, caller):
        return _offer(_find(session, caller, key, number))


@resource.route("/achievements/<key>/versions/<int(min=1, max=2147483647):number>/file", methods=["GET"])
@resource.response(200, description="A definition file (docs/definition-format.md).", content_type="application/json")
@needs(READ)
def get_definition_file(key: str, number: int) -> Response:
    """One version as a file of our own format, to be edited and imported again"""
    with watching() as (session, caller):
        text = definition_text([_find(session, caller, key, number).achievement])
    answer = Response(text, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@resource.route("/achievements/<key>/versions/<int(min=1, max=2147483647):number>/publish", methods=["POST"])
@resource.response(200, OfferShape)
@needs(WRITE)
def publish(key: str, number: int) -> Response:
    """Open a draft for submissions; an earlier version is retired"""
    with working() as (session, caller):
        found = _find(session, caller, key, number)
        definitions.publish(session, version_id=found.version.id, actor=caller.actor, now=runtime().clock())
        return _offer(found)


@resource.route("/achievements/<key>/versions/<int(min=1, max=2147483647):number>/retire", methods=["POST"])
@resource.response(200, OfferShape)
@needs(WRITE)
def retire(key: str, number: int) -> Response:
    """Close it for new submissions; what was awarded stays valid"""
    with working() as (session, caller):
        found = _find(session, caller, key, number)
        definitions.retire(session, version_id=found.version.id, actor=caller.actor, now=runtime().clock())
        return _offer(found)


@resource.route("/achievements/import", methods=["POST"])
@resource.arguments(ImportOptions, location="query")
@resource.response(200, ImportReportShape)
@resource.doc(requestBody={"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}})
@needs(WRITE)
def import_definitions(query: dict[str, Any]) -> Response:
    """Import definitions in any format that is read, as drafts"""
    return _import(definitions, query["dry_run"])


@resource.route("/achievements/adopt", methods=["POST"])
@resource.arguments(ImportOptions, location="query")
@resource.arguments(AdoptionShape)
@resource.response(200, ImportReportShape)
@needs(WRITE)
def adopt_rubric(query: dict[str, Any], body: dict[str, Any]) -> Response:
    """Assess a microcredential with the rubric of a framework"""
    wanted = definitions.Adoption(**body)
    if query["dry_run"]:
        with watching() as (session, caller):
            plan = definitions.plan_adoption(
                session, organisation_id=caller.organisation_id, wanted=wanted, actor=caller.actor
            )
            return shaped(ImportReportShape, plan)
    with working() as (session, caller):
        done = definitions.adopt(
            session, organisation_id=caller.organisation_id, wanted=wanted, actor=caller.actor, now=runtime().clock()
        )
        return shaped(ImportReportShape, done)


@resource.route("/frameworks/rubrics", methods=["GET"])
@resource.arguments(PageQuery, location="query")
@resource.response(200, RubricPage)
@needs(READ)
def list_rubrics(query: dict[str, Any]) -> Response:
    """The rubrics of the organisation's frameworks"""
    with watching() as (session, caller):
        return page(RubricPage, query, questions.rubrics(session, caller.organisation_id))


@resource.route("/frameworks/import", methods=["POST"])
@resource.arguments(ImportOptions, location="query")
@resource.response(200, ImportReportShape)
@resource.doc(requestBody={"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}})
@needs(WRITE)
def import_frameworks(query: dict[str, Any]) -> Response:
    """Import frameworks; a second import of the same changes nothing"""
    return _import(frameworks, query["dry_run"])


@resource.route("/frameworks", methods=["GET"])
@resource.arguments(PageQuery, location="query")
@resource.response(200, FrameworkPage)
@needs(READ)
def list_frameworks(query: dict[str, Any]) -> Response:
    """The organisation's frameworks, by title"""
    with watching() as (session, caller):
        return page(FrameworkPage, query, questions.frameworks(session, caller.organisation_id))


@resource.route("/frameworks/<int(min=1, max=2147483647):framework_id>/competencies", methods=["GET"])
@resource.arguments(PageQuery, location="query")
@resource.response(200, CompetencyPage)
@needs(READ)
def list_competencies(query: dict[str, Any], framework_id: int) -> Response:
    """The competencies of a framework, in its order"""
    with watching() as (session, caller):
        row = questions.framework(session, caller.organisation_id, framework_id).row
        return page(CompetencyPage, query, row.competencies)


def _find(session: Session, caller: Caller, key: str, number: int) -> questions.Offer:
    for offer in questions.of_organisation(session, caller.organisation_id):
        if (offer.key, offer.version.number) == (key, number):
            return offer
    raise NotFound("There is no such microcredential.")


def _offer(offer: questions.Offer) -> Response:
    version = offer.version
    return shaped(
        OfferShape,
        {
            **{name: getattr(version, name) for name in ("number", "status", "name", "published_at", "retired_at")},
            "achievement": version.achievement,
            "definition": offer.achievement,
            "missing": publication_problems(offer.achievement) if version.status == "draft" else (),
        },
    )


def _import(service: Any, dry_run: bool) -> Response:
    limit = runtime().config.max_import_bytes
    request.max_content_length = limit
    data = request.stream.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(f"An import file may have at most {readable(limit)}.")
    if dry_run:
        with watching() as (session, caller):
            plan = service.plan(session, organisation_id=caller.organisation_id, data=data, actor=caller.actor)
            return shaped(ImportReportShape, plan)
    with working() as (session, caller):
        done = service.apply(
            session, organisation_id=caller.organisation_id, data=data, actor=caller.actor, now=runtime().clock()
        )
        return shaped(ImportReportShape, done)
