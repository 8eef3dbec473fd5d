"""Members of the organisation, and its audit trail."""

from __future__ import annotations

from typing import Any

from flask import Response

from issuer.api.resource import PageQuery, Resource, needs, page, page_of, runtime, shaped, watching, working
from issuer.errors import NotFound
from issuer.queries import members as people
from issuer.queries import trail
from issuer.services import accounts, member_records
from schemas.account import ROLES, Invitation, RecordChange, RecordShape
from schemas.fields import Anything, Choice, Count, Email, Listing, Moment, Shape, Text

resource = Resource("members", "Members of the organisation, and its audit trail.")


class MemberLine(Shape):
    """A person and all their roles in the organisation."""

    email = Email(attribute="user.email")
    name = Text(maximum=200, attribute="user.name")
    roles = Listing(Choice(ROLES), maximum=10)


class EventShape(Shape):
    """`who`: a person's name, or what acted where there is no person. `hash` covers the event and the one before."""

    id = Count(attribute="event.id")
    at = Moment(attribute="event.at")
    who = Text(maximum=200)
    actor_kind = Text(maximum=20, attribute="event.actor_kind")
    action = Text(maximum=80, attribute="event.action")
    subject = Text(maximum=200, attribute="event.subject")
    details = Anything(attribute="event.details")
    hash = Text(maximum=64, attribute="event.hash")


class EventQuery(Shape):
    """`before`: the `id` of the last event that was read."""

    subject = Text(maximum=200, load_default="")
    action = Text(maximum=80, load_default="")
    before = Count(minimum=1, maximum=2**31 - 1)
    page_size = Count(minimum=1, maximum=100, load_default=50)


class EventList(Shape):
    items = Listing(EventShape, maximum=100, required=True)


MemberPage = page_of(MemberLine, "MemberPage")


@resource.route("/members", methods=["GET"])
@resource.arguments(PageQuery, location="query")
@resource.response(200, MemberPage)
@needs("members:read")
def list_members(query: dict[str, Any]) -> Response:
    """Members by name"""
    with watching() as (session, caller):
        return page(MemberPage, query, people.of_organisation(session, caller.organisation_id))


@resource.route("/members", methods=["POST"])
@resource.arguments(Invitation)
@resource.response(201, MemberLine)
@needs("members:write")
def add_member(body: dict[str, Any]) -> Response:
    """Give somebody a role; who has no account gets one and chooses a password by “forgot my password”"""
    with working() as (session, caller):
        user, _ = accounts.invite(
            session,
            organisation_id=caller.organisation_id,
            email=body["email"],
            name=body["name"] or body["email"].partition("@")[0],
            role=body["role"],
            recorded=bool(body["name"]),
            actor=caller.actor,
            now=runtime().clock(),
        )
        session.flush()
        found = people.of_organisation(session, caller.organisation_id)
        return shaped(MemberLine, next(each for each in found if each.user.id == user.id), 201)


@resource.route("/members/<email>/roles/<role>", methods=["DELETE"])
@resource.response(204)
@needs("members:write")
def remove_role(email: str, role: str) -> Response:
    """Take a role away; what the person did stays"""
    with working() as (session, caller):
        user = accounts.find_user(session, email)
        if user is None:
            raise NotFound("This person does not have that role here.")
        accounts.remove_member(
            session,
            user_id=user.id,
            organisation_id=caller.organisation_id,
            role=role,
            actor=caller.actor,
            now=runtime().clock(),
        )
    return Response(status=204)


@resource.route("/members/<email>/record", methods=["PUT"])
@resource.arguments(RecordChange)
@resource.response(200, RecordShape)
@needs(member_records.SCOPE)
def set_record(body: dict[str, Any], email: str) -> Response:
    """The name that badges signed from now on state, and the educator id; badges that are out keep what they say"""
    with working() as (session, caller):
        user = accounts.find_user(session, email)
        if user is None:
            raise NotFound("There is no such person here.")
        record = member_records.set_record(
            session,
            organisation_id=caller.organisation_id,
            user_id=user.id,
            name=body["name"],
            educator_id=body.get("educator_id"),
            actor=caller.actor,
            now=runtime().clock(),
        )
        return shaped(RecordShape, record)


@resource.route("/events", methods=["GET"])
@resource.arguments(EventQuery, location="query")
@resource.response(200, EventList)
@needs("audit:read")
def list_events(query: dict[str, Any]) -> Response:
    """The audit trail of the organisation, the newest first"""
    with watching() as (session, caller):
        found = trail.events(
            session,
            organisation_id=caller.organisation_id,
            subject=query["subject"],
            action=query["action"],
            before_id=query.get("before"),
            limit=query["page_size"],
        )
        return shaped(EventList, {"items": found})
