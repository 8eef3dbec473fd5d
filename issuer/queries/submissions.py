"""A teacher's own submissions: the list, the dashboard, and one with everything its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from achievements.model import Achievement
from achievements.serialise import load
from issuer.errors import NotFound
from issuer.models import AchievementRow, AchievementVersion, EvidenceItem, Review, Submission
from issuer.workflow import EDITABLE, State


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What a teacher sees first, in this order. `returned` wants work, so it stands before everything else."""

    returned: tuple[Submission, ...]
    drafts: tuple[Submission, ...]
    #: Handed in: waiting or being read.
    in_review: tuple[Submission, ...]
    #: Approved (the credential is being made) or issued.
    earned: tuple[Submission, ...]


@dataclass(frozen=True, slots=True)
class OwnSubmission:
    """One submission for its teacher. `evidence` by artifact key; `feedback` are the decided reviews, the newest first,
    and says nothing of a review that is still under way."""

    submission: Submission
    achievement: Achievement
    answers: Mapping[str, str]
    evidence: Mapping[str, tuple[EvidenceItem, ...]]
    feedback: tuple[Review, ...]
    editable: bool


def of_teacher(session: Session, teacher_id: int, *, organisation_id: int | None = None) -> tuple[Submission, ...]:
    """All submissions of a teacher, the newest first; in one district or in all."""
    return tuple(session.scalars(_of(teacher_id, organisation_id)).unique())


def dashboard(session: Session, teacher_id: int) -> Dashboard:
    """A teacher's submissions by what they want from the teacher. Withdrawn ones are left out."""
    mine = of_teacher(session, teacher_id)

    def at(*states: State) -> tuple[Submission, ...]:
        return tuple(each for each in mine if each.state in states)

    return Dashboard(
        returned=at(State.RETURNED),
        drafts=at(State.DRAFT),
        in_review=at(State.SUBMITTED, State.IN_REVIEW),
        earned=at(State.APPROVED, State.ISSUED),
    )


def for_teacher(session: Session, number: str, teacher_id: int, *, organisation_id: int | None = None) -> OwnSubmission:
    """One of the teacher's own. Raises: NotFound."""
    submission = (
        session.scalars(
            _of(teacher_id, organisation_id)
            .where(Submission.number == number)
            .options(
                selectinload(Submission.answers),
                selectinload(Submission.evidence),
                selectinload(Submission.reviews).selectinload(Review.findings),
            )
        )
        .unique()
        .one_or_none()
    )
    if submission is None:
        raise NotFound("There is no such submission.")
    achievement = load(submission.version.body)
    decided = [review for review in submission.reviews if review.decided_at is not None]
    return OwnSubmission(
        submission=submission,
        achievement=achievement,
        answers={row.prompt_key: row.text for row in submission.answers},
        evidence=by_artifact(achievement, submission.evidence),
        feedback=tuple(sorted(decided, key=lambda review: review.attempt, reverse=True)),
        editable=State(submission.state) in EDITABLE,
    )


def by_artifact(achievement: Achievement, items: list[EvidenceItem]) -> dict[str, tuple[EvidenceItem, ...]]:
    """Items under each artifact that the definition asks for, in its order; an artifact without items is there too."""
    return {
        requirement.key: tuple(item for item in items if item.artifact_key == requirement.key)
        for requirement in achievement.evidence
    }


def _of(teacher_id: int, organisation_id: int | None) -> Select[Submission]:
    question = select(Submission).where(Submission.teacher_id == teacher_id)
    if organisation_id is not None:
        question = (
            question.join(AchievementVersion, AchievementVersion.id == Submission.version_id)
            .join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)
            .where(AchievementRow.organisation_id == organisation_id)
        )
    return question.order_by(Submission.saved_at.desc(), Submission.id.desc())
