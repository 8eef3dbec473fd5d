"""A coach's work: taking a submission from the queue, scoring it, deciding.

A submission of another organisation is not found. One's own is found and refused (`own_work`); the database refuses it
too. Two coaches who reach for the same submission wait for each other at its row, and the second one gets a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements.criteria import Assessment, Findings, assess
from achievements.model import Achievement
from issuer.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from issuer.models import AchievementRow, AchievementVersion, Finding, Review, Submission
from issuer.services.access import Actor, note, require_person, require_scope, roles_of
from issuer.services.submissions import achievement_of
from issuer.services.words import invalid, kept
from issuer.workflow import DECIDED, Action, State, advance

#: How a prompt is scored; a criterion is scored by the id of one of its levels. "" takes a score back.
PASSING, NOT_YET = "passing", "not_yet"
#: Of a key that reviews for a coach.
SCOPE = "reviews:write"
Outcome = Literal["approved", "returned"]


@dataclass(frozen=True, slots=True)
class Score:
    """What a reviewer says about one criterion or prompt."""

    level: str = ""
    feedback: str = ""


def claim(session: Session, *, number: str, actor: Actor, now: datetime) -> Review:
    """Take a submission from the queue. Taking it twice gives the same review; scores of a released one come back.

    Raises:
        NotFound. Forbidden: `own_work`, `person_needed`.
        Conflict: `already_claimed` (`details.reviewer` names who), `already_decided`, `wrong_state`.
    """
    reviewer_id = require_person(actor, scope=SCOPE)
    submission = _for_reviewer(session, number, actor)
    if submission.state == State.IN_REVIEW and submission.reviewer_id != reviewer_id:
        name = _reviewer_name(submission)
        raise Conflict(f"{name} is already reviewing this.", code="already_claimed", details={"reviewer": name})
    review = _review(submission, reviewer_id)
    if submission.state == State.IN_REVIEW and review is not None:
        return review
    submission.state = advance(State(submission.state), Action.CLAIM).value
    submission.reviewer_id, submission.claimed_at = reviewer_id, now
    if review is None:
        review = Review(
            submission=submission,
            reviewer_id=reviewer_id,
            attempt=submission.attempt,
            started_at=now,
            saved_at=now,
        )
        session.add(review)
    _note(session, actor, submission, "review.claim", now)
    return review


def release(session: Session, *, number: str, actor: Actor, now: datetime) -> Submission:
    """Put a claimed submission back into the queue. What was scored is kept for when the same coach takes it again.
    An admin may release another's claim, so that nobody's absence holds a teacher up.

    Raises:
        NotFound. Forbidden: `own_work`, `person_needed`. Conflict: `not_claimed`, `already_decided`.
    """
    submission = _for_reviewer(session, number, actor, also="admin")
    roles = roles_of(session, actor, submission.version.achievement.organisation_id)
    if "admin" not in roles or submission.state != State.IN_REVIEW:
        _require_claimed(submission, require_person(actor, scope=SCOPE))
    submission.state = advance(State(submission.state), Action.RELEASE).value
    submission.reviewer_id, submission.claimed_at = None, None
    _note(session, actor, submission, "review.release", now)
    return submission


def release_all(session: Session, *, reviewer_id: int, organisation_id: int, actor: Actor, now: datetime) -> int:
    """Put back into the queue whatever this reviewer has taken there: they are a coach no longer. Returns how many.
    Whoever calls this has seen to it that the actor may.
    """
    claimed = session.scalars(
        select(Submission)
        .join(AchievementVersion, AchievementVersion.id == Submission.version_id)
        .join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)
        .where(
            Submission.state == State.IN_REVIEW,
            Submission.reviewer_id == reviewer_id,
            AchievementRow.organisation_id == organisation_id,
        )
        .order_by(Submission.id)
        .with_for_update(of=Submission, key_share=True)
        .execution_options(populate_existing=True)
    ).unique()
    released = list(claimed)
    for submission in released:
        submission.state = advance(State(submission.state), Action.RELEASE).value
        submission.reviewer_id, submission.claimed_at = None, None
    session.flush()
    for submission in released:
        _note(session, actor, submission, "review.release", now)
    return len(released)


def record(
    session: Session,
    *,
    number: str,
    scores: Mapping[str, Score],
    actor: Actor,
    now: datetime,
    feedback: str | None = None,
    revision: int | None = None,
) -> Review:
    """Keep scores and words so far. Only what is named changes; `feedback` None leaves the overall feedback alone.

    Args:
        scores: by criterion id (level = id of one of its levels) or prompt key (level = `passing` or `not_yet`).
        revision: the one the page was made from; None overwrites whatever is there.

    Raises:
        NotFound. Forbidden: `own_work`, `person_needed`. Conflict: `not_claimed`, `already_decided`.
        Invalid: `finding_unknown_subject`, `finding_unknown_level`, `text_too_long`. Nothing of the call is kept then.
        Conflict: `stale_review`: changed in another window in between; `details` has the current `revision`.
    """
    reviewer_id = require_person(actor, scope=SCOPE)
    submission = _for_reviewer(session, number, actor)
    review = _require_claimed(submission, reviewer_id)
    clean = _checked(achievement_of(submission), scores)
    words = None if feedback is None else kept(feedback, "feedback")
    rows = {row.subject: row for row in review.findings}
    stored = {subject: Score(row.level, row.feedback) for subject, row in rows.items()}
    changed = {subject: score for subject, score in clean.items() if score != stored.get(subject, Score())}
    reworded = words is not None and words != review.feedback
    if changed or reworded:
        _require_current(review, revision)
        review.revision += 1
    for subject, score in changed.items():
        if subject in rows:
            rows[subject].level, rows[subject].feedback = score.level, score.feedback
        else:
            review.findings.append(Finding(subject=subject, level=score.level, feedback=score.feedback))
    if words is not None:
        review.feedback = words
    review.saved_at = now
    session.flush()
    return review


def decide(
    session: Session,
    *,
    number: str,
    outcome: Outcome,
    actor: Actor,
    now: datetime,
    feedback: str | None = None,
    revision: int | None = None,
) -> Submission:
    """Approve or return, on the scores recorded so far. Final: the review can never be changed afterwards.

    Whoever calls this for `approved` enqueues the issuing after the commit.

    Raises:
        NotFound. Forbidden: `own_work`, `person_needed`. Conflict: `not_claimed`, `already_decided`.
        Conflict: `stale_review`: scores or feedback were changed after `revision`, in another window.
        Invalid: `outcome_unknown`; `criteria_not_met` (approving: a fault for each criterion or prompt that is not met
            or not scored); `feedback_missing` (returning without a word of what to do).
    """
    reviewer_id = require_person(actor, scope=SCOPE)
    submission = _for_reviewer(session, number, actor)
    review = _require_claimed(submission, reviewer_id)
    # Scores count, too: a decision rests on the ones that its page showed.
    _require_current(review, revision)
    if feedback is not None:
        review.feedback = kept(feedback, "feedback")
    if outcome == "approved":
        assessment = assessment_of(submission, review)
        if not assessment.met:
            raise Invalid(
                "This cannot be approved: the criteria are not all met.",
                code="criteria_not_met",
                faults=_unmet(assessment),
            )
        action = Action.APPROVE
        submission.decided_by_id, submission.decided_at = reviewer_id, now
    elif outcome == "returned":
        if not review.feedback.strip():
            raise invalid("feedback_missing", "Please say what the teacher should do next.", "feedback")
        action = Action.RETURN
    else:
        raise invalid("outcome_unknown", "A decision is either “approved” or “returned”.", "outcome")
    submission.state = advance(State(submission.state), action).value
    review.outcome, review.decided_at, review.saved_at = outcome, now, now
    _note(session, actor, submission, f"submission.{action.value}", now)
    return submission


def assessment_of(submission: Submission, review: Review) -> Assessment:
    """The rule of `achievements.criteria.assess`, applied to what this review has recorded."""
    achievement = achievement_of(submission)
    keys = {prompt.key for prompt in (*achievement.overview, *achievement.reflection)}
    scored = {row.subject: row.level for row in review.findings if row.level}
    return assess(
        achievement,
        Findings(
            levels={subject: level for subject, level in scored.items() if subject not in keys},
            prompts={subject: level == PASSING for subject, level in scored.items() if subject in keys},
        ),
    )


def _for_reviewer(session: Session, number: str, actor: Actor, *, also: str = "coach") -> Submission:
    """The submission, its row locked, for a coach of its organisation who is not its teacher."""
    submission = (
        session.execute(
            select(Submission)
            .where(Submission.number == number)
            .with_for_update(of=Submission, key_share=True)
            .execution_options(populate_existing=True)
        )
        .unique()
        .scalar_one_or_none()
    )
    if submission is None:
        raise NotFound("There is no such submission.")
    organisation_id = submission.version.achievement.organisation_id
    mine = actor.kind == "user" and submission.teacher_id == actor.user_id and actor.reaches(organisation_id)
    require_scope(actor, SCOPE)
    roles = roles_of(session, actor, organisation_id)
    if not mine and roles.isdisjoint({"coach", also}):
        raise NotFound("There is no such submission.")
    if mine:
        raise Forbidden("Nobody reviews their own work.", code="own_work")
    if submission.state in (State.DRAFT, State.WITHDRAWN):
        # Not handed in: to a reviewer it does not exist.
        raise NotFound("There is no such submission.")
    return submission


def _require_claimed(submission: Submission, reviewer_id: int) -> Review:
    """The reviewer's undecided review of the present attempt."""
    state = State(submission.state)
    if state in DECIDED or state is State.RETURNED:
        raise Conflict("This submission has already been decided.", code="already_decided", details={"state": state})
    if state is not State.IN_REVIEW or submission.reviewer_id != reviewer_id:
        raise Conflict(
            "You are not reviewing this submission. Take it from the queue first.",
            code="not_claimed",
            details={"state": state.value},
        )
    review = _review(submission, reviewer_id)
    if review is None or review.decided_at is not None:
        raise RuntimeError(f"submission {submission.number} is in review without an open review")
    return review


def _require_current(review: Review, revision: int | None) -> None:
    if revision is not None and revision != review.revision:
        raise Conflict(
            "This review was changed in another window after this page was opened. Nothing has been lost: both"
            " versions are shown, and you choose which to keep.",
            code="stale_review",
            details={"revision": review.revision},
        )


def _review(submission: Submission, reviewer_id: int) -> Review | None:
    return next(
        (
            review
            for review in submission.reviews
            if review.reviewer_id == reviewer_id and review.attempt == submission.attempt
        ),
        None,
    )


def _reviewer_name(submission: Submission) -> str:
    reviewer = submission.reviewer
    return (reviewer.name or reviewer.email) if reviewer is not None else "Somebody"


def _checked(achievement: Achievement, scores: Mapping[str, Score]) -> dict[str, Score]:
    prompts = {prompt.key for prompt in (*achievement.overview, *achievement.reflection)}
    faults: list[Fault] = []
    clean: dict[str, Score] = {}
    for subject, score in scores.items():
        criterion = achievement.rubric.criterion(subject)
        if criterion is not None:
            known = criterion.level(score.level) is not None
        elif subject in prompts:
            known = score.level in (PASSING, NOT_YET)
        else:
            message = "This microcredential has no such criterion or question."
            faults.append(Fault("finding_unknown_subject", message, subject))
            continue
        if score.level and not known:
            faults.append(Fault("finding_unknown_level", "There is no such level.", subject))
            continue
        clean[subject] = Score(score.level, kept(score.feedback, subject))
    if faults:
        raise Invalid("Some scores cannot be kept.", code=faults[0].code, faults=faults)
    return clean


def _unmet(assessment: Assessment) -> list[Fault]:
    faults = [
        Fault(
            "criterion_not_scored" if outcome.unscored else "criterion_not_met",
            f"“{outcome.criterion.name}” has not been scored."
            if outcome.unscored
            else f"“{outcome.criterion.name}” is below the level that passes.",
            outcome.criterion.id,
        )
        for outcome in assessment.unmet
    ]
    faults += [
        Fault("prompt_not_met", f"The answer to “{outcome.prompt.text}” does not pass yet.", outcome.prompt.key)
        for outcome in assessment.prompts
        if outcome.passing is False
    ]
    return faults + [Fault(problem.code, problem.message, problem.pointer) for problem in assessment.problems]


def _note(session: Session, actor: Actor, submission: Submission, action: str, now: datetime) -> None:
    organisation_id = submission.version.achievement.organisation_id
    session.flush()
    details = {"attempt": submission.attempt}
    note(session, actor, organisation_id, action, f"submission:{submission.number}", now, details)
