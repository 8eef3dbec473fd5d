from __future__ import annotations

import threading
from datetime import datetime

from sqlalchemy import text, update
from sqlalchemy.orm import Session, sessionmaker

from issuer import audit
from issuer.db import unit_of_work
from issuer.models import AuditEvent


def _append(session: Session, number: int, now: datetime) -> AuditEvent:
    return audit.record(session, "command", None, None, "thing.change", f"thing:{number}", {"n": number}, now)


def test_events_are_chained(session: Session, now: datetime) -> None:
    first, second = _append(session, 1, now), _append(session, 2, now)
    session.commit()
    assert first.previous_hash == ""
    assert second.previous_hash == first.hash
    state = audit.check_chain(session)
    assert (state.intact, state.events, state.newest_hash) == (True, 2, second.hash)


def test_a_changed_event_shows(session: Session, now: datetime) -> None:
    events = [_append(session, number, now) for number in range(3)]
    session.commit()
    session.execute(update(AuditEvent).where(AuditEvent.id == events[1].id).values(details={"n": 99}))
    session.commit()
    session.expire_all()
    state = audit.check_chain(session)
    assert not state.intact
    assert state.broken_at == events[1].id


def test_an_event_left_out_shows(session: Session, now: datetime) -> None:
    events = [_append(session, number, now) for number in range(3)]
    session.commit()
    session.execute(text("DELETE FROM audit_events WHERE id = :id"), {"id": events[1].id})
    session.commit()
    session.expire_all()
    state = audit.check_chain(session)
    assert not state.intact
    assert state.broken_at == events[2].id


def test_writers_at_once_make_one_chain(sessions: sessionmaker[Session], now: datetime) -> None:
    errors: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(8):
                with unit_of_work(sessions) as session:
                    _append(session, writer * 100 + number, now)
        except BaseException as error:  # noqa: BLE001 - handed to the test, which fails on it
            errors.append(error)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with sessions() as session:
        state = audit.check_chain(session)
    assert (state.intact, state.events) == (True, 32)


def test_words_beyond_ascii_and_the_moment_survive_the_database(session: Session, now: datetime) -> None:
    audit.record(session, "user", None, None, "thing.change", "thing:ä", {"name": "Žofia “x” 😀", "n": 3}, now)
    session.commit()
    session.expire_all()
    assert audit.check_chain(session).intact
