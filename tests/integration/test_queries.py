"""What the pages ask: who sees what, in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from achievements import definitions as own
from issuer.errors import NotFound
from issuer.models import Submission
from issuer.queries import catalogue, members, overview, queue, submissions, trail
from issuer.services import definitions, frameworks, reviews
from issuer.services import submissions as work
from issuer.storage import Storage
from tests import factories
from tests.factories import NOW, actor
from tests.integration.conftest import District

LATER = NOW + timedelta(days=3)


def test_the_catalogue_finds_published_versions_by_every_word(session: Session, district: District) -> None:
    plain = factories.achievement("talk-moves", "Talk moves")
    factories.published(session, district.organisation, replace(plain, tags=("Discussion",)))
    factories.published(session, district.organisation, factories.achievement("hidden", "Hidden"), status="draft")
    factories.published(session, district.organisation, factories.achievement("gone", "Gone"), status="retired")
    assert [offer.key for offer in catalogue.search(session)] == ["check-understanding", "talk-moves"]
    assert [offer.key for offer in catalogue.search(session, text="TALK discussion")] == ["talk-moves"]
    assert [offer.key for offer in catalogue.search(session, text="talk unheard-of")] == []
    uri = plain.alignment[0].target_url
    assert len(catalogue.search(session, competency=uri)) == 2
    assert catalogue.search(session, competency=uri + "x") == ()
    elsewhere = district.stranger.memberships[0].organisation_id
    assert catalogue.search(session, organisation_id=elsewhere) == ()


def test_a_page_once_published_stays_and_a_draft_has_none(session: Session, district: District) -> None:
    factories.published(session, district.organisation, factories.achievement("hidden"), status="draft")
    factories.published(session, district.organisation, factories.achievement("gone"), status="retired")
    assert catalogue.one(session, "lakeside", "check-understanding").version is district.version
    assert catalogue.one(session, "lakeside", "gone", 1).version.status == "retired"
    for key, number in (("hidden", 1), ("hidden", None), ("check-understanding", 2), ("nothing", None)):
        with pytest.raises(NotFound):
            catalogue.one(session, "lakeside", key, number)
    assert {offer.version.status for offer in catalogue.of_organisation(session, district.organisation.id)} == {
        "draft",
        "published",
        "retired",
    }


def test_a_framework_shows_what_covers_it(session: Session, district: District) -> None:
    here, admin = district.organisation.id, actor(district.admin)
    frameworks.apply(session, organisation_id=here, data=own.raw(own.FRAMEWORK_FILE), actor=admin, now=NOW)
    definitions.apply(session, organisation_id=here, data=own.raw(own.MICROCREDENTIALS_FILE), actor=admin, now=NOW)
    (row,) = catalogue.frameworks(session, here)
    before = catalogue.framework(session, here, row.id)
    assert not any(branch.direct or branch.below for branch in before.branches)
    for offer in catalogue.of_organisation(session, here):
        if offer.version.status == "draft":
            definitions.publish(session, version_id=offer.version.id, actor=admin, now=NOW)
    after = catalogue.framework(session, here, row.id)
    assert len(after.branches) == len(own.load().frameworks[0].competencies)
    assert any(branch.direct for branch in after.branches)
    assert after.branches[0].depth == 0
    with pytest.raises(NotFound):
        catalogue.framework(session, district.stranger.memberships[0].organisation_id, row.id)


def test_a_teacher_sees_returned_work_first_and_no_unfinished_review(
    session: Session, district: District, storage: Storage
) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    reviews.claim(session, number=submission.number, actor=actor(district.coach), now=NOW)
    reviews.record(
        session,
        number=submission.number,
        scores=factories.scores(submission),
        feedback="not for the teacher yet",
        actor=actor(district.coach),
        now=NOW,
    )
    session.expire_all()
    assert submissions.for_teacher(session, submission.number, district.teacher.id).feedback == ()
    assert submissions.dashboard(session, district.teacher.id).in_review == (submission,)
    reviews.decide(
        session, number=submission.number, outcome="returned", feedback="Now", actor=actor(district.coach), now=LATER
    )
    session.expire_all()
    page = submissions.for_teacher(session, submission.number, district.teacher.id)
    assert [review.feedback for review in page.feedback] == ["Now"]
    assert page.editable
    assert list(page.evidence) == ["lesson-plan", "student-work"]
    assert page.answers == {"context": "Grade four, twenty students."}
    assert submissions.dashboard(session, district.teacher.id).returned == (submission,)
    for other in (district.coach, district.stranger):
        with pytest.raises(NotFound):
            submissions.for_teacher(session, submission.number, other.id)


def test_the_queue_is_oldest_first_and_never_ones_own(session: Session, district: District, storage: Storage) -> None:
    def hand_in(teacher: object, key: str, at: datetime) -> Submission:
        version = factories.published(session, district.organisation, factories.achievement(key))
        made = factories.handed_in(session, storage, teacher, version)  # type: ignore[arg-type]
        made.submitted_at = at
        return made

    newer = hand_in(district.teacher, "newer", NOW + timedelta(days=1))
    older = hand_in(district.teacher, "older", NOW)
    taken = hand_in(district.teacher, "taken", NOW)
    mine = hand_in(district.teacher, "mine", NOW)
    hand_in(district.coach, "own", NOW)
    reviews.claim(session, number=taken.number, actor=actor(district.other_coach), now=NOW)
    reviews.claim(session, number=mine.number, actor=actor(district.coach), now=NOW)
    session.commit()
    found = queue.queue(session, district.coach.id, LATER)
    assert [(line.submission.number, line.days) for line in found.waiting] == [(older.number, 3), (newer.number, 2)]
    assert [line.submission.number for line in found.mine] == [mine.number]
    assert [line.submission.number for line in found.taken] == [taken.number]
    assert queue.queue(session, district.teacher.id, LATER) == queue.Queue((), (), ())
    assert queue.queue(session, district.stranger.id, LATER) == queue.Queue((), (), ())
    counted = queue.counts(session, district.coach.id, NOW)
    assert (counted.mine, counted.waiting, counted.decided) == (1, 2, 0)


def test_a_reviewer_sees_earlier_feedback_and_nothing_that_is_being_reworked(
    session: Session, district: District, storage: Storage
) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    factories.returned(session, submission, district.coach)
    factories.upload(session, storage, submission, data=factories.PNG, name="new.png", declared_type="", now=LATER)
    session.commit()
    session.expire_all()
    page = queue.for_reviewer(session, submission.number, district.coach.id)
    assert page.being_reworked
    assert page.answers == {}
    assert [item.name for item in page.evidence["lesson-plan"]] == ["plan.pdf"]
    work.submit(session, number=submission.number, actor=actor(district.teacher), now=LATER)
    session.commit()
    session.expire_all()
    page = queue.for_reviewer(session, submission.number, district.other_coach.id)
    assert (page.review, page.being_reworked, page.submission.attempt) == (None, False, 2)
    assert [review.attempt for review in page.previous] == [1]
    assert len(page.evidence["lesson-plan"]) == 2
    for other in (district.teacher, district.admin, district.stranger):
        with pytest.raises(NotFound):
            queue.for_reviewer(session, submission.number, other.id)


def test_drafts_and_withdrawn_work_have_no_review_page(session: Session, district: District, storage: Storage) -> None:
    draft = factories.draft(session, district.teacher, district.version)
    with pytest.raises(NotFound):
        queue.for_reviewer(session, draft.number, district.coach.id)
    work.withdraw(session, number=draft.number, actor=actor(district.teacher), now=NOW)
    with pytest.raises(NotFound):
        queue.for_reviewer(session, draft.number, district.coach.id)


def test_members_and_their_roles(session: Session, district: District) -> None:
    found = members.of_organisation(session, district.organisation.id)
    assert [(member.user.name, member.roles) for member in found] == [
        ("Ada", ("admin",)),
        ("Carl", ("teacher", "coach")),
        ("Cora", ("coach",)),
        ("Tara", ("teacher",)),
    ]
    (place,) = members.organisations_of(session, district.coach.id)
    assert (place.organisation, place.roles) == (district.organisation, ("teacher", "coach"))
    district.coach.active = False
    session.flush()
    assert members.organisations_of(session, district.coach.id) == ()


def test_the_trail_is_the_organisations_own_and_in_pages(session: Session, district: District) -> None:
    entries = trail.events(session, organisation_id=district.organisation.id, limit=3)
    assert len(entries) == 3
    assert {entry.event.organisation_id for entry in entries} == {district.organisation.id}
    older = trail.events(session, organisation_id=district.organisation.id, before_id=entries[-1].event.id)
    assert max(entry.event.id for entry in older) < min(entry.event.id for entry in entries)
    factories.draft(session, district.teacher, district.version)
    (entry,) = trail.events(session, organisation_id=district.organisation.id, action="submission.start")
    assert entry.who == "Tara"


def test_numbers_for_admins(session: Session, district: District, storage: Storage) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    factories.returned(session, submission, district.coach)
    found = overview.overview(session, district.organisation.id)
    assert found.versions == {"draft": 0, "published": 1, "retired": 0}
    assert (found.submissions["returned"], found.submissions["draft"]) == (1, 0)
    assert (found.teachers, found.credentials, found.revoked) == (1, 0, 0)
    months = overview.growth(session, district.organisation.id, NOW + timedelta(days=31), months=14)
    assert len(months) == 14
    assert (months[0].year, months[0].month, months[-1].year, months[-1].month) == (2025, 3, 2026, 4)
    march = months[-2]
    assert (march.started, march.handed_in, march.returned, march.issued) == (1, 1, 1, 0)
    elsewhere = overview.overview(session, district.stranger.memberships[0].organisation_id)
    assert set(elsewhere.submissions.values()) == {0}
