"""Keys for programs that act for an organisation. The key is shown once; only its SHA-256 is kept.

A key ends: on its date, when it is revoked, when its maker is removed as admin, while its maker is switched off. Nobody
but a person who signed in, or a command on the server, makes, rotates or revokes one.

The secret is 256 random bits, so a plain hash is enough: there is nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.errors import Conflict, NotFound
from issuer.models import ApiKey, User
from issuer.queries.members import keys_of_maker
from issuer.services.access import Actor, lock_organisation, note, require_role
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
#: How long a key works unless its maker says otherwise, and for how long the secret before a rotation still does.
DEFAULT_DAYS, DEFAULT_OVERLAP_DAYS = 365, 7
MAX_OVERLAP_DAYS = 30
#: Addresses or networks of one key.
MAX_NETWORKS = 20


def create(
    session: Session,
    *,
    organisation_id: int,
    name: str,
    scopes: Sequence[str],
    actor: Actor,
    now: datetime,
    days: int | None = None,
    networks: Sequence[str] = (),
    max_days: int = DEFAULT_DAYS,
) -> tuple[ApiKey, str]:
    """A new key and its text, which is never shown again: `bw_<prefix>_<secret>`.

    Args:
        days: after how many days it ends; a year if left out, or `max_days` if that is less.
        networks: IP addresses and networks (CIDR) from which alone it may be used; none for anywhere.
        max_days: the installation's bound (`Config.api_key_max_days`).

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`: no key makes keys.
        Invalid: `name_missing`, `scope_invalid`, `key_days_invalid`, `network_invalid`.
    """
    # Locked as `accounts.remove_member` does: a key made while its maker is removed would outlive them otherwise.
    lock_organisation(session, organisation_id)
    require_role(session, actor, organisation_id, "admin")
    name = line(name, "name", max_chars=100)
    if not name:
        raise invalid("name_missing", "Please say what the key is for.", "name")
    wanted = sorted(set(scopes))
    if not wanted or not SCOPES.keys() >= set(wanted):
        raise invalid("scope_invalid", f"A key needs at least one of these scopes: {', '.join(SCOPES)}.", "scopes")
    prefix = secrets.token_hex(6)
    text = _text(prefix)
    key = ApiKey(
        organisation_id=organisation_id,
        name=name,
        prefix=prefix,
        secret_sha256=_digest(text),
        scopes=wanted,
        networks=_networks(networks),
        created_by_id=actor.user_id,
        created_at=now,
        expires_at=now + _lifetime(days, max_days),
        previous_sha256="",
    )
    session.add(key)
    session.flush()
    details = {"scopes": wanted, "networks": key.networks, "expires_at": key.expires_at.isoformat()}
    note(session, actor, organisation_id, "api_key.create", f"api_key:{prefix}", now, details)
    return key, text


def authenticate(session: Session, text: str, now: datetime, *, address: str | None = None) -> ApiKey | None:
    """The key with this text, or None: unknown, revoked, expired, of an account that was switched off, and used from
    an address that it is not bound to are not told apart.

    Args:
        address: of the client, as the proxies in front report it. None does for a key that is bound to none.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    key = session.execute(select(ApiKey).where(ApiKey.prefix == match[1])).scalar_one_or_none()
    digest = _digest(text)
    is_present = hmac.compare_digest(key.secret_sha256 if key is not None else "", digest)
    is_previous = hmac.compare_digest(key.previous_sha256 if key is not None else "", digest)
    if key is None or not (is_present or is_previous):
        return None
    if key.revoked_at is not None or key.expires_at <= now or not _comes_from(key, address):
        return None
    if not is_present and (key.previous_ends_at is None or key.previous_ends_at <= now):
        return None
    maker_id = key.created_by_id if is_present else key.previous_by_id
    if maker_id is not None and not session.scalar(select(User.active).where(User.id == maker_id)):
        return None
    if is_present and _is_worth_noting(key.last_used_at, now):
        key.last_used_at = now
    elif not is_present and _is_worth_noting(key.previous_used_at, now):
        key.previous_used_at = now
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


def rotate(
    session: Session,
    *,
    organisation_id: int,
    prefix: str,
    actor: Actor,
    now: datetime,
    overlap_days: int = DEFAULT_OVERLAP_DAYS,
    days: int | None = None,
    max_days: int = DEFAULT_DAYS,
) -> tuple[ApiKey, str]:
    """A new secret for the same key; the one before works for `overlap_days` more, then ends. Scopes, addresses and
    consents stay. A secret that was already on its way out ends now.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`. NotFound: the organisation has no such key.
        Conflict: `key_ended`: it is revoked or has expired. Invalid: `key_overlap_invalid`, `key_days_invalid`.
    """
    key = _own(session, organisation_id, prefix, actor)
    if key.revoked_at is not None or key.expires_at <= now:
        raise Conflict("This key has ended and cannot be rotated. Make a new one.", code="key_ended")
    if not 0 <= overlap_days <= MAX_OVERLAP_DAYS:
        raise invalid(
            "key_overlap_invalid", f"The old secret can work for 0 to {MAX_OVERLAP_DAYS} more days.", "overlap"
        )
    lifetime = _lifetime(days, max_days)
    text = _text(prefix)
    key.previous_sha256, key.previous_by_id, key.previous_used_at = (
        key.secret_sha256,
        key.created_by_id,
        key.last_used_at,
    )
    # Rotation must not make the old secret outlive its own date.
    key.previous_ends_at = min(now + timedelta(days=overlap_days), key.expires_at)
    key.secret_sha256, key.created_by_id, key.rotated_at = _digest(text), actor.user_id, now
    key.expires_at, key.last_used_at = now + lifetime, None
    session.flush()
    details = {"previous_ends_at": key.previous_ends_at.isoformat(), "expires_at": key.expires_at.isoformat()}
    note(session, actor, organisation_id, "api_key.rotate", f"api_key:{prefix}", now, details)
    return key, text


def revoke(session: Session, *, organisation_id: int, prefix: str, actor: Actor, now: datetime) -> ApiKey:
    """Make a key useless for good, with its secret before a rotation. Revoking it again changes nothing.

    Raises:
        Forbidden: the actor is no admin there; `not_by_key`. NotFound: the organisation has no such key.
    """
    key = _own(session, organisation_id, prefix, actor)
    if key.revoked_at is None:
        key.revoked_at = now
        session.flush()
        note(session, actor, organisation_id, "api_key.revoke", f"api_key:{prefix}", now, {"name": key.name})
    return key


def end_those_of(session: Session, *, organisation_id: int, user_id: int, now: datetime) -> list[ApiKey]:
    """Revoke the keys whose secret this person has seen (`queries.members.keys_of_maker`). Of a key that somebody else
    has rotated since, only the old secret ends.

    Whoever calls this has seen to it that the actor may, and writes the event.
    """
    ended = list(session.scalars(keys_of_maker(organisation_id, user_id, now)))
    for key in ended:
        if key.created_by_id == user_id:
            key.revoked_at = now
        else:
            key.previous_ends_at = now
    session.flush()
    return ended


def _own(session: Session, organisation_id: int, prefix: str, actor: Actor) -> ApiKey:
    """The key, its row locked: two rotations at once would both keep the secret that the other one ended."""
    lock_organisation(session, organisation_id)
    require_role(session, actor, organisation_id, "admin")
    key = session.execute(
        select(ApiKey)
        .where(ApiKey.organisation_id == organisation_id, ApiKey.prefix == prefix)
        .with_for_update(of=ApiKey, key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if key is None:
        raise NotFound("There is no such key.")
    return key


def _lifetime(days: int | None, max_days: int) -> timedelta:
    days = min(DEFAULT_DAYS, max_days) if days is None else days
    if not 1 <= days <= max_days:
        raise invalid("key_days_invalid", f"A key works for 1 to {max_days} days.", "days")
    return timedelta(days=days)


def _networks(given: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for each in given:
        text = each.strip()
        try:
            found[str(ipaddress.ip_network(text))] = None
        except ValueError:
            raise invalid(
                "network_invalid",
                f"“{text[:60]}” is neither an IP address nor a network such as 192.0.2.0/24 or 2001:db8::/32.",
                "networks",
            ) from None
    if len(found) > MAX_NETWORKS:
        raise invalid("network_invalid", f"A key is bound to at most {MAX_NETWORKS} addresses.", "networks")
    return list(found)


def _comes_from(key: ApiKey, address: str | None) -> bool:
    if not key.networks:
        return True
    try:
        client = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    # A server that listens on both families reports an IPv4 client as ::ffff:192.0.2.1.
    if isinstance(client, ipaddress.IPv6Address) and client.ipv4_mapped is not None:
        client = client.ipv4_mapped
    return any(client in ipaddress.ip_network(each) for each in key.networks)


def _is_worth_noting(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= _USE_IS_NOTED_EVERY


def _text(prefix: str) -> str:
    return f"bw_{prefix}_{secrets.token_urlsafe(32)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()
