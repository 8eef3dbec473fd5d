"""Who is gone, as another worker sees it: by watching, never by comparing clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from issuer.jobs.takeover import GAP_SECONDS, GONE_SECONDS, Watch
from issuer.jobs.worker import worker_id
from issuer.services.heartbeat import ENDED

THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
STEP = 10.0


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def look(watch: Watch, clock: Clock, beats: list[datetime], step: float = STEP) -> list[set[str]]:
    found = []
    for at in beats:
        clock.now += step
        found.append(set(watch.gone({"other": at})))
    return found


def test_two_workers_on_one_machine_have_names_of_their_own() -> None:
    assert len({worker_id() for _ in range(10)}) == 10
    assert len(worker_id()) <= 100


def test_one_that_is_silent_is_gone(clock: Clock) -> None:
    rounds = int(GONE_SECONDS // STEP) + 2
    found = look(Watch(clock), clock, [THEN] * rounds)
    assert found[-1] == {"other"}
    assert found[: int(GONE_SECONDS // STEP)] == [set()] * int(GONE_SECONDS // STEP)


@pytest.mark.parametrize("hours", [-9, 0, 9])
def test_one_that_is_alive_is_never_gone_whatever_its_clock_says(clock: Clock, hours: int) -> None:
    beats = [THEN + timedelta(hours=hours, seconds=number) for number in range(100)]
    assert look(Watch(clock), clock, beats) == [set()] * 100


def test_a_database_that_was_locked_for_everybody_makes_nobody_gone(clock: Clock) -> None:
    watch = Watch(clock)
    assert look(watch, clock, [THEN] * 4) == [set()] * 4
    clock.now += GAP_SECONDS + GONE_SECONDS
    assert look(watch, clock, [THEN]) == [set()]
    assert look(watch, clock, [THEN + timedelta(seconds=1)] * 3) == [set()] * 3


def test_one_that_said_it_ends_is_gone_at_once(clock: Clock) -> None:
    assert look(Watch(clock), clock, [ENDED]) == [{"other"}]
