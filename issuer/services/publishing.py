"""What the installation publishes about itself for good: who signs, with which keys, and what was awarded."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from achievements import serialise
from issuer.credentials.addresses import Addresses
from issuer.credentials.builder import CONTEXT, AchievementPlace, achievement_document
from issuer.credentials.profiles import Issuer, did_document
from issuer.models import AchievementVersion, Organisation
from issuer.queries import credentials as queries


def issuer_of(organisation: Organisation, addresses: Addresses) -> Issuer:
    """The organisation as its credentials show it; without a site of its own, its page here stands for it."""
    return Issuer(
        addresses.organisation_did(organisation.slug),
        organisation.name,
        organisation.url or addresses.organisation(organisation.slug),
        organisation.email,
        organisation.description,
    )


def place_of(version: AchievementVersion, addresses: Addresses) -> AchievementPlace:
    """Where a version of a microcredential is published."""
    slug, key = version.achievement.organisation.slug, version.achievement.key
    return AchievementPlace(
        addresses.achievement(slug, key, version.number),
        addresses.criteria(slug, key, version.number),
        addresses.achievement_png(slug, key, version.number),
        str(version.number),
    )


def organisation_did_document(session: Session, addresses: Addresses, organisation: Organisation) -> dict[str, Any]:
    """The organisation's controller document, with every key it ever had; those that are no longer trusted say so."""
    did = addresses.organisation_did(organisation.slug)
    return did_document(
        did,
        queries.published_keys(session, organisation.id),
        also_known_as=[addresses.organisation(organisation.slug)],
        revoked=queries.revoked_keys(session, organisation.id),
    )


def site_did_document(addresses: Addresses) -> dict[str, Any]:
    """The installation's own controller document. It has no key: only organisations sign."""
    return did_document(addresses.site_did, (), also_known_as=[addresses.base_url])


def public_achievement(version: AchievementVersion, addresses: Addresses) -> dict[str, Any]:
    """A version of a microcredential as an Open Badges 3.0 Achievement document of its own."""
    issuer = issuer_of(version.achievement.organisation, addresses)
    body = achievement_document(serialise.load(version.body), place_of(version, addresses), issuer)
    return {"@context": list(CONTEXT), **body}
