"""Keys for programs that act for an organisation. The key is shown once; only its SHA-256 is kept.

The secret is 256 random bits, so a plain hash is enough: there is nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.errors import NotFound
from issuer.models import ApiKey
from issuer.services.access import Actor, note, require_role
from issuer.services.words import invalid, line

_FORM = re.compile(r"bw_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
#: What a key may be allowed, and what that means to the admin who makes it.
SCOPES = {
    "achievements:read": "See what the organisation offers, drafts too, and its frameworks.",
    "achievements:write": "Import frameworks and definitions, publish, retire.",
    "members:read": "List members and their roles.",
    "members:write": "Give and take roles, except admin.",
    "records:write": "Change the names and educator ids on record, which badges state.",
    "records:ask": "For an agency: ask whether a shared badge is somebody’s.",
    "submissions:read": "Read the work of the member for whom it acts.",
    "submissions:write": "Start, change and hand in work for the member for whom it acts.",
    "reviews:write": "Read the queue, review and decide for the coach for whom it acts.",
    "credentials:read": "List and download what the organisation issued.",
    "credentials:write": "Share and hide the credentials of the member for whom it acts.",
    "credentials:issue": "Sign any credential in the organisation’s name, through /vc-api.",
    "credentials:revoke": "Revoke the organisation's credentials.",
    "verifications:write": "Have many credentials verified at once and read the answers.",
    "audit:read": "Read the audit trail of the organisation.",
}
#: `last_used_at` is for people: it is not worth a write on every request.
_USE_IS_NOTED_EVERY = timedelta(minutes=5)


def create(
    session: Session, *, organisation_id: int, name: str, scopes: Sequence[str], actor: Actor, now: datetime
) -> tuple[ApiKey, str]:
    """A new key and its text, which is never shown again: `bw_<prefix>_<secret>`.

    Raises:
        Forbidden: the actor is no admin there. Invalid: `name_missing`, `scope_invalid`.
    """
    require_role(session, actor, organisation_id, "admin")
    name = line(name, "name", max_chars=100)
    if not name:
        raise invalid("name_missing", "Please say what the key is for.", "name")
    wanted = sorted(set(scopes))
    if not wanted or not SCOPES.keys() >= set(wanted):
        raise invalid("scope_invalid", f"A key needs at least one of these scopes: {', '.join(SCOPES)}.", "scopes")
    prefix = secrets.token_hex(6)
    text = f"bw_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        organisation_id=organisation_id,
        name=name,
        prefix=prefix,
        secret_sha256=_digest(text),
        scopes=wanted,
        created_by_id=actor.user_id,
        created_at=now,
    )
    session.add(key)
    session.flush()
    note(session, actor, organisation_id, "api_key.create", f"api_key:{prefix}", now, {"scopes": wanted})
    return key, text


def authenticate(session: Session, text: str, now: datetime) -> ApiKey | None:
    """The key with this text, or None: unknown and revoked are not told apart."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    key = session.execute(select(ApiKey).where(ApiKey.prefix == match[1])).scalar_one_or_none()
    expected = key.secret_sha256 if key is not None else ""
    if not hmac.compare_digest(expected, _digest(text)) or key is None or key.revoked_at is not None:
        return None
    if key.last_used_at is None or now - key.last_used_at >= _USE_IS_NOTED_EVERY:
        key.last_used_at = now
        session.flush()
    return key


def actor_of(key: ApiKey, *, member_id: int | None = None) -> Actor:
    """Who acts when this key is shown: the key itself, or a member through it."""
    return Actor(
        "api_key" if member_id is None else "user",
        user_id=member_id,
        organisation_id=key.organisation_id,
        label=f"API key {key.name}",
        via=key.prefix,
        key_name=key.name,
        scopes=frozenset(str(each) for each in key.scopes),
    )


def revoke(session: Session, *, organisation_id: int, prefix: str, actor: Actor, now: datetime) -> ApiKey:
    """Make a key useless for good. Revoking it again changes nothing.

    Raises:
        Forbidden: the actor is no admin there. NotFound: the organisation has no such key.
    """
    require_role(session, actor, organisation_id, "admin")
    key = session.execute(
        select(ApiKey).where(ApiKey.organisation_id == organisation_id, ApiKey.prefix == prefix)
    ).scalar_one_or_none()
    if key is None:
        raise NotFound("There is no such key.")
    if key.revoked_at is None:
        key.revoked_at = now
        session.flush()
        note(session, actor, organisation_id, "api_key.revoke", f"api_key:{prefix}", now)
    return key


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()
