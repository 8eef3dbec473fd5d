"""The rows behind sessions, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from issuer.config import Config
from issuer.db import unit_of_work
from issuer.errors import Conflict, NotFound
from issuer.jobs import worker
from issuer.models import AuditEvent, DidChallenge, UnsentForm, User, UserSession
from issuer.queries import user_sessions as queries
from issuer.queries.user_sessions import Lifetime
from issuer.runtime import Runtime, build_runtime
from issuer.services import unsent, user_sessions
from issuer.services.access import Actor
from tests.integration.conftest import District

LIFETIME = Lifetime(idle=timedelta(hours=12), total=timedelta(days=30))


@pytest.fixture
def runtime(config: Config) -> Iterator[Runtime]:
    made = build_runtime(config)
    yield made
    made.close()


def begin(session: Session, user: User, now: datetime, client: str = "Firefox on Linux") -> tuple[UserSession, str]:
    return user_sessions.begin(session, user_id=user.id, client=client, remembered=False, actor=Actor.of(user), now=now)


def test_a_session_is_found_by_its_token_until_it_is_renewed_or_has_run_out(
    session: Session, district: District, now: datetime
) -> None:
    made, token = begin(session, district.teacher, now)
    assert queries.by_token(session, token, LIFETIME, now + timedelta(hours=11)) == (district.teacher, made)
    assert queries.by_token(session, token, LIFETIME, now + timedelta(hours=12)) is None
    assert queries.by_token(session, made.token_sha256, LIFETIME, now) is None
    newer = user_sessions.renew(session, number=made.number)
    assert queries.by_token(session, token, LIFETIME, now) is None
    assert queries.by_token(session, newer, LIFETIME, now) == (district.teacher, made)
    user_sessions.touch(session, number=made.number, now=now + timedelta(hours=1))
    assert queries.by_token(session, newer, LIFETIME, now + timedelta(hours=12)) is not None


def test_a_person_has_a_bounded_number_of_sessions(
    session: Session, district: District, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_sessions, "MAX_SESSIONS", 3)
    begin(session, district.coach, now, "the coach's")
    for index in range(5):
        begin(session, district.teacher, now + timedelta(minutes=index), str(index))
    there = session.scalars(select(UserSession.client).order_by(UserSession.id)).all()
    assert there == ["the coach's", "2", "3", "4"]


def test_only_ones_own_sessions_end(session: Session, district: District, now: datetime) -> None:
    made, _ = begin(session, district.teacher, now)
    with pytest.raises(NotFound):
        user_sessions.end(session, number=made.number, actor=Actor.of(district.coach), now=now)
    user_sessions.sign_out(session, number=made.number, actor=Actor.of(district.coach), now=now)
    assert user_sessions.end_others(session, keep=None, actor=Actor.of(district.coach), now=now) == 0
    user_sessions.end(session, number=made.number, actor=Actor.of(district.teacher), now=now)
    with pytest.raises(NotFound):
        user_sessions.renew(session, number=made.number)


def test_what_has_run_out_is_swept_and_nothing_else(session: Session, district: District, now: datetime) -> None:
    begin(session, district.teacher, now - timedelta(days=1))
    kept, _ = begin(session, district.teacher, now)
    remembered, _ = user_sessions.begin(
        session,
        user_id=district.coach.id,
        client="Chrome",
        remembered=True,
        actor=Actor.of(district.coach),
        now=now - timedelta(days=29),
    )
    assert user_sessions.forget_expired(session, lifetime=LIFETIME, now=now) == 1
    assert set(session.scalars(select(UserSession.id))) == {kept.id, remembered.id}


def test_sign_ins_and_passwords_leave_events_without_organisation(
    session: Session, district: District, now: datetime
) -> None:
    made, _ = begin(session, district.teacher, now)
    begin(session, district.teacher, now)
    actor = Actor.of(district.teacher)
    user_sessions.password_changed(session, keep=made.number, reset=False, actor=actor, now=now)
    user_sessions.sign_out(session, number=made.number, actor=actor, now=now)
    user_sessions.sign_out(session, number=made.number, actor=actor, now=now)
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(4)).all()
    assert [each.action for each in reversed(events)] == [
        *("user.sign_in", "user.sign_in", "user.password_change", "user.sign_out")
    ]
    assert {each.organisation_id for each in events} == {None}
    assert events[1].details == {"sessions_ended": 1}


def test_text_held_after_a_session_ended_stayed_until_somebody_else_sent_some(
    session: Session, district: District, runtime: Runtime, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The privacy page says "at most fourteen days". A worker sees to it, whoever comes or not."""
    monkeypatch.setattr(worker, "sweep", lambda _runtime: 0)
    monkeypatch.setattr(worker.DBOS, "list_workflows", lambda **_: [])
    monkeypatch.setattr(worker.DBOS, "executor_id", "tests")
    late = runtime.clock()
    unsent.hold(session, user_id=district.teacher.id, path="/old", fields={"a": "b"}, now=late - timedelta(days=15))
    session.add(UnsentForm(user_id=district.coach.id, path="/new", fields={}, saved_at=late - timedelta(days=13)))
    for user, expires_at in (
        (district.teacher, late - timedelta(hours=1)),
        (district.coach, late + timedelta(hours=1)),
    ):
        challenge = f"of {user.email}"
        session.add(DidChallenge(user_id=user.id, did="did:key:z6Mk", challenge=challenge, expires_at=expires_at))
    session.commit()
    worker._sweep(runtime)
    assert session.scalars(select(UnsentForm.path)).all() == ["/new"]
    assert session.scalars(select(DidChallenge.user_id)).all() == [district.coach.id]


def test_a_password_counts_for_its_session_its_browser_and_a_time(
    session: Session, district: District, now: datetime
) -> None:
    mine, _ = begin(session, district.teacher, now)
    other, _ = begin(session, district.teacher, now)
    lately = timedelta(minutes=15)
    assert not user_sessions.is_confirmed(mine, proof="", within=lately, now=now)
    first = user_sessions.confirm(session, number=mine.number, now=now)
    session.refresh(mine)
    assert user_sessions.is_confirmed(mine, proof=first, within=lately, now=now + timedelta(minutes=14))
    assert not user_sessions.is_confirmed(mine, proof=first, within=lately, now=now + timedelta(minutes=15))
    assert not user_sessions.is_confirmed(mine, proof="", within=lately, now=now)
    assert not user_sessions.is_confirmed(other, proof=first, within=lately, now=now)
    second = user_sessions.confirm(session, number=mine.number, now=now)
    session.refresh(mine)
    assert not user_sessions.is_confirmed(mine, proof=first, within=lately, now=now)
    assert user_sessions.is_confirmed(mine, proof=second, within=lately, now=now)
    user_sessions.end(session, number=mine.number, actor=Actor.of(district.teacher), now=now)
    with pytest.raises(NotFound):
        user_sessions.confirm(session, number=mine.number, now=now)


def test_no_sign_in_with_the_old_password_outlives_its_change(
    session: Session, sessions: sessionmaker[Session], district: District, now: datetime
) -> None:
    """The sign-in looked at the password before the change and begins while it is being written."""
    teacher, refused = district.teacher, []
    teacher.password = "old hash"
    session.commit()

    def sign_in() -> None:
        try:
            with unit_of_work(sessions) as late:
                user_sessions.require_password(late, user_id=teacher.id, password_hash="old hash")
                begin(late, teacher, now)
        except Conflict as error:
            refused.append(error.code)

    thread = threading.Thread(target=sign_in)
    with unit_of_work(sessions) as changing:
        changing.execute(update(User).where(User.id == teacher.id).values(password="new hash"))
        user_sessions.password_changed(changing, keep=None, reset=False, actor=Actor.of(teacher), now=now)
        thread.start()
    thread.join()
    assert refused == ["password_changed"]
    assert session.scalars(select(UserSession)).all() == []
    user_sessions.require_password(session, user_id=teacher.id, password_hash="new hash")
    session.execute(update(User).where(User.id == teacher.id).values(active=False))
    with pytest.raises(Conflict):
        user_sessions.require_password(session, user_id=teacher.id, password_hash="new hash")
