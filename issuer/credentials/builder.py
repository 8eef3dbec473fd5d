"""An award as an unsigned Open Badges 3.0 AchievementCredential (VCDM 2.0). Values in, document out."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from achievements import documents
from achievements.model import Achievement
from issuer.credentials import recipient as recipients
from issuer.credentials.moments import add_months, timestamp
from issuer.credentials.profiles import Issuer, profile
from issuer.credentials.recipient import Person, Recipient
from issuer.credentials.status_list import StatusPointer, entry

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)


@dataclass(frozen=True, slots=True)
class AchievementPlace:
    """Where the awarded version of the achievement is published; `id` is the id of the Achievement."""

    id: str
    criteria: str
    image: str
    version: str


@dataclass(frozen=True, slots=True)
class AwardedEvidence:
    """One piece of evidence as the credential tells of it.

    `sha256` (hex) is the digest of the stored bytes, so that whoever is given the file can prove that it is the one
    that was reviewed. `address` is set only if the teacher shares the piece; without it nothing leads to the file.
    """

    name: str
    description: str = ""
    genre: str = ""
    sha256: str = ""
    media_type: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Award:
    """Everything a credential says. `levels` maps the URI of each criterion to the URI of the level reached.

    `issued_at` is when it is signed; `awarded_at` when it was earned, if that was before.
    """

    id: str
    issuer: Issuer
    achievement: Achievement
    place: AchievementPlace
    recipient: Recipient
    levels: Mapping[str, str]
    evidence: tuple[AwardedEvidence, ...]
    status: StatusPointer
    issued_at: datetime
    awarded_at: datetime | None = None
    person: Person | None = None
    started_at: datetime | None = None
    submitted_at: datetime | None = None

    @property
    def earned_at(self) -> datetime:
        return self.awarded_at or self.issued_at

    @property
    def valid_until(self) -> datetime | None:
        """When the credential expires, `None` if it does not."""
        months = self.achievement.expires_after_months
        return add_months(self.earned_at, months) if months else None


def build(award: Award) -> dict[str, Any]:
    """The unsigned credential.

    Raises:
        ValueError: a level does not belong to its criterion, or a criterion has no level: such an award is a bug of
            the caller, because a decision to approve covers every criterion.
    """
    document: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": award.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": award.achievement.name,
        "description": award.achievement.description,
        "issuer": profile(award.issuer),
        "validFrom": timestamp(award.issued_at),
        "awardedDate": timestamp(award.earned_at),
        "credentialSubject": _subject(award),
    }
    if award.valid_until:
        document["validUntil"] = timestamp(award.valid_until)
    if award.evidence:
        document["evidence"] = [_evidence(piece) for piece in award.evidence]
    document["credentialStatus"] = entry(award.status)
    return document


def achievement_document(achievement: Achievement, place: AchievementPlace, creator: Issuer) -> dict[str, Any]:
    """The Achievement inside the credential; the public achievement page serves the same one with a `@context`.

    An author's own version label wins over the number of the published version.
    """
    document = documents.to_document(
        replace(achievement, version=achievement.version or place.version),
        id=place.id,
        criteria_id=place.criteria,
        image_id=place.image,
        creator=profile(creator),
    )
    if "creditsAvailable" in document:
        document["creditsAvailable"] = plain_number(document["creditsAvailable"])
    return document


def _subject(award: Award) -> dict[str, Any]:
    subject: dict[str, Any] = dict(recipients.members(award.recipient, award.person))
    subject["type"] = ["AchievementSubject"]
    if award.started_at:
        subject["activityStartDate"] = timestamp(award.started_at)
    if award.submitted_at:
        subject["activityEndDate"] = timestamp(award.submitted_at)
    if award.achievement.hours:
        subject["creditsEarned"] = plain_number(award.achievement.hours)
    subject["achievement"] = achievement_document(award.achievement, award.place, award.issuer)
    results = [_result(award, criterion.id) for criterion in award.achievement.rubric.criteria]
    if results:
        subject["result"] = results
    return subject


def _result(award: Award, criterion_id: str) -> dict[str, Any]:
    criterion = award.achievement.rubric.criterion(criterion_id)
    level = criterion.level(award.levels.get(criterion_id, "")) if criterion else None
    if level is None:
        raise ValueError(f"no level was reached in criterion {criterion_id}")
    return {"type": ["Result"], "resultDescription": criterion_id, "achievedLevel": level.id}


def _evidence(piece: AwardedEvidence) -> dict[str, Any]:
    """Evidence. `digestSRI` and `mediaType` are terms of the credentials/v2 context (VCDM 2.0, section 5.3).

    The digest is Subresource Integrity's `sha256-` and base64, because that form names its own algorithm.
    """
    document: dict[str, Any] = {"type": ["Evidence"]}
    if piece.address:
        document["id"] = piece.address
    for name in ("name", "description", "genre"):
        if value := getattr(piece, name):
            document[name] = value
    if piece.sha256:
        document["digestSRI"] = "sha256-" + base64.b64encode(bytes.fromhex(piece.sha256)).decode("ascii")
    if piece.media_type:
        document["mediaType"] = piece.media_type
    return document


def plain_number(value: float) -> float:
    """A whole number as an integer: JSON has one kind of number, and JSON-LD canonicalizes 5 and 5.0 alike only so."""
    return int(value) if value == int(value) else value
