"""A coach's queue, and one submission as its reviewer sees it. Both show only districts in which the person is a coach,
and never the person's own work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from achievements.model import Achievement
from achievements.serialise import load
from issuer.errors import NotFound
from issuer.models import (
    AchievementRow,
    AchievementVersion,
    AuditEvent,
    EvidenceItem,
    Membership,
    Organisation,
    Review,
    Submission,
    User,
)
from issuer.queries.submissions import by_artifact
from issuer.workflow import State

_HANDED_IN = (State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.ISSUED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue. `waited`: since it was handed in."""

    submission: Submission
    waited: timedelta

    @property
    def days(self) -> int:
        return self.waited.days


@dataclass(frozen=True, slots=True)
class Queue:
    """`mine`: taken by this coach and not decided. `waiting`: free to take, oldest first. `taken`: by other coaches."""

    mine: tuple[Waiting, ...]
    waiting: tuple[Waiting, ...]
    taken: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """For the head of a coach's page. `decided` by this coach since `since`."""

    mine: int
    waiting: int
    decided: int


@dataclass(frozen=True, slots=True)
class Reviewing:
    """One submission for a reviewer.

    `review`: this person's own of the present attempt, None before claiming. `scores` by criterion id or prompt key.
    `previous`: decided reviews of earlier attempts by anybody, the newest first. While the teacher reworks a returned
    submission (`being_reworked`), answers are left out, and evidence that was not part of what was handed in.
    """

    submission: Submission
    achievement: Achievement
    answers: Mapping[str, str]
    evidence: Mapping[str, tuple[EvidenceItem, ...]]
    review: Review | None
    scores: Mapping[str, tuple[str, str]]
    previous: tuple[Review, ...]
    being_reworked: bool


def queue(session: Session, coach_id: int, now: datetime, *, organisation_id: int | None = None) -> Queue:
    """Everything that waits for a decision, oldest first."""
    rows = session.scalars(
        _for_coach(coach_id, organisation_id)
        .where(Submission.state.in_([State.SUBMITTED, State.IN_REVIEW]))
        .options(selectinload(Submission.reviewer))
        .order_by(Submission.submitted_at, Submission.id)
    ).unique()
    lines = [Waiting(row, max(timedelta(0), now - (row.submitted_at or now))) for row in rows]
    return Queue(
        mine=tuple(line for line in lines if line.submission.reviewer_id == coach_id),
        waiting=tuple(line for line in lines if line.submission.state == State.SUBMITTED),
        taken=tuple(line for line in lines if line.submission.reviewer_id not in (None, coach_id)),
    )


def coached_before(session: Session, user_id: int) -> tuple[str, ...]:
    """The districts that took the role of a coach away from this person, by name."""
    rows = session.execute(
        select(Organisation.name, AuditEvent.details)
        .join(AuditEvent, AuditEvent.organisation_id == Organisation.id)
        .where(AuditEvent.subject == f"user:{user_id}", AuditEvent.action == "member.remove")
    )
    return tuple(sorted({name for name, details in rows if details.get("role") == "coach"}))


def counts(session: Session, coach_id: int, since: datetime, *, organisation_id: int | None = None) -> Counts:
    """How much there is to do, and how much this coach has decided since a moment."""
    open_ones = _for_coach(coach_id, organisation_id).with_only_columns(Submission.state, Submission.reviewer_id)
    rows = session.execute(open_ones.where(Submission.state.in_([State.SUBMITTED, State.IN_REVIEW]))).all()
    decided = session.scalar(
        select(func.count())
        .select_from(Review)
        .where(Review.reviewer_id == coach_id, Review.decided_at.is_not(None), Review.decided_at >= since)
    )
    return Counts(
        mine=sum(row.reviewer_id == coach_id for row in rows),
        waiting=sum(row.state == State.SUBMITTED for row in rows),
        decided=decided or 0,
    )


def for_reviewer(session: Session, number: str, coach_id: int, *, organisation_id: int | None = None) -> Reviewing:
    """One submission that was handed in. Raises: NotFound: also for the person's own, and for other districts'."""
    submission = (
        session.scalars(
            _for_coach(coach_id, organisation_id)
            .where(Submission.number == number, Submission.state.in_([*_HANDED_IN, State.RETURNED]))
            .options(
                selectinload(Submission.answers),
                selectinload(Submission.evidence),
                selectinload(Submission.reviewer),
                selectinload(Submission.reviews).selectinload(Review.findings),
            )
        )
        .unique()
        .one_or_none()
    )
    if submission is None:
        raise NotFound("There is no such submission.")
    achievement = load(submission.version.body)
    reworked = State(submission.state) is State.RETURNED
    handed_in = [
        item
        for item in submission.evidence
        if not reworked or (submission.submitted_at is not None and item.added_at <= submission.submitted_at)
    ]
    review = next(
        (each for each in submission.reviews if each.reviewer_id == coach_id and each.attempt == submission.attempt),
        None,
    )
    decided = [each for each in submission.reviews if each.decided_at is not None and each is not review]
    return Reviewing(
        submission=submission,
        achievement=achievement,
        answers={} if reworked else {row.prompt_key: row.text for row in submission.answers},
        evidence=by_artifact(achievement, handed_in),
        review=review,
        scores={row.subject: (row.level, row.feedback) for row in review.findings} if review is not None else {},
        previous=tuple(sorted(decided, key=lambda each: each.attempt, reverse=True)),
        being_reworked=reworked,
    )


def _for_coach(coach_id: int, organisation_id: int | None) -> Select[Submission]:
    coached = (
        select(Membership.organisation_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.user_id == coach_id, Membership.role == "coach", User.active.is_(True))
    )
    if organisation_id is not None:
        coached = coached.where(Membership.organisation_id == organisation_id)
    return (
        select(Submission)
        .join(AchievementVersion, AchievementVersion.id == Submission.version_id)
        .join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)
        .where(AchievementRow.organisation_id.in_(coached), Submission.teacher_id != coach_id)
    )
