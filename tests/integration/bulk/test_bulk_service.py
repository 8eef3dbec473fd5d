"""Bulk verifications as use cases: who may, what is kept, what is counted, what is forgotten."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import AuditEvent, BulkRow, BulkStatusList, BulkUploadPart, BulkVerification, SigningKey
from issuer.queries import verifications as queries
from issuer.services import bulk, bulk_receipt
from issuer.services.access import Actor
from tests.factories import NOW, actor
from verifier.batch import Kind, Row
from verifier.formats import json_text
from verifier.report import Verdict

LIST = ("https://school.example/status/1", "ab" * 32)
ROWS = [
    Row(1, "line 1", Verdict.VERIFIED, registry="this installation", status_lists=(LIST,)),
    Row(2, "=evil()\x00", Verdict.FAILED, "not_json", "It is not JSON.", status_lists=(LIST,)),
    Row(3, "line 3", Verdict.UNRECOGNISED, "issuer_not_recognised", "Not one that you named."),
]


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_who_may(session, agency, storage, hand_in) -> None:
    received = storage.receive(io.BytesIO(b"{}"), 100)
    options = {"file_name": "a.jsonl", "media_type": "", "now": NOW}
    for who in (actor(agency.teacher), actor(agency.stranger), Actor("api_key", organisation_id=10_000)):
        with pytest.raises(Forbidden):
            bulk.start(session, agency.organisation.id, received, actor=who, **options)
    received.file.close()
    number = hand_in(b"{}\n")
    assert bulk.seen(session, actor(agency.officer), number).kind == Kind.JSON_LINES
    key = Actor("api_key", organisation_id=agency.organisation.id, scopes=frozenset({bulk.SCOPE}))
    assert bulk.seen(session, key, number)
    with pytest.raises(NotFound):
        bulk.seen(session, Actor("api_key", organisation_id=agency.organisation.id), number)
    for who in (agency.teacher, agency.stranger):
        with pytest.raises(NotFound):
            bulk.seen(session, actor(who), number)
    with pytest.raises(NotFound):
        bulk.seen(session, actor(agency.officer), "nowhere")


@pytest.mark.parametrize(
    ("data", "name", "code"), [(b"{}", "a.json", "bulk_kind_unknown"), (b"", "a.csv", "bulk_empty")]
)
def test_what_cannot_be_taken(session, hand_in, data, name, code) -> None:
    with pytest.raises(Invalid) as caught:
        hand_in(data, name)
    assert caught.value.code == code
    session.rollback()
    assert count(session, BulkVerification) == 0


def test_not_too_many_at_once(session, hand_in) -> None:
    for _ in range(bulk.MAX_UNFINISHED):
        hand_in(b"{}\n")
    with pytest.raises(Conflict) as caught:
        hand_in(b"{}\n")
    assert caught.value.code == "bulk_too_many"


def test_the_upload_comes_back_as_it_was(session, agency, hand_in) -> None:
    data = bytes(range(256)) * 9000  # three parts
    number = hand_in(data, "badges.csv")
    job = bulk.seen(session, actor(agency.officer), number)
    assert count(session, BulkUploadPart) == 3
    with bulk.open_upload(session, job) as file:
        assert file.read() == data
    session.scalars(select(BulkUploadPart)).first().data = b"other"
    session.flush()
    with pytest.raises(bulk.UploadDamaged):
        bulk.open_upload(session, job)


def test_from_the_first_answer_to_the_receipt(session, runtime, agency, hand_in) -> None:
    number = hand_in(b"{}\n" * 3)
    tools = (runtime.keyring, runtime.verifier_for_own_output, runtime.addresses)
    registry = {"name": "this installation", "sha256": "cd" * 32}
    bulk.begin(session, number, [registry], NOW, NOW)
    bulk.store(session, number, 0, ROWS[:2], NOW)
    # Taken up by another worker, for which the moment stands.
    job = bulk.begin(session, number, [registry], NOW + timedelta(hours=1), NOW)
    assert job.moment == NOW
    with pytest.raises(bulk.OutOfStep):
        bulk.store(session, number, 0, ROWS[:2], NOW)
    bulk.store(session, number, 2, ROWS[2:], NOW)
    receipt = bulk_receipt.make(session, *tools, number, NOW)
    bulk.finish(session, number, receipt, NOW)
    session.commit()
    assert (job.state, job.done, job.verified, job.failed, job.undetermined, job.unrecognised) == (
        "done",
        3,
        1,
        1,
        0,
        1,
    )
    assert count(session, BulkUploadPart) == 0
    text = b"".join(queries.results(session, job))
    rows = list(csv.DictReader(io.StringIO(text.decode(), newline="")))
    assert [(row["number"], row["name"], row["verdict"], row["code"]) for row in rows] == [
        ("1", "line 1", "verified", ""),
        ("2", "'=evil()�", "failed", "not_json"),
        ("3", "line 3", "unrecognised", "issuer_not_recognised"),
    ]
    document = json_text.load_object(job.receipt)
    said = document["credentialSubject"]
    assert said["counts"] == {"verified": 1, "failed": 1, "undetermined": 0, "unrecognised": 1, "total": 3}
    assert said["input"] == {"sha256": job.sha256, "bytes": 9}
    assert said["results"] == {"sha256": queries.results_digest(session, job)}
    assert said["trustRegistries"] == [registry]
    assert said["statusLists"]["named"] == [{"url": LIST[0], "sha256": LIST[1]}]
    assert b"line 1" not in job.receipt
    # An agency that issues nothing has got a key for it, and another one has not.
    assert session.scalars(select(SigningKey.organisation_id)).all() == [agency.organisation.id]
    trail = select(AuditEvent.action).where(AuditEvent.action.startswith("bulk")).order_by(AuditEvent.id)
    assert session.scalars(trail).all() == [
        "bulk.start",
        "bulk.finish",
    ]
    with pytest.raises(bulk.OutOfStep):
        bulk.store(session, number, 3, ROWS, NOW)


def test_after_a_while_only_counts_and_the_receipt_are_left(session, runtime, hand_in) -> None:
    number, other = hand_in(b"{}\n" * 3), hand_in(b"{}\n")
    bulk.begin(session, number, [], NOW, NOW)
    bulk.store(session, number, 0, ROWS, NOW)
    tools = (runtime.keyring, runtime.verifier_for_own_output, runtime.addresses)
    bulk.finish(session, number, bulk_receipt.make(session, *tools, number, NOW), NOW)
    bulk.begin(session, other, [], NOW, NOW)
    assert bulk.forget(session, 30, NOW + timedelta(days=30)) == 0
    assert bulk.forget(session, 30, NOW + timedelta(days=31)) == 1
    assert bulk.forget(session, 30, NOW + timedelta(days=31)) == 0
    session.commit()
    assert (count(session, BulkRow), count(session, BulkStatusList)) == (0, 0)
    job = session.scalars(select(BulkVerification).where(BulkVerification.number == number)).one()
    session.refresh(job)
    assert (job.state, job.done, job.file_name, job.receipt is not None) == ("forgotten", 3, "", True)


def test_what_cannot_be_finished(session, hand_in) -> None:
    number = hand_in(b"{}\n")
    bulk.begin(session, number, [], NOW, NOW)
    job = bulk.give_up(session, number, "The key cannot sign.", NOW)
    session.commit()
    assert (job.state, job.problem, count(session, BulkUploadPart)) == ("failed", "The key cannot sign.", 0)
