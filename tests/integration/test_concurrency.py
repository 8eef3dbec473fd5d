"""Two people, or one person in two windows, at the same moment. Real threads, each with a connection of its own, that
meet at a barrier right before the statement that matters. On SQLite the database lets one writer in at a time, on
PostgreSQL rows and constraints have to do it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from achievements import definitions as own
from issuer import audit
from issuer.db import unit_of_work
from issuer.errors import ServiceError
from issuer.models import AchievementRow, AchievementVersion, FrameworkRow, Membership, Review, Submission
from issuer.services import accounts, definitions, frameworks, reviews, submissions, unsent
from issuer.storage import Storage
from tests import factories
from tests.factories import NOW, actor
from tests.integration.conftest import District


def _at_once(sessions: sessionmaker[Session], *works: Callable[[Session], Any]) -> list[Any]:
    """The result of each work, or the code of the ServiceError it ended with; any other error fails the test."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[Session], Any]) -> None:
        barrier.wait(10)
        try:
            with unit_of_work(sessions) as session:
                results[place] = work(session)
        except ServiceError as error:
            results[place] = error.code
        except BaseException as error:  # noqa: BLE001 - handed to the test, which fails on it
            results[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    broken = [result for result in results if isinstance(result, BaseException)]
    assert not broken, broken
    return results


def _numbers(session: Session, storage: Storage, district: District, count: int) -> list[str]:
    made = []
    for place in range(count):
        version = factories.published(session, district.organisation, factories.achievement(f"mc-{place}"))
        made.append(factories.handed_in(session, storage, district.teacher, version).number)
    session.commit()
    return made


def test_two_coaches_never_get_the_same_submission(
    session: Session, sessions: sessionmaker[Session], storage: Storage, district: District
) -> None:
    coaches = [actor(district.coach), actor(district.other_coach)]
    for number in _numbers(session, storage, district, 10):

        def claim(coach: Any, number: str = number) -> Callable[[Session], str]:
            def work(each: Session) -> str:
                reviews.claim(each, number=number, actor=coach, now=NOW)
                return "claimed"

            return work

        assert sorted(_at_once(sessions, *(claim(coach) for coach in coaches))) == ["already_claimed", "claimed"]
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Review)) == 10
    assert audit.check_chain(session).intact


def test_two_windows_that_save_at_once_lose_nothing(
    session: Session, sessions: sessionmaker[Session], district: District
) -> None:
    number = factories.draft(session, district.teacher, district.version).number
    session.commit()
    teacher = actor(district.teacher)
    for turn in range(10):

        def save(words: str, revision: int = turn) -> Callable[[Session], str]:
            def work(each: Session) -> str:
                submissions.save_draft(
                    each, number=number, answers={"context": words}, revision=revision, actor=teacher, now=NOW
                )
                return words

            return work

        texts = [f"window one, turn {turn}", f"window two, turn {turn}"]
        results = _at_once(sessions, *(save(text) for text in texts))
        (won,) = set(results) & set(texts)
        assert "stale_draft" in results
        session.expire_all()
        submission = session.execute(select(Submission)).unique().scalar_one()
        assert (submission.revision, submission.answers[0].text) == (turn + 1, won)
        # On SQLite even this look holds the write lock until it ends.
        session.rollback()


def test_starting_twice_at_once_makes_one_draft(
    session: Session, sessions: sessionmaker[Session], district: District
) -> None:
    version_id, teacher = district.version.id, actor(district.teacher)

    def start(each: Session) -> str:
        return submissions.start(each, version_id=version_id, actor=teacher, now=NOW).number

    assert len(set(_at_once(sessions, start, start, start))) == 1
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_taking_back_and_claiming_at_once_never_both(
    session: Session, sessions: sessionmaker[Session], storage: Storage, district: District
) -> None:
    teacher, coach = actor(district.teacher), actor(district.coach)
    for number in _numbers(session, storage, district, 6):

        def withdraw(each: Session, number: str = number) -> str:
            return submissions.withdraw(each, number=number, actor=teacher, now=NOW).state

        def claim(each: Session, number: str = number) -> str:
            reviews.claim(each, number=number, actor=coach, now=NOW)
            return "claimed"

        assert set(_at_once(sessions, withdraw, claim)) in ({"withdrawn", "not_found"}, {"wrong_state", "claimed"})


def test_deciding_twice_at_once_decides_once(
    session: Session, sessions: sessionmaker[Session], storage: Storage, district: District
) -> None:
    coach = actor(district.coach)
    for number in _numbers(session, storage, district, 6):
        submission = session.execute(select(Submission).where(Submission.number == number)).unique().scalar_one()
        reviews.claim(session, number=number, actor=coach, now=NOW)
        reviews.record(session, number=number, scores=factories.scores(submission), actor=coach, now=NOW)
        session.commit()

        def decide(outcome: reviews.Outcome, number: str = number) -> Callable[[Session], str]:
            def work(each: Session) -> str:
                return reviews.decide(
                    each, number=number, outcome=outcome, feedback="Well done.", actor=coach, now=NOW
                ).state

            return work

        results = _at_once(sessions, decide("approved"), decide("returned"))
        assert results.count("already_decided") == 1
        assert len({"approved", "returned"} & set(results)) == 1
        session.expire_all()


def test_the_same_import_at_once_is_one_import(
    session: Session, sessions: sessionmaker[Session], district: District
) -> None:
    here, admin = district.organisation.id, actor(district.admin)
    data = own.raw(own.FRAMEWORK_FILE)

    def take(each: Session) -> int:
        return len(frameworks.apply(each, organisation_id=here, data=data, actor=admin, now=NOW).changes)

    assert sorted(_at_once(sessions, take, take)) == [0, 1]

    def define(each: Session) -> int:
        items = [factories.achievement("at-once")]
        return len(
            definitions.apply_items(each, organisation_id=here, achievements=items, actor=admin, now=NOW).changes
        )

    assert sorted(_at_once(sessions, define, define)) == [0, 1]
    assert session.scalar(select(func.count()).select_from(FrameworkRow)) == 1
    assert session.scalar(select(func.count()).select_from(AchievementRow)) == 2


def test_publishing_at_once_publishes_once(
    session: Session, sessions: sessionmaker[Session], district: District
) -> None:
    version = factories.published(session, district.organisation, factories.achievement("one"), status="draft")
    session.commit()
    version_id, admin = version.id, actor(district.admin)

    def publish(each: Session) -> str:
        return definitions.publish(each, version_id=version_id, actor=admin, now=NOW).status

    assert sorted(_at_once(sessions, publish, publish)) == ["already_published", "published"]
    assert (
        session.scalar(
            select(func.count()).select_from(AchievementVersion).where(AchievementVersion.status == "published")
        )
        == 2
    )


def test_two_admins_who_remove_each_other_leave_one(
    session: Session, sessions: sessionmaker[Session], district: District
) -> None:
    here = district.organisation.id
    second = factories.person(session, district.organisation, "abe@lakeside.example", "admin")
    session.commit()
    pairs: Sequence[tuple[Any, Any]] = [(district.admin, second), (second, district.admin)]

    def remove(by: Any, whom: Any) -> Callable[[Session], str]:
        def work(each: Session) -> str:
            accounts.remove_member(each, user_id=whom.id, organisation_id=here, role="admin", actor=actor(by), now=NOW)
            return "removed"

        return work

    results = _at_once(sessions, *(remove(*pair) for pair in pairs))
    assert results.count("removed") == 1
    assert (
        session.scalar(
            select(func.count())
            .select_from(Membership)
            .where(Membership.organisation_id == here, Membership.role == "admin")
        )
        == 1
    )


def test_an_import_and_somebodys_work_do_not_lock_each_other_out(
    session: Session, sessions: sessionmaker[Session], district: District
) -> None:
    """The import holds its organisation and then wants the trail; the work holds the trail and then names the
    organisation in it. With a lock that is stronger than needed each would wait for the other."""
    here, admin, teacher = district.organisation.id, actor(district.admin), actor(district.teacher)
    data, version_id = own.raw(own.FRAMEWORK_FILE), district.version.id

    def take(each: Session) -> int:
        return len(frameworks.apply(each, organisation_id=here, data=data, actor=admin, now=NOW).changes)

    def start(each: Session) -> int:
        return len(submissions.start(each, version_id=version_id, actor=teacher, now=NOW).number)

    assert _at_once(sessions, take, start) == [1, 32]


def test_one_form_sent_twice_at_once_is_held_once(sessions: sessionmaker[Session], district: District) -> None:
    def hold(text: str) -> Callable[[Session], object]:
        return lambda session: unsent.hold(
            session, user_id=district.teacher.id, path="/submissions/1", fields={"answer-a": text}, now=NOW
        )

    results = _at_once(sessions, hold("first"), hold("second"))
    assert results == [True, True]
    with sessions() as session:
        found = unsent.held(session, user_id=district.teacher.id, path="/submissions/1", now=NOW)
    assert found in ({"answer-a": "first"}, {"answer-a": "second"})
