"""`reading`: pages that only show never wait for a writer, and cannot write."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from issuer.db import reading, unit_of_work
from issuer.models import Role


def test_a_reader_does_not_wait_for_a_writer(sessions: sessionmaker[Session], now: datetime) -> None:
    with unit_of_work(sessions) as writer:
        writer.add(Role(name="waiting"))
        writer.flush()
        with reading(sessions) as reader:
            assert reader.execute(select(Role)).scalars().all() == []


def test_a_reader_cannot_write(sessions: sessionmaker[Session]) -> None:
    with reading(sessions) as reader:
        reader.add(Role(name="sneaky"))
        with pytest.raises(DBAPIError):
            reader.flush()
    with unit_of_work(sessions) as writer:
        writer.add(Role(name="allowed again"))


def test_a_unit_of_work_that_fails_leaves_nothing(sessions: sessionmaker[Session]) -> None:
    def work() -> None:
        with unit_of_work(sessions) as session:
            session.add(Role(name="half"))
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        work()
    with reading(sessions) as reader:
        assert reader.execute(select(Role)).scalars().all() == []
