"""Awards are signed again while pages are read, keys are stolen one after the other, and mailboxes are gone."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from issuer.models import Credential, Reissue
from issuer.queries import credentials as queries
from issuer.queries import retiring
from issuer.services import key_revocation, reissuing
from tests import factories
from tests.integration.issuing.conftest import LATER, World

STOLEN = LATER + timedelta(days=30)


def revoke(world: World, key: str = "") -> key_revocation.Revocation:
    return key_revocation.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        world.organisation.id,
        key,
        "compromised",
        factories.actor(world.admin),
        STOLEN,
    )


def start(world: World) -> Reissue:
    job = reissuing.start_for_keys(
        world.session, organisation_id=world.organisation.id, actor=factories.actor(world.admin), now=STOLEN
    )
    assert job is not None
    return job


def work(world: World, job: Reissue) -> str:
    return reissuing.work(world.session, world.keyring, world.own_output, world.addresses, job.number, STOLEN)


def sign_all(world: World) -> Reissue:
    """Everything but the mails."""
    job = start(world)
    while work(world, job) not in ("mails", "done"):
        pass
    return job


def test_a_teachers_page_links_the_badge_that_verifies(world: World) -> None:
    """It linked whichever row the database gave last: now and then the one whose key is distrusted."""
    old = world.issue(world.approved())
    revoke(world)
    sign_all(world)
    new = queries.of_submission(world.session, old.submission_id)
    assert new is not None
    assert new.id != old.id
    # The database is free in its order: here the older row comes last.
    world.session.execute(update(Credential).where(Credential.id == new.id).values(replaces_id=None))
    world.session.execute(update(Credential).where(Credential.id == old.id).values(id=new.id + 1000))
    assert queries.numbers_of(world.session, [old.submission_id]) == {old.submission_id: new.number}


def test_a_badge_signed_twice_is_counted_once_when_a_microcredential_is_retired(world: World) -> None:
    old = world.issue(world.approved())
    revoke(world)
    sign_all(world)
    assert retiring.work_on(world.session, old.submission.version_id).credentials == 1
