from __future__ import annotations

from datetime import UTC, datetime

import pytest

from achievements import definitions
from issuer.credentials.addresses import Addresses
from issuer.credentials.builder import AchievementPlace, Award, AwardedEvidence
from issuer.credentials.profiles import Issuer
from issuer.credentials.recipient import HashedEmail
from issuer.credentials.status_list import StatusPointer

ADDRESSES = Addresses("https://badges.example.org")


@pytest.fixture
def award() -> Award:
    """The first microcredential of our own, every criterion at its highest level, one private and one shared file."""
    achievement = definitions.load().achievements[0]
    levels = {c.id: max(c.levels, key=lambda level: level.order).id for c in achievement.rubric.criteria}
    return Award(
        id=ADDRESSES.credential("n1"),
        issuer=Issuer(ADDRESSES.organisation_did("maple"), "Maple County", "https://maple.example", "b@maple.example"),
        achievement=achievement,
        place=AchievementPlace(
            ADDRESSES.achievement("maple", achievement.key, 1),
            ADDRESSES.criteria("maple", achievement.key, 1),
            ADDRESSES.achievement_png("maple", achievement.key, 1),
            "1",
        ),
        recipient=HashedEmail("Teacher@Example.com ", "00ff"),
        levels=levels,
        evidence=(
            AwardedEvidence("Unit plan", "Three lessons", "Lesson plan", "ab" * 32, "application/pdf"),
            AwardedEvidence("Clip", genre="Video", sha256="cd" * 32, address=ADDRESSES.evidence("e2")),
        ),
        status=StatusPointer(ADDRESSES.status_entry("s1", 7), ADDRESSES.status_list("s1"), 7),
        issued_at=datetime(2026, 1, 31, 12, 0, tzinfo=UTC),
        started_at=datetime(2025, 11, 1, 8, 0, tzinfo=UTC),
        submitted_at=datetime(2026, 1, 20, 8, 0, tzinfo=UTC),
    )
