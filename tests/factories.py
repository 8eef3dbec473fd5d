"""People and things for tests, made through the services wherever there is one. Nothing here commits."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from achievements.criteria import required_level
from achievements.model import (
    Achievement,
    Alignment,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Prompt,
    Rubric,
    RubricLevel,
)
from achievements.revision import content_hash
from achievements.serialise import dump
from issuer.models import AchievementRow, AchievementVersion, EvidenceItem, Organisation, Submission, User
from issuer.services import accounts, evidence, member_records, reviews, submissions
from issuer.services.access import Actor
from issuer.storage import Storage

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
COMMAND = Actor.command("tests")
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
PDF = b"%PDF-1.7\n%made for a test\n"


def organisation(session: Session, slug: str = "lakeside", name: str = "Lakeside Schools") -> Organisation:
    return accounts.create_organisation(session, slug=slug, name=name, actor=COMMAND, now=NOW)


def person(session: Session, organisation: Organisation, email: str, *roles: str, name: str = "") -> User:
    """A person with these roles there. The password is unusable; tests that sign in set one."""
    user = accounts.create_user(
        session, email=email, name=name or email.split("@")[0].title(), password_hash=None, actor=COMMAND, now=NOW
    )
    for role in roles:
        accounts.add_member(
            session, user_id=user.id, organisation_id=organisation.id, role=role, actor=COMMAND, now=NOW
        )
    member_records.begin_record(
        session, organisation_id=organisation.id, user_id=user.id, name=user.name, actor=COMMAND, now=NOW
    )
    return user


def actor(user: User) -> Actor:
    return Actor.of(user)


def achievement(key: str = "check-understanding", name: str = "Checking for understanding") -> Achievement:
    """Two criteria of three levels (the middle one passes), one file and one optional link or text, two prompts."""
    return Achievement(
        key=key,
        name=name,
        description="The educator checks what every student has understood and teaches accordingly.",
        criteria_narrative="Plan, try and look back on checks for understanding in one unit.",
        rubric=Rubric(criteria=(_criterion(key, "plan", "Plan"), _criterion(key, "use", "Use of what was seen"))),
        evidence=(
            EvidenceRequirement(
                key="lesson-plan",
                title="Lesson plan",
                kinds=(EvidenceKind.FILE, EvidenceKind.IMAGE),
                max_items=2,
                max_bytes=1_000_000,
            ),
            EvidenceRequirement(
                key="student-work",
                title="Student work",
                kinds=(EvidenceKind.LINK, EvidenceKind.TEXT),
                required=False,
                student_work=True,
            ),
        ),
        overview=(Prompt(key="context", text="Whom do you teach?", min_words=2),),
        reflection=(Prompt(key="reflection", text="What will you keep?", required=False),),
        alignment=(
            Alignment(
                target_name="Formative assessment",
                target_url="https://case.example/uri/1f0e7a52-0000-4000-8000-000000000001",
                target_code="4.2",
                target_framework="Educator standards",
            ),
        ),
        hours=10,
    )


def published(
    session: Session,
    organisation: Organisation,
    definition: Achievement | None = None,
    *,
    number: int = 1,
    status: str = "published",
) -> AchievementVersion:
    definition = definition or achievement()
    row = AchievementRow(organisation=organisation, key=definition.key, created_at=NOW)
    version = AchievementVersion(
        achievement=row,
        number=number,
        status=status,
        name=definition.name,
        body=dump(definition),
        content_hash=content_hash(definition),
        created_at=NOW,
        published_at=None if status == "draft" else NOW,
        retired_at=NOW if status == "retired" else None,
    )
    session.add_all([row, version])
    session.flush()
    return version


def draft(session: Session, teacher: User, version: AchievementVersion) -> Submission:
    return submissions.start(session, version_id=version.id, actor=actor(teacher), now=NOW)


def upload(
    session: Session,
    storage: Storage,
    submission: Submission,
    *,
    data: bytes = PDF,
    name: str = "plan.pdf",
    declared_type: str = "application/pdf",
    artifact_key: str = "lesson-plan",
    max_bytes: int = 10_000_000,
    now: datetime = NOW,
) -> EvidenceItem:
    return evidence.add_file(
        session,
        storage,
        number=submission.number,
        artifact_key=artifact_key,
        stream=io.BytesIO(data),
        name=name,
        declared_type=declared_type,
        max_bytes=max_bytes,
        actor=actor(submission.teacher),
        now=now,
    )


def handed_in(session: Session, storage: Storage, teacher: User, version: AchievementVersion) -> Submission:
    """A complete submission that waits in the queue."""
    submission = draft(session, teacher, version)
    submissions.save_draft(
        session,
        number=submission.number,
        answers={"context": "Grade four, twenty students."},
        revision=submission.revision,
        actor=actor(teacher),
        now=NOW,
    )
    upload(session, storage, submission)
    return submissions.submit(session, number=submission.number, actor=actor(teacher), now=NOW + timedelta(hours=1))


def scores(submission: Submission, *, met: bool = True) -> dict[str, reviews.Score]:
    """Every criterion at the lowest level that passes, or at the lowest of all."""
    made = {}
    for criterion in submissions.achievement_of(submission).rubric.criteria:
        level = required_level(criterion) if met else criterion.levels[0]
        assert level is not None
        made[criterion.id] = reviews.Score(level.id)
    return made


def approved(session: Session, submission: Submission, coach: User, *, now: datetime | None = None) -> Submission:
    now = now or NOW + timedelta(hours=2)
    reviews.claim(session, number=submission.number, actor=actor(coach), now=now)
    reviews.record(session, number=submission.number, scores=scores(submission), actor=actor(coach), now=now)
    return reviews.decide(session, number=submission.number, outcome="approved", actor=actor(coach), now=now)


def returned(session: Session, submission: Submission, coach: User, *, now: datetime | None = None) -> Submission:
    now = now or NOW + timedelta(hours=2)
    reviews.claim(session, number=submission.number, actor=actor(coach), now=now)
    return reviews.decide(
        session,
        number=submission.number,
        outcome="returned",
        feedback="Please show how you used what you saw.",
        actor=actor(coach),
        now=now,
    )


def _criterion(key: str, short: str, name: str) -> Criterion:
    base = f"urn:example:{key}:{short}"
    words = ("Not met", "Met", "Exemplary")
    return Criterion(
        id=base,
        name=name,
        levels=tuple(
            RubricLevel(id=f"{base}:{order}", name=word, order=order, points=str(order), passing=order >= 1)
            for order, word in enumerate(words)
        ),
    )
