"""Who asks: an API key of an organisation, and for personal work the member for whom it acts. Nothing else counts.

A session's cookie is never looked at, so that no page of anybody else can make a browser use the API. A key that acts
for a member is a teacher or coach of the key's own organisation if that member is, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.datastructures import Headers

from issuer.db import unit_of_work
from issuer.errors import Forbidden, ServiceError
from issuer.models import Organisation
from issuer.runtime import Runtime
from issuer.services import accounts, api_keys, consents
from issuer.services.access import Actor

MEMBER_HEADER = "Badgewright-Member"


class NotAuthenticated(ServiceError):
    """No key, or one that `api_keys.authenticate` does not take: never told apart."""

    status = 401
    code = "api_key_needed"


@dataclass(frozen=True, slots=True)
class Caller:
    """The key's organisation and what it may do; `actor` is what services are given, `member_id` for whom it acts."""

    actor: Actor
    organisation_id: int
    organisation: str
    scopes: frozenset[str]
    key_id: int

    @property
    def member_id(self) -> int:
        """Only where the view asked for a member."""
        if self.actor.user_id is None:
            raise RuntimeError("this view does not ask for a member")
        return self.actor.user_id


def bearer(headers: Mapping[str, str] | Headers) -> str:
    """The token of the header Authorization; empty if there is none of that kind."""
    scheme, _, token = (headers.get("Authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def authenticate(runtime: Runtime, headers: Headers, address: str | None, scope: str, *, member: bool) -> Caller:
    """The caller, who has `scope` ("" for any key); with `member` also for whom. `address`: from where they ask.

    Raises:
        NotAuthenticated: no valid key.
        Forbidden: `scope_missing`; `member_needed`; `member_unknown` also for people of other organisations;
            `consent_needed`: a member who has not agreed to this key.
    """
    token = bearer(headers)
    if not token:
        raise NotAuthenticated("Send an API key of your organisation: Authorization: Bearer bw_...")
    now = runtime.clock()
    with unit_of_work(runtime.sessions) as session:
        key = api_keys.authenticate(session, token, now, address=address)
        if key is None:
            raise NotAuthenticated(
                "This API key is not valid: it is unknown, revoked, expired, or bound to other addresses."
            )
        scopes = frozenset(str(each) for each in key.scopes)
        if scope and scope not in scopes:
            raise Forbidden(
                f"This key may not do that: it lacks the scope {scope}.", code="scope_missing", details={"scope": scope}
            )
        organisation_id = key.organisation_id
        slug = session.scalar(select(Organisation.slug).where(Organisation.id == organisation_id)) or ""
        if not member:
            return Caller(api_keys.actor_of(key), organisation_id, slug, scopes, key.id)
        email = headers.get(MEMBER_HEADER, "").strip()
        if not email:
            raise Forbidden(f"Say for whom the key acts: {MEMBER_HEADER}: e-mail address.", code="member_needed")
        user = accounts.find_user(session, email)
        if user is None or not user.active or all(m.organisation_id != organisation_id for m in user.memberships):
            raise Forbidden("This organisation has no such member.", code="member_unknown")
        consents.require(session, key, user.id, now)
        # Bound to the key's organisation: whatever this person may do elsewhere, the key may not.
        return Caller(api_keys.actor_of(key, member_id=user.id), organisation_id, slug, scopes, key.id)
