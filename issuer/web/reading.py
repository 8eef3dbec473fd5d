"""Rows as the pages show them: frozen values, made while the session is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from issuer.models import AchievementVersion, Credential, Finding, Review

#: Why a badge took the place of another, for a person to read.
REPLACED_BECAUSE = {
    "key_compromised": "the key that signed it before is no longer trusted. The award itself stands.",
    "record_changed": "the district corrected its record of the name. The award itself stands.",
}


@dataclass(frozen=True, slots=True)
class Badge:
    """One of a teacher's badges."""

    number: str
    name: str
    slug: str
    key: str
    version: int
    organisation_name: str
    #: When it was earned; `signed_again_at` is when this one took the place of another, `why` the reason.
    issued_at: datetime
    shared_at: datetime | None
    revoked: bool
    signed_again_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One decided review. `findings` by criterion id or prompt key."""

    attempt: int
    outcome: str
    feedback: str
    reviewer_name: str
    decided_at: datetime | None
    findings: Mapping[str, Finding]


@dataclass(frozen=True, slots=True)
class Retired:
    """The version that somebody works on is no longer offered. `number` and `name` are of the one that is; "" and 0
    where none is."""

    retired_at: datetime | None
    slug: str
    key: str
    number: int = 0
    name: str = ""


def retired_of(version: AchievementVersion) -> Retired | None:
    """None while the version is offered. The session must still be open: it asks for the newer versions."""
    if version.status != "retired":
        return None
    row = version.achievement
    place = (version.retired_at, row.organisation.slug, row.key)
    offered = [each for each in row.versions if each.status == "published"]
    newest = max(offered, key=lambda each: each.number, default=None)
    return Retired(*place, newest.number, newest.name) if newest is not None else Retired(*place)


def badge_of(credential: Credential) -> Badge:
    version = credential.submission.version
    row = version.achievement
    return Badge(
        number=credential.number,
        name=version.name,
        slug=row.organisation.slug,
        key=row.key,
        version=version.number,
        organisation_name=row.organisation.name,
        issued_at=credential.awarded_at,
        shared_at=credential.shared_at,
        revoked=bool(credential.status_entry.value),
        signed_again_at=credential.issued_at if credential.replaces else None,
        why=REPLACED_BECAUSE[credential.replaces.replacement_reason] if credential.replaces else "",
    )


def feedback_of(review: Review) -> Feedback:
    return Feedback(
        attempt=review.attempt,
        outcome=review.outcome,
        feedback=review.feedback,
        reviewer_name=review.reviewer.name or "Your coach",
        decided_at=review.decided_at,
        findings={row.subject: row for row in review.findings},
    )
