"""Organisations, people, their roles, and keys for programs."""

from __future__ import annotations

from schemas.fields import Choice, Count, Email, Inner, Listing, Moment, Shape, Slug, Text, WebAddress

ROLES = ("teacher", "coach", "admin", "agency")


class OrganisationShape(Shape):
    slug = Slug(required=True)
    name = Text(required=True, maximum=200)
    description = Text(maximum=2000, lines=True, load_default="")
    url = WebAddress(load_default="")
    email = Email(load_default="")


class MembershipShape(Shape):
    organisation = Slug(attribute="organisation.slug", dump_only=True)
    role = Choice(ROLES, dump_only=True)


class AccountShape(Shape):
    """The person who asks."""

    name = Text(maximum=200, dump_only=True)
    email = Email(dump_only=True)
    did = Text(maximum=500, dump_only=True)
    memberships = Listing(MembershipShape, maximum=1000, dump_only=True)


class ProfileChange(Shape):
    name = Text(required=True, maximum=200)
    did = Text(maximum=500, load_default="")


class Invitation(Shape):
    email = Email(required=True)
    name = Text(maximum=200, load_default="")
    role = Choice(ROLES, required=True)


class RecordChange(Shape):
    """What the organisation has on record. Without `educator_id` it stays; an empty one takes it away."""

    name = Text(required=True, maximum=200)
    educator_id = Text(maximum=100)


class RecordShape(Shape):
    name = Text(maximum=200, dump_only=True)
    educator_id = Text(maximum=100, dump_only=True)
    changed_at = Moment(dump_only=True)


class PersonShape(Shape):
    id = Count(dump_only=True)
    name = Text(maximum=200, dump_only=True)
    email = Email(dump_only=True)


class MemberShape(Shape):
    """One role of one member, as an admin sees it."""

    user = Inner(PersonShape, dump_only=True)
    role = Choice(ROLES, dump_only=True)
    created_at = Moment(dump_only=True)


class ApiKeyShape(Shape):
    """The secret is never among it; `prefix` tells keys apart."""

    prefix = Text(maximum=16, dump_only=True)
    name = Text(maximum=100, dump_only=True)
    scopes = Listing(Text(maximum=60), maximum=20, dump_only=True)
    networks = Listing(Text(maximum=50), maximum=20, dump_only=True)
    created_at = Moment(dump_only=True)
    expires_at = Moment(dump_only=True)
    rotated_at = Moment(dump_only=True)
    previous_ends_at = Moment(dump_only=True)
    last_used_at = Moment(dump_only=True)


class ConsentRequest(Shape):
    email = Email(required=True)


class ConsentShape(Shape):
    """A member's answer to a key that asks to act for them. `endsAt` null: for as long as the key works."""

    email = Email(dump_only=True)
    state = Choice(("asked", "given", "declined", "taken_back", "ended"), dump_only=True)
    asked_at = Moment(dump_only=True)
    given_at = Moment(dump_only=True)
    ends_at = Moment(dump_only=True)
    revoked_at = Moment(dump_only=True)
    last_used_at = Moment(dump_only=True)
