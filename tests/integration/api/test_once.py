"""A writing request that is sent twice with one Idempotency-Key does its work once."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from issuer.api import once
from issuer.api.once import REPLAYED
from issuer.db import unit_of_work
from issuer.errors import Conflict, Invalid
from issuer.models import ApiKey, AuditEvent, EvidenceItem, IdempotentRequest, Submission
from issuer.runtime import Runtime
from issuer.services import idempotency, submissions
from tests import factories
from tests.factories import NOW, PDF
from tests.integration.api.conftest import Ask, body
from tests.integration.conftest import District

KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


def count(session: Session, model: type) -> int:
    """How many rows there are. Lets go of the database: on SQLite one writer holds up all others."""
    found = session.scalar(select(func.count()).select_from(model)) or 0
    session.commit()
    return found


def start(ask: Ask, member: str, headers: dict[str, str] = KEY, key: str = "check-understanding") -> Any:
    return ask("POST", "/submissions", member=member, json={"key": key}, headers=headers)


def test_sent_twice_done_once_answered_alike(ask: Ask, district: District, session: Session) -> None:
    member = district.teacher.email
    first = start(ask, member)
    number = body(first)["number"]
    assert (first.status_code, REPLAYED in first.headers) == (201, False)
    withdrawn = ask("POST", f"/submissions/{number}/withdraw", member=member)
    assert withdrawn.status_code == 200
    again = start(ask, member)
    assert (again.status_code, again.data, again.headers[REPLAYED]) == (201, first.data, "true")
    assert again.content_type == first.content_type
    assert count(session, Submission) == 1


def test_every_address_that_writes_documents_the_header(app: Flask) -> None:
    spec = app.test_client().get("/api/openapi.json").get_json()
    writing = {
        (path, method): operation
        for path, item in spec["paths"].items()
        for method, operation in item.items()
        if method.upper() in once.WRITING and path != "/api/v1/verify"
    }
    assert len(writing) > 15
    for where, operation in writing.items():
        names = [each["name"] for each in operation.get("parameters", [])]
        assert names.count("Idempotency-Key") == 1, where


def test_another_request_with_the_same_key_is_refused(ask: Ask, district: District) -> None:
    assert start(ask, district.teacher.email).status_code == 201
    for other in (
        start(ask, district.teacher.email, key="something-else"),
        start(ask, district.coach.email),
        ask("POST", "/consents", json={"email": district.teacher.email}, headers=KEY),
    ):
        assert (other.status_code, body(other)["code"]) == (422, "idempotency_key_reused")


def test_a_request_that_was_refused_may_be_sent_again(ask: Ask, district: District, session: Session) -> None:
    member = district.teacher.email
    number = body(start(ask, member, {}))["number"]
    refused = ask("POST", f"/submissions/{number}/submit", member=member, json={}, headers=KEY)
    assert (refused.status_code, body(refused)["code"]) == (422, "incomplete")
    assert count(session, IdempotentRequest) == 0
    again = ask("POST", f"/submissions/{number}/submit", member=member, json={}, headers=KEY)
    assert (again.status_code, REPLAYED in again.headers) == (422, False)


@pytest.mark.parametrize("value", ["", '""', "x" * 256, "a\tb"])
def test_a_malformed_key_is_refused(ask: Ask, district: District, value: str) -> None:
    answer = start(ask, district.teacher.email, {"Idempotency-Key": value})
    assert (answer.status_code, body(answer)["code"]) == (400, "idempotency_key_invalid")


def test_an_upload_sent_again_with_another_boundary_is_the_same(ask: Ask, district: District, session: Session) -> None:
    member = district.teacher.email
    number = body(start(ask, member, {}))["number"]

    def send(data: bytes) -> Any:
        return ask(
            "POST",
            f"/submissions/{number}/files?artifactKey=lesson-plan",
            member=member,
            headers=KEY,
            data={"file": (io.BytesIO(data), "plan.pdf", "application/pdf")},
        )

    large = PDF + b"\x00" * 300_000
    first, again = send(large), send(large)
    assert (first.status_code, again.status_code, again.headers.get(REPLAYED)) == (201, 201, "true")
    assert count(session, EvidenceItem) == 1
    other = send(large + b"1")
    assert (other.status_code, body(other)["code"]) == (422, "idempotency_key_reused")


def test_the_boundary_is_taken_out_wherever_a_piece_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(once, "_PIECE", 7)
    for boundary in (b"x", b"xyz", b"0123456789abcdef"):
        content = b"--" + boundary + b"\r\nwords" + boundary + b"--" + boundary
        assert b"".join(once._without(boundary, io.BytesIO(content))) == content.replace(boundary, b"")


def test_a_raw_body_reaches_the_view_unchanged(ask: Ask, district: District) -> None:
    send = {"data": b"nothing", "headers": KEY}
    for _ in range(2):
        assert body(ask("POST", "/achievements/import", **send))["code"] == "import_refused"
    csv = b"url\nhttps://badges.example.org/1\n"
    first = ask("POST", "/verifications", data=csv, content_type="text/csv", headers=KEY)
    again = ask("POST", "/verifications", data=csv, content_type="text/csv", headers=KEY)
    assert (first.status_code, again.data) == (202, first.data)
    assert again.headers["Location"] == first.headers["Location"]


def test_the_work_is_handed_over_once(ask: Ask, session: Session, district: District, runtime: Runtime) -> None:
    csv = b"url\nhttps://badges.example.org/1\n"
    for _ in range(2):
        ask("POST", "/verifications", data=csv, content_type="text/csv", headers=KEY)
    assert len(runtime.enqueue.found) == 1  # type: ignore[attr-defined]  # the fixture's stand-in


def test_neither_key_nor_secret_is_stored(ask: Ask, district: District, session: Session) -> None:
    start(ask, district.teacher.email)
    row = session.scalars(select(IdempotentRequest)).one()
    held = [str(getattr(row, column.key)) for column in IdempotentRequest.__table__.columns]
    assert not [text for text in held if "8e03978e" in text or "bw_" in text]


def test_two_at_once_one_does_the_work(app: Flask, ask: Ask, district: District, monkeypatch: Any) -> None:
    """While the first one works, the second one is refused with 409; afterwards it gets the first one's answer."""
    working, go_on = threading.Event(), threading.Event()
    real = submissions.start

    def slow(*args: Any, **kwargs: Any) -> Any:
        working.set()
        assert go_on.wait(30)
        return real(*args, **kwargs)

    monkeypatch.setattr(submissions, "start", slow)
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(start(ask, district.teacher.email)))
    thread.start()
    try:
        assert working.wait(30)
        # The row of the first one is committed before its work begins, so that this one does not wait for it.
        if app.extensions["badgewright"].engine.dialect.name == "postgresql":
            waiting = start(ask, district.teacher.email)
            assert (waiting.status_code, body(waiting)["code"]) == (409, "idempotency_in_progress")
    finally:
        go_on.set()
        thread.join()
    monkeypatch.setattr(submissions, "start", real)
    again = start(ask, district.teacher.email)
    assert (again.data, again.headers[REPLAYED]) == (answers[0].data, "true")


def test_an_effect_that_was_not_committed_has_no_answer(
    ask: Ask, district: District, session: Session, monkeypatch: Any
) -> None:
    """The answer is written in the transaction of the effect: what breaks one breaks both."""

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(idempotency, "store", broken)
    with pytest.raises(KeyboardInterrupt):
        start(ask, district.teacher.email)
    monkeypatch.undo()
    assert count(session, Submission) == 0
    row = session.scalars(select(IdempotentRequest)).one()
    assert row.status is None
    session.commit()
    waiting = start(ask, district.teacher.email)
    assert (waiting.status_code, body(waiting)["code"]) == (409, "idempotency_in_progress")
    row.lease_ends_at = NOW
    session.commit()
    assert start(ask, district.teacher.email).status_code == 201


def key_id(session: Session, new_key: Callable[..., str]) -> int:
    prefix = new_key().split("_")[1]
    found = session.scalars(select(ApiKey.id).where(ApiKey.prefix == prefix)).one()
    session.commit()
    return found


def test_a_lease_that_ran_out_is_taken_over_and_the_slow_one_loses_its_effect(
    sessions: sessionmaker[Session], session: Session, district: District, new_key: Callable[..., str]
) -> None:
    api_key_id = key_id(session, new_key)

    def claim(now: Any) -> Any:
        with unit_of_work(sessions) as other:
            return idempotency.claim(other, api_key_id=api_key_id, key="k", fingerprint="f" * 64, now=now)

    slow = claim(NOW)
    with pytest.raises(Conflict):
        claim(NOW + idempotency.LEASE - timedelta(seconds=1))
    taken = claim(NOW + idempotency.LEASE)
    assert isinstance(taken, idempotency.Claim)

    def finish_late() -> None:
        with unit_of_work(sessions) as other:
            factories.draft(other, other.merge(district.teacher), other.merge(district.version))
            idempotency.store(other, slow, status=201, headers={}, body=b"{}", now=NOW)

    with pytest.raises(Conflict):
        finish_late()
    with unit_of_work(sessions) as other:
        assert other.scalar(select(func.count()).select_from(Submission)) == 0
        assert not other.scalars(select(AuditEvent).where(AuditEvent.action == "submission.start")).all()
        idempotency.store(other, taken, status=201, headers={}, body=b"{}", now=NOW)
    assert isinstance(claim(NOW + idempotency.LEASE), idempotency.Answer)


def test_answers_are_forgotten_after_a_day_and_bounded(
    session: Session, district: District, new_key: Callable[..., str], monkeypatch: Any
) -> None:
    api_key_id = key_id(session, new_key)
    monkeypatch.setattr(idempotency, "MAX_ROWS", 2)

    def claim(key: str, now: Any = NOW) -> Any:
        return idempotency.claim(session, api_key_id=api_key_id, key=key, fingerprint="f" * 64, now=now)

    first = claim("one")
    idempotency.store(session, first, status=201, headers={}, body=b"x" * 10, now=NOW)
    claim("two")
    with pytest.raises(idempotency.TooManyKeys):
        claim("three")
    later = NOW + idempotency.KEEP
    assert isinstance(claim("one", later), idempotency.Claim)
    idempotency.sweep(session, later + idempotency.KEEP)
    assert count(session, IdempotentRequest) == 0


def test_an_answer_that_is_too_large_is_not_stored_and_the_work_not_repeated(
    session: Session, district: District, new_key: Callable[..., str], monkeypatch: Any
) -> None:
    api_key_id = key_id(session, new_key)
    monkeypatch.setattr(idempotency, "MAX_BODY", 4)
    claimed = idempotency.claim(session, api_key_id=api_key_id, key="k", fingerprint="f" * 64, now=NOW)
    assert isinstance(claimed, idempotency.Claim)
    idempotency.store(session, claimed, status=200, headers={}, body=b"x" * 100, now=NOW)
    with pytest.raises(Conflict) as refused:
        idempotency.claim(session, api_key_id=api_key_id, key="k", fingerprint="f" * 64, now=NOW)
    assert refused.value.code == "idempotency_answer_not_stored"
    with pytest.raises(Invalid):
        idempotency.claim(session, api_key_id=api_key_id, key="k", fingerprint="e" * 64, now=NOW)
