"""The promise of the durable job: whatever dies, each credential gets one answer, and there is one receipt."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.db import reading
from issuer.jobs import migrate, sweep, verifying, working
from issuer.models import BulkRow, BulkVerification
from issuer.queries import credentials
from issuer.runtime import Runtime
from issuer.services import publishing
from issuer.signing.securing import encode
from tests.integration.workers import PATIENCE, until, worker
from tests.simulator import ISSUED, VCDM, TestSigner, World
from verifier import Documents, TrustedIssuers, Verifier, proofs
from verifier.resolvers import did_web_url

_worker = partial(worker, "tests.integration.bulk.worker_process")


def _job(runtime: Runtime, number: str) -> BulkVerification:
    """The job as it stands, read without holding SQLite's write lock, which the worker needs for its heartbeat."""
    with reading(runtime.sessions) as session:
        return session.scalars(select(BulkVerification).where(BulkVerification.number == number)).one()


def _ended(runtime: Runtime, number: str) -> BulkVerification:
    until(lambda: _job(runtime, number).finished_at is not None)
    return _job(runtime, number)


def _each_once(session: Session, job: BulkVerification, count: int) -> None:
    assert (job.state, job.done, job.problem) == ("done", count, "")
    assert (job.unrecognised, job.failed) == (count - count // 3, count // 3)
    numbers = session.scalars(select(BulkRow.number).order_by(BulkRow.number)).all()
    assert numbers == list(range(1, count + 1))


def test_a_file_becomes_answers_and_a_receipt(session, config, runtime: Runtime, hand_in, lines) -> None:
    migrate(config)
    number = hand_in(lines(30))
    with working(runtime, polling_seconds=0.1):
        runtime.enqueue.verify(number)
        job = _ended(runtime, number)
        assert sweep(runtime) == 0
    _each_once(session, job, 30)
    # Anybody can check the receipt with the organisation's public document.
    organisation = credentials.organisation_by_slug(session, "state")
    document = encode(publishing.organisation_did_document(session, runtime.addresses, organisation))
    did = runtime.addresses.organisation_did("state")
    report = Verifier(Documents({did_web_url(did): document})).verify(job.receipt, TrustedIssuers(did))
    assert report.verified, report.problems


@pytest.mark.parametrize("crash", ["uncommitted", "committed"])
def test_kill_9_in_the_middle_and_a_restart(session, config, runtime: Runtime, hand_in, lines, crash) -> None:
    number = hand_in(lines(30))
    migrate(config)
    with _worker(config, crash) as doomed:
        runtime.enqueue.verify(number)
        assert doomed.wait(PATIENCE) == -signal.SIGKILL
    with _worker(config) as survivor:
        job = _ended(runtime, number)
    assert survivor.returncode == 0
    _each_once(session, job, 30)


def test_a_file_that_was_never_handed_over_is_found(session, config, runtime: Runtime, hand_in, lines) -> None:
    migrate(config)
    number = hand_in(lines(5))
    with working(runtime, polling_seconds=0.1):
        assert sweep(runtime) == 1
        job = _ended(runtime, number)
    _each_once(session, job, 5)


def test_a_worker_that_is_stopped_leaves_the_rest_to_the_next(
    session, config, runtime: Runtime, hand_in, lines: Callable[[int], bytes], monkeypatch
) -> None:
    monkeypatch.setattr(verifying, "PIECE_ROWS", 2)
    migrate(config)
    number = hand_in(lines(3000))
    with working(runtime, polling_seconds=0.1):
        runtime.enqueue.verify(number)
        until(lambda: _job(runtime, number).done >= 4)
    monkeypatch.setattr(verifying, "PIECE_ROWS", 500)
    job = _job(runtime, number)
    assert job.state == "running"
    assert 4 <= job.done < 3000
    with working(runtime, polling_seconds=0.1):
        sweep(runtime)
        job = _ended(runtime, number)
    _each_once(session, job, 3000)


def test_what_cannot_be_read_is_said(session, config, runtime: Runtime, hand_in) -> None:
    migrate(config)
    number = hand_in(b"name,school\nAda,North\n", "badges.csv")
    with working(runtime, polling_seconds=0.1):
        runtime.enqueue.verify(number)
        job = _ended(runtime, number)
    assert (job.state, job.done, job.failed) == ("done", 1, 1)
    assert session.scalars(select(BulkRow.code)).all() == ["csv_without_column"]


def test_a_stolen_badge_is_counted_as_no_verified_one(session, config, runtime: Runtime, hand_in) -> None:
    """A presentation by a throw-away key: its row, the counts and the receipt say that the answer is open."""
    school, thief, owner = World().issuer("did:key"), TestSigner("thief"), TestSigner("owner")
    badge = school.badge()
    badge["credentialSubject"]["id"] = owner.did
    shown = {
        "@context": [VCDM],
        "type": ["VerifiablePresentation"],
        "holder": thief.did,
        "verifiableCredential": [json.loads(school.sign(badge))],
    }
    migrate(config)
    number = hand_in(json.dumps(proofs.secure(shown, thief, ISSUED, purpose="authentication")).encode())
    with working(runtime, polling_seconds=0.1):
        runtime.enqueue.verify(number)
        job = _ended(runtime, number)
    row = session.scalars(select(BulkRow)).one()
    assert (row.verdict, row.code, row.recognised_by) == ("undetermined", "holder_not_subject", "")
    receipt = json.loads(job.receipt)["credentialSubject"]
    assert '"verified": 0' in json.dumps(receipt)
    assert '"undetermined": 1' in json.dumps(receipt)
