from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import AuditEvent, Submission
from issuer.services import reviews, submissions
from issuer.services.access import Actor
from issuer.storage import Storage
from tests import factories
from tests.factories import NOW, actor
from tests.integration.conftest import District


def _save(session: Session, submission: Submission, revision: int, **answers: str) -> Submission:
    return submissions.save_draft(
        session,
        number=submission.number,
        answers=answers,
        revision=revision,
        actor=actor(submission.teacher),
        now=NOW + timedelta(minutes=5),
    )


def test_starting_twice_gives_the_same_draft(session: Session, district: District) -> None:
    first = factories.draft(session, district.teacher, district.version)
    assert factories.draft(session, district.teacher, district.version) is first
    assert first.state == "draft"
    assert len(first.number) == 32


def test_only_teachers_of_the_organisation_start(session: Session, district: District) -> None:
    with pytest.raises(NotFound):
        factories.draft(session, district.stranger, district.version)
    with pytest.raises(Forbidden):
        factories.draft(session, district.admin, district.version)
    with pytest.raises(Forbidden) as caught:
        submissions.start(session, version_id=district.version.id, actor=Actor.command(), now=NOW)
    assert caught.value.code == "person_needed"


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_only_published_versions_are_started(session: Session, district: District, status: str) -> None:
    version = factories.published(session, district.organisation, factories.achievement("another"), status=status)
    with pytest.raises(Conflict) as caught:
        factories.draft(session, district.teacher, version)
    assert caught.value.code == "not_published"


def test_a_draft_begun_before_retirement_can_be_finished(
    session: Session, district: District, storage: Storage
) -> None:
    submission = factories.draft(session, district.teacher, district.version)
    district.version.status, district.version.retired_at = "retired", NOW
    session.flush()
    assert factories.handed_in(session, storage, district.teacher, district.version) is submission
    assert submission.state == "submitted"


def test_saving_keeps_words_and_counts_revisions(session: Session, district: District) -> None:
    submission = factories.draft(session, district.teacher, district.version)
    _save(session, submission, 0, context="Grade four\r\nA \x00 class \ud800")
    assert submission.revision == 1
    assert submission.answers[0].text == "Grade four\nA  class "
    _save(session, submission, 1, reflection="Much.")
    session.commit()
    session.expire_all()
    assert {row.prompt_key: row.text for row in submission.answers} == {
        "context": "Grade four\nA  class ",
        "reflection": "Much.",
    }


def test_a_stale_window_gets_both_texts_and_loses_nothing(session: Session, district: District) -> None:
    submission = factories.draft(session, district.teacher, district.version)
    _save(session, submission, 0, context="from the first window")
    with pytest.raises(Conflict) as caught:
        _save(session, submission, 0, context="from the second window")
    assert caught.value.code == "stale_draft"
    assert caught.value.details == {
        "revision": 1,
        "answers": {"context": {"yours": "from the second window", "theirs": "from the first window"}},
    }
    assert submission.answers[0].text == "from the first window"


def test_saving_the_same_again_from_a_stale_window_is_no_conflict(session: Session, district: District) -> None:
    submission = factories.draft(session, district.teacher, district.version)
    _save(session, submission, 0, context="the same words")
    assert _save(session, submission, 0, context="the same words").revision == 1


def test_unknown_prompts_and_endless_texts_are_refused(session: Session, district: District) -> None:
    submission = factories.draft(session, district.teacher, district.version)
    with pytest.raises(Invalid) as caught:
        _save(session, submission, 0, nonsense="x")
    assert caught.value.code == "answer_unknown_prompt"
    with pytest.raises(Invalid) as caught:
        _save(session, submission, 0, context="x" * 100_001)
    assert caught.value.code == "text_too_long"
    assert caught.value.faults[0].pointer == "answers/context"


def test_handing_in_names_everything_that_is_missing(session: Session, district: District) -> None:
    submission = factories.draft(session, district.teacher, district.version)
    with pytest.raises(Invalid) as caught:
        submissions.submit(session, number=submission.number, actor=actor(district.teacher), now=NOW)
    assert caught.value.code == "incomplete"
    assert {fault.code for fault in caught.value.faults} == {"answer_missing", "artifact_missing"}
    assert submission.state == "draft"


def test_handed_in_work_cannot_be_changed(session: Session, district: District, storage: Storage) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    with pytest.raises(Conflict) as caught:
        _save(session, submission, submission.revision, context="something else entirely")
    assert caught.value.code == "not_editable"
    with pytest.raises(Conflict) as caught:
        submissions.submit(session, number=submission.number, actor=actor(district.teacher), now=NOW)
    assert caught.value.code == "wrong_state"


def test_resubmission_carries_everything_over(session: Session, district: District, storage: Storage) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    factories.returned(session, submission, district.coach)
    session.commit()
    session.expire_all()
    assert submission.state == "returned"
    assert [row.text for row in submission.answers] == ["Grade four, twenty students."]
    assert len(submission.evidence) == 1
    submissions.submit(
        session,
        number=submission.number,
        actor=actor(district.teacher),
        now=NOW + timedelta(days=2),
        change_note="Added the exit tickets.",
    )
    assert (submission.state, submission.attempt, submission.reviewer_id) == ("submitted", 2, None)
    reviews.claim(session, number=submission.number, actor=actor(district.coach), now=NOW + timedelta(days=3))
    session.expire_all()
    assert [(review.attempt, review.feedback, review.outcome) for review in submission.reviews] == [
        (1, "Please show how you used what you saw.", "returned"),
        (2, "", ""),
    ]


def test_withdrawing_makes_room_for_a_new_start(session: Session, district: District, storage: Storage) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    submissions.withdraw(session, number=submission.number, actor=actor(district.teacher), now=NOW)
    assert factories.draft(session, district.teacher, district.version).number != submission.number
    with pytest.raises(Conflict) as caught:
        submissions.withdraw(session, number=submission.number, actor=actor(district.teacher), now=NOW)
    assert caught.value.code == "wrong_state"


def test_somebody_elses_submission_is_not_found(session: Session, district: District, storage: Storage) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    for other in (district.coach, district.admin, district.stranger):
        with pytest.raises(NotFound):
            submissions.withdraw(session, number=submission.number, actor=actor(other), now=NOW)


def test_every_step_is_in_the_trail_and_none_of_the_words(
    session: Session, district: District, storage: Storage
) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    events = session.execute(
        select(AuditEvent).where(AuditEvent.subject == f"submission:{submission.number}").order_by(AuditEvent.id)
    ).scalars()
    told = [(event.action, event.actor_id, event.organisation_id) for event in events]
    who = (district.teacher.id, district.organisation.id)
    assert told == [
        ("submission.start", *who),
        ("evidence.add", *who),
        ("submission.submit", *who),
    ]
    assert not any("twenty" in str(event.details) for event in session.execute(select(AuditEvent)).scalars())


def test_the_database_itself_allows_one_open_submission(session: Session, district: District) -> None:
    first = factories.draft(session, district.teacher, district.version)
    session.add(
        Submission(
            number="0" * 32, teacher_id=first.teacher_id, version_id=first.version_id, started_at=NOW, saved_at=NOW
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Submission)) == 0
