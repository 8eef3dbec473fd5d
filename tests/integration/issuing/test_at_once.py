"""Many at once: threads with sessions of their own, as the workers and the web processes have them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from issuer.db import unit_of_work
from issuer.models import Credential, StatusEntry, StatusList
from issuer.services import issuance, status
from tests import factories
from tests.integration.issuing.conftest import LATER, World
from verifier.formats import bitstring


def test_many_submissions_share_one_list_with_an_index_each(world: World, sessions: sessionmaker[Session]) -> None:
    ids = [world.approved(f"key-{number}").id for number in range(8)]
    world.session.commit()

    def issue(submission_id: int) -> int:
        with unit_of_work(sessions) as session:
            made = issuance.issue(
                session, world.keyring, world.own_output, world.addresses, world.storage, submission_id, LATER
            )
            session.flush()
            return made.id

    # Each one twice: whoever comes second gets what the first one made.
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(issue, [*ids, *ids]))
    assert len(set(made)) == 8
    assert world.session.scalar(select(func.count()).select_from(Credential)) == 8
    listed = world.session.scalars(select(StatusList)).one()
    assert listed.used == 8
    assert len(set(world.session.scalars(select(StatusEntry.position)))) == 8


def test_revocations_at_once_all_stand_in_the_list(world: World, sessions: sessionmaker[Session]) -> None:
    credentials = [world.issue(world.approved(f"key-{number}")) for number in range(6)]
    world.session.flush()
    ids, positions = [c.id for c in credentials], [c.status_entry.position for c in credentials]
    admin = factories.actor(world.admin)
    world.session.commit()

    def revoke(credential_id: int) -> None:
        with unit_of_work(sessions) as session:
            status.revoke(
                session, world.keyring, world.own_output, world.addresses, credential_id, "A mistake", admin, LATER
            )

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(revoke, ids[:5]))
    document = json.loads(world.session.scalars(select(StatusList.document)).one())
    bits = bitstring.decode(document["credentialSubject"]["encodedList"])
    assert [bitstring.get(bits, position) for position in positions] == [1, 1, 1, 1, 1, 0]
