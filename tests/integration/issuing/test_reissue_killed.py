"""Signing awards again survives kill -9 anywhere: every award ends with one current credential, and nobody without a
mail."""

from __future__ import annotations

import signal
from email import message_from_bytes

import pytest
from sqlalchemy import func, select

from issuer import audit
from issuer.config import Config
from issuer.credentials.addresses import Addresses
from issuer.models import Credential, Reissue
from issuer.services import key_revocation
from issuer.storage import Storage
from tests import factories
from tests.integration.issuing.conftest import LATER, World
from tests.integration.workers import PATIENCE, until, worker

AWARDS = 5
_PROCESS = "tests.integration.issuing.reissue_process"


@pytest.fixture
def storage(config: Config) -> Storage:
    return Storage(config.storage_url)


@pytest.fixture
def revoked(world: World, config: Config) -> World:
    """Five awards of two teachers, and the key that signed them revoked."""
    world.addresses = Addresses(config.base_url)
    second = factories.person(world.session, world.organisation, "tomas@lakeside.example", "teacher")
    for number in range(AWARDS):
        world.issue(world.approved(f"key-{number}", second if number % 2 else None))
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
    return world


def _done(world: World) -> bool:
    finished = world.session.scalar(select(Reissue.finished_at))
    world.session.rollback()
    return finished is not None


def _each_award_once(world: World, config: Config) -> None:
    world.session.rollback()
    current = world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None))).all()
    assert len(current) == AWARDS
    assert all(each.replaces_id and each.announced_at and each.key.revoked_at is None for each in current)
    assert world.session.scalar(select(func.count()).select_from(Credential)) == 2 * AWARDS
    mails = [message_from_bytes(path.read_bytes()) for path in (config.var / "mail").glob("*.eml")]
    assert {each["To"] for each in mails} == {"teacher@lakeside.example", "tomas@lakeside.example"}
    text = "".join(str(each.get_payload(decode=True)) for each in mails)
    assert all(each.number in text for each in current)
    assert audit.check_chain(world.session).intact


@pytest.mark.parametrize("crash", ["uncommitted", "committed", "mail"])
def test_kill_9_while_signing_again_makes_no_double_award(revoked: World, config: Config, crash: str) -> None:
    with worker(_PROCESS, config, crash) as doomed:
        assert doomed.wait(PATIENCE) == -signal.SIGKILL
    assert not _done(revoked)
    with worker(_PROCESS, config) as survivor:
        assert survivor.wait(PATIENCE) == 0
    assert _done(revoked)
    _each_award_once(revoked, config)


def test_a_worker_finishes_what_a_killed_command_began(revoked: World, config: Config) -> None:
    with worker(_PROCESS, config, "uncommitted") as doomed:
        assert doomed.wait(PATIENCE) == -signal.SIGKILL
    with worker("tests.integration.issuing.worker_process", config):
        until(lambda: _done(revoked))
    _each_award_once(revoked, config)
