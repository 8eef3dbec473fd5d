from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import Membership, Review, Submission
from issuer.services import accounts, reviews, submissions
from issuer.services.reviews import Score
from issuer.storage import Storage
from tests import factories
from tests.factories import NOW, actor
from tests.integration.conftest import District


@pytest.fixture
def submission(session: Session, district: District, storage: Storage) -> Submission:
    made = factories.handed_in(session, storage, district.teacher, district.version)
    session.commit()
    return made


def test_approve_when_every_criterion_is_met(session: Session, district: District, submission: Submission) -> None:
    factories.approved(session, submission, district.coach)
    session.commit()
    assert (submission.state, submission.decided_by_id) == ("approved", district.coach.id)
    assert submission.reviews[0].outcome == "approved"


def test_a_second_coach_is_told_who_has_it(session: Session, district: District, submission: Submission) -> None:
    first = reviews.claim(session, number=submission.number, actor=actor(district.coach), now=NOW)
    assert reviews.claim(session, number=submission.number, actor=actor(district.coach), now=NOW) is first
    with pytest.raises(Conflict) as caught:
        reviews.claim(session, number=submission.number, actor=actor(district.other_coach), now=NOW)
    assert caught.value.code == "already_claimed"
    assert caught.value.details == {"reviewer": "Carl"}


def test_released_work_keeps_its_scores(session: Session, district: District, submission: Submission) -> None:
    coach = actor(district.coach)
    reviews.claim(session, number=submission.number, actor=coach, now=NOW)
    scores = factories.scores(submission)
    reviews.record(session, number=submission.number, scores=scores, feedback="So far", actor=coach, now=NOW)
    reviews.release(session, number=submission.number, actor=coach, now=NOW)
    assert (submission.state, submission.reviewer_id) == ("submitted", None)
    again = reviews.claim(session, number=submission.number, actor=coach, now=NOW)
    assert again.feedback == "So far"
    assert {row.subject: row.level for row in again.findings} == {key: each.level for key, each in scores.items()}


def test_only_the_reviewer_or_an_admin_releases(session: Session, district: District, submission: Submission) -> None:
    reviews.claim(session, number=submission.number, actor=actor(district.coach), now=NOW)
    with pytest.raises(Conflict) as caught:
        reviews.release(session, number=submission.number, actor=actor(district.other_coach), now=NOW)
    assert caught.value.code == "not_claimed"
    with pytest.raises(NotFound):
        reviews.release(session, number=submission.number, actor=actor(district.stranger), now=NOW)
    reviews.release(session, number=submission.number, actor=actor(district.admin), now=NOW)
    assert submission.state == "submitted"


def test_nobody_reviews_their_own_work(session: Session, district: District, storage: Storage) -> None:
    mine = factories.handed_in(session, storage, district.coach, district.version)
    for act in (reviews.claim, reviews.release):
        with pytest.raises(Forbidden) as caught:
            act(session, number=mine.number, actor=actor(district.coach), now=NOW)
        assert caught.value.code == "own_work"
    with pytest.raises(Forbidden):
        reviews.decide(session, number=mine.number, outcome="approved", actor=actor(district.coach), now=NOW)


@pytest.mark.parametrize("column", ["reviewer_id", "decided_by_id"])
def test_the_database_refuses_own_work_too(
    session: Session, district: District, submission: Submission, column: str
) -> None:
    with pytest.raises(IntegrityError):
        session.execute(update(Submission).values({column: district.teacher.id}))
    session.rollback()
    session.add(
        Review(
            submission_id=submission.id,
            teacher_id=district.teacher.id,
            reviewer_id=district.teacher.id,
            attempt=1,
            started_at=NOW,
            saved_at=NOW,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_database_holds_that_a_review_names_its_submissions_teacher(
    session: Session, district: District, submission: Submission
) -> None:
    """Otherwise a wrong `teacher_id` would let the teacher in through the check above."""
    session.add(
        Review(
            submission_id=submission.id,
            teacher_id=district.admin.id,
            reviewer_id=district.teacher.id,
            attempt=1,
            started_at=NOW,
            saved_at=NOW,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_coaches_elsewhere_and_non_coaches_find_nothing(
    session: Session, district: District, submission: Submission
) -> None:
    for person in (district.stranger, district.admin):
        with pytest.raises(NotFound):
            reviews.claim(session, number=submission.number, actor=actor(person), now=NOW)


def test_a_coach_who_left_can_decide_nothing(session: Session, district: District, submission: Submission) -> None:
    reviews.claim(session, number=submission.number, actor=actor(district.coach), now=NOW)
    session.query(Membership).filter_by(user_id=district.coach.id).delete()
    with pytest.raises(NotFound):
        reviews.decide(session, number=submission.number, outcome="approved", actor=actor(district.coach), now=NOW)


def test_what_a_coach_had_taken_goes_back_when_the_role_is_taken_away(
    session: Session, district: District, submission: Submission
) -> None:
    reviews.claim(session, number=submission.number, actor=actor(district.coach), now=NOW)
    accounts.remove_member(
        session,
        user_id=district.coach.id,
        organisation_id=district.organisation.id,
        role="coach",
        actor=actor(district.admin),
        now=NOW,
    )
    assert (submission.state, submission.reviewer_id) == ("submitted", None)
    reviews.claim(session, number=submission.number, actor=actor(district.other_coach), now=NOW)


def test_a_switched_off_account_has_no_roles(session: Session, district: District, submission: Submission) -> None:
    district.coach.active = False
    session.flush()
    with pytest.raises(NotFound):
        reviews.claim(session, number=submission.number, actor=actor(district.coach), now=NOW)


def test_drafts_do_not_exist_for_reviewers(session: Session, district: District) -> None:
    draft = factories.draft(session, district.teacher, district.version)
    with pytest.raises(NotFound):
        reviews.claim(session, number=draft.number, actor=actor(district.coach), now=NOW)


def test_approving_names_what_is_not_met(session: Session, district: District, submission: Submission) -> None:
    coach = actor(district.coach)
    reviews.claim(session, number=submission.number, actor=coach, now=NOW)
    low, _ = factories.scores(submission, met=False).items()
    reviews.record(
        session,
        number=submission.number,
        scores={low[0]: low[1], "context": Score(reviews.NOT_YET, "Say more.")},
        actor=coach,
        now=NOW,
    )
    with pytest.raises(Invalid) as caught:
        reviews.decide(session, number=submission.number, outcome="approved", actor=coach, now=NOW)
    assert caught.value.code == "criteria_not_met"
    assert [fault.code for fault in caught.value.faults] == [
        "criterion_not_met",
        "criterion_not_scored",
        "prompt_not_met",
    ]
    assert submission.state == "in_review"


def test_returning_needs_words(session: Session, district: District, submission: Submission) -> None:
    coach = actor(district.coach)
    reviews.claim(session, number=submission.number, actor=coach, now=NOW)
    with pytest.raises(Invalid) as caught:
        reviews.decide(session, number=submission.number, outcome="returned", feedback=" \n", actor=coach, now=NOW)
    assert caught.value.code == "feedback_missing"


def test_an_outcome_of_ones_own_making_is_refused(session: Session, district: District, submission: Submission) -> None:
    coach = actor(district.coach)
    reviews.claim(session, number=submission.number, actor=coach, now=NOW)
    with pytest.raises(Invalid) as caught:
        reviews.decide(session, number=submission.number, outcome="issued", actor=coach, now=NOW)  # type: ignore[arg-type]
    assert caught.value.code == "outcome_unknown"


@pytest.mark.parametrize("first", ["approved", "returned"])
@pytest.mark.parametrize("second", ["approved", "returned"])
def test_what_is_decided_stays_decided(
    session: Session, district: District, submission: Submission, first: str, second: str
) -> None:
    (factories.approved if first == "approved" else factories.returned)(session, submission, district.coach)
    coach = actor(district.coach)
    with pytest.raises(Conflict) as caught:
        reviews.decide(session, number=submission.number, outcome=second, feedback="x", actor=coach, now=NOW)  # type: ignore[arg-type]
    assert caught.value.code == "already_decided"
    with pytest.raises(Conflict) as caught:
        reviews.record(session, number=submission.number, scores={}, feedback="x", actor=coach, now=NOW)
    assert caught.value.code == "already_decided"
    assert submission.reviews[0].feedback != "x"


def test_unknown_scores_are_refused_together(session: Session, district: District, submission: Submission) -> None:
    coach = actor(district.coach)
    reviews.claim(session, number=submission.number, actor=coach, now=NOW)
    criterion = submissions.achievement_of(submission).rubric.criteria[0]
    with pytest.raises(Invalid) as caught:
        reviews.record(
            session,
            number=submission.number,
            scores={"urn:nowhere": Score("x"), criterion.id: Score("urn:no-level"), "context": Score("excellent")},
            actor=coach,
            now=NOW,
        )
    assert [fault.code for fault in caught.value.faults] == [
        "finding_unknown_subject",
        "finding_unknown_level",
        "finding_unknown_level",
    ]
    assert submission.reviews[0].findings == []


def test_recording_needs_a_claim(session: Session, district: District, submission: Submission) -> None:
    with pytest.raises(Conflict) as caught:
        reviews.record(session, number=submission.number, scores={}, actor=actor(district.coach), now=NOW)
    assert caught.value.code == "not_claimed"


def test_approved_work_cannot_be_taken_back(session: Session, district: District, submission: Submission) -> None:
    factories.approved(session, submission, district.coach)
    with pytest.raises(Conflict) as caught:
        submissions.withdraw(session, number=submission.number, actor=actor(district.teacher), now=NOW)
    assert caught.value.code == "already_decided"
