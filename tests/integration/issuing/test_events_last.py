"""The trail is one chain for the whole installation: whoever has appended to it holds up everybody else until their
transaction ends. So nothing is locked, written or signed after the first event."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from issuer import audit
from issuer.db import unit_of_work
from issuer.models import Credential
from issuer.services import key_revocation, member_records, reissuing, sharing
from issuer.signing import Keyring
from tests import factories
from tests.integration.issuing.conftest import LATER, World


@contextmanager
def _watched(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is locked, written or signed after an event, in the transactions of this block."""
    late: list[str] = []
    appended: list[bool] = []
    engine: Any = world.session.get_bind()

    def statement(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if "INSERT INTO audit_events" in sql or "pg_advisory" in sql:
            appended.append(True)
        elif appended and (not sql.startswith(("SELECT", "SAVEPOINT", "RELEASE")) or "FOR NO KEY UPDATE" in sql):
            late.append(sql)

    def commit(_connection: Any) -> None:
        appended.clear()

    whole = Keyring.signer

    def signer(self: Keyring, *arguments: Any) -> Any:
        if appended:
            late.append("a signature")
        return whole(self, *arguments)

    monkeypatch.setattr(Keyring, "signer", signer)
    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield late
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def _until_mails(world: World, number: str) -> None:
    while True:
        stage = reissuing.work(world.session, world.keyring, world.own_output, world.addresses, number, LATER)
        world.session.commit()
        if stage == "mails":
            return


def _revoke(world: World) -> None:
    key_revocation.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        world.organisation.id,
        "",
        "compromised",
        factories.actor(world.admin),
        LATER,
    )
    world.session.commit()


def _key_was_stolen(world: World) -> None:
    _revoke(world)
    job = reissuing.start_for_keys(
        world.session, organisation_id=world.organisation.id, actor=factories.actor(world.admin), now=LATER
    )
    assert job is not None
    world.session.commit()
    _until_mails(world, job.number)


def _name_was_corrected(world: World) -> None:
    named: dict[str, Any] = {
        "organisation_id": world.organisation.id,
        "user_id": world.teacher.id,
        "actor": factories.actor(world.admin),
        "now": LATER,
    }
    member_records.set_record(world.session, name="Amara Bell", **named)
    world.session.commit()
    job = reissuing.start_for_person(world.session, **named)
    assert job is not None
    world.session.commit()
    _until_mails(world, job.number)


@pytest.mark.parametrize("story", [_key_was_stolen, _name_was_corrected])
def test_nothing_waits_or_signs_while_everybody_waits_for_the_chain(
    world: World, monkeypatch: pytest.MonkeyPatch, story: Callable[[World], None]
) -> None:
    for number in range(2):
        world.issue(world.approved(f"key-{number}"))
    world.session.commit()
    with _watched(world, monkeypatch) as late:
        story(world)
    assert late == []
    current = world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None))).all()
    assert all(each.replaces_id for each in current)
    assert audit.check_chain(world.session).intact


def test_a_teacher_who_shares_meanwhile_meets_no_deadlock(world: World, sessions: sessionmaker[Session]) -> None:
    """The teacher held the badge's row and waited for the chain; the job held the chain and waited for the row."""
    numbers = [world.issue(world.approved(f"key-{number}")).number for number in range(4)]
    world.session.commit()
    teacher, ended = factories.actor(world.teacher), Event()
    world.session.rollback()

    def share_and_hide(number: str) -> int:
        rounds = 0
        while not ended.is_set() or not rounds:
            for use_case in (sharing.unshare, sharing.share):
                with unit_of_work(sessions) as session:
                    use_case(session, number, teacher, LATER)
            rounds += 1
        return rounds

    with ThreadPoolExecutor(len(numbers)) as pool:
        sharers = [pool.submit(share_and_hide, number) for number in numbers]
        try:
            _key_was_stolen(world)
        finally:
            ended.set()
        assert all(each.result() for each in sharers)
    world.session.rollback()
    current = world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None))).all()
    # Each was shared last, and the one that counts is.
    assert [each.shared_at for each in current] == [LATER] * len(numbers)
    assert audit.check_chain(world.session).intact
