"""Members of the organisation, and its audit trail."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g

from issuer.api.once import afterwards
from issuer.api.resource import PageQuery, Resource, needs, page, page_of, runtime, shaped, watching, working
from issuer.models import MemberInvitation
from issuer.queries import members as people
from issuer.queries import trail
from issuer.services import accounts, invitations, member_records, notices
from schemas.account import ROLES, Invitation, RecordChange, RecordShape
from schemas.fields import Anything, Choice, Count, Email, Listing, Moment, Shape, Text

resource = Resource("members", "Members of the organisation, and its audit trail.")


class MemberLine(Shape):
    """A person and all their roles in the organisation. `invited`: roles that wait for the person to accept."""

    email = Email(attribute="user.email")
    name = Text(maximum=200, attribute="user.name")
    roles = Listing(Choice(ROLES), maximum=10)
    invited = Listing(Choice(ROLES), maximum=10)


class InvitationLine(Shape):
    """`name` is what was typed when the person was invited."""

    number = Text(maximum=32)
    email = Email()
    name = Text(maximum=200)
    role = Choice(ROLES)
    invited_at = Moment()
    sent_at = Moment()
    expires_at = Moment()


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
InvitationPage = page_of(InvitationLine, "InvitationPage")


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
    """Invite somebody to a role: they belong here once they accept. Whoever is a member already gets it at once"""
    with working() as (session, caller):
        done = invitations.invite(
            session,
            organisation_id=caller.organisation_id,
            email=body["email"],
            name=body["name"] or body["email"].partition("@")[0],
            role=body["role"],
            recorded=bool(body["name"]),
            actor=caller.actor,
            now=runtime().clock(),
        )
        if done.invitation is not None:
            _write(done.invitation)
            shown = {"user": {"email": done.invitation.email, "name": done.invitation.name}, "roles": []}
            return shaped(MemberLine, {**shown, "invited": [done.invitation.role]}, 201)
        found = people.of_organisation(session, caller.organisation_id)
        user_id = done.member.user_id if done.member is not None else 0
        return shaped(MemberLine, next(each for each in found if each.user.id == user_id), 201)


@resource.route("/invitations", methods=["GET"])
@resource.arguments(PageQuery, location="query")
@resource.response(200, InvitationPage)
@needs("members:read")
def list_invitations(query: dict[str, Any]) -> Response:
    """Invitations that wait for an answer, the newest first, with the names that were typed"""
    with watching() as (session, caller):
        return page(InvitationPage, query, people.invitations(session, caller.organisation_id))


@resource.route("/invitations/<number>/send", methods=["POST"])
@resource.response(200, InvitationLine)
@needs("members:write")
def send_invitation_again(number: str) -> Response:
    """Write to the person again; it is then open for another fourteen days"""
    with working() as (session, caller):
        found = invitations.send_again(
            session,
            organisation_id=caller.organisation_id,
            number=number,
            actor=caller.actor,
            now=runtime().clock(),
        )
        _write(found)
        return shaped(InvitationLine, found)


@resource.route("/invitations/<number>", methods=["DELETE"])
@resource.response(204)
@needs("members:write")
def withdraw_invitation(number: str) -> Response:
    """Take an invitation back"""
    with working() as (session, caller):
        invitations.withdraw(
            session,
            organisation_id=caller.organisation_id,
            number=number,
            actor=caller.actor,
            now=runtime().clock(),
        )
    return Response(status=204)


@resource.route("/members/<email>/roles/<role>", methods=["DELETE"])
@resource.response(204)
@needs("members:write")
def remove_role(email: str, role: str) -> Response:
    """Take a role away; what the person did stays"""
    with working() as (session, caller):
        accounts.remove_member(
            session,
            user_id=accounts.number_of(session, email),
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
        record = member_records.set_record(
            session,
            organisation_id=caller.organisation_id,
            user_id=accounts.number_of(session, email),
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


def _write(invitation: MemberInvitation) -> None:
    """Mail the person, once the invitation is committed."""
    # Made in any case: how long the answer takes must not say whether there was an account.
    link = current_app.extensions["badgewright_password_link"](invitation.user)
    shown = "" if invitation.user.password else link
    notice, mailer = notices.invited(invitation, runtime().addresses, shown), g.mailer
    afterwards(lambda: mailer.send(*notice))
