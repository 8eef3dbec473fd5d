"""What the operator watches."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from issuer.app import create_app
from issuer.db import make_sessions
from issuer.runtime import Runtime
from issuer.services import heartbeat
from issuer.storage import Storage
from tests.factories import NOW
from tests.integration.api.conftest import body
from tests.integration.conftest import District

TOKEN = "a-token-for-prometheus"


def test_ready_says_what_can_be_used(runtime: Runtime, session: Session, tmp_path: Path) -> None:
    client = create_app(runtime=runtime).test_client()
    assert body(client.get("/healthz")) == {"status": "ok"}
    assert body(client.get("/readyz")) == {"database": "ok", "storage": "ok", "worker": "none"}
    heartbeat.beat(session, worker="one", now=NOW - timedelta(seconds=5))
    session.commit()
    assert body(client.get("/readyz"))["worker"] == "ok"
    heartbeat.beat(session, worker="one", now=NOW - timedelta(minutes=5))
    session.commit()
    late = client.get("/readyz")
    assert (late.status_code, body(late)["worker"]) == (200, "late")
    (tmp_path / "file").touch()
    broken = create_app(runtime=replace(runtime, storage=Storage(str(tmp_path / "file" / "inside")))).test_client()
    assert (broken.get("/readyz").status_code, body(broken.get("/readyz"))["storage"]) == (503, "unreachable")


def test_ready_without_a_database(runtime: Runtime) -> None:
    gone = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    client = create_app(runtime=replace(runtime, engine=gone, sessions=make_sessions(gone))).test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, body(answer)["database"]) == (503, "unreachable")
    assert client.get("/healthz").status_code == 200
    gone.dispose()


def test_metrics_are_for_the_operator(runtime: Runtime, district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    closed = create_app(runtime=runtime).test_client()
    assert closed.get("/metrics").status_code == 404
    assert closed.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    client = create_app(runtime=replace(runtime, config=replace(runtime.config, metrics_token=TOKEN))).test_client()
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong-token-for-all"}).status_code == 404
    client.get("/healthz")
    page = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    assert 'badgewright_requests_total{endpoint="operations.live",method="GET",status="200"}' in page
    assert 'badgewright_submissions{state="submitted"} 0.0' in page
    assert "badgewright_credentials 0.0" in page


def test_an_answer_carries_the_number_of_its_request(runtime: Runtime) -> None:
    answers = [create_app(runtime=runtime).test_client().get("/healthz") for _ in range(2)]
    assert len({answer.headers["X-Request-Id"] for answer in answers}) == 2
