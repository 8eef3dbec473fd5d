"""`POST /api/v1/verify`: reports for credentials, problems for requests that are none."""

import io
import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.report import ReportShape
from tests.build_assets import FOLDER
from tests.simulator import NOW, RECIPIENT, World
from verifier import Verifier
from verifier.endpoint import create_blueprint
from verifier.limits import Limits
from verifier.policy import AnyOf
from verifier.report import Verdict

SCHOOL = "did:web:school.example"
GOOD = (FOLDER / "good.json").read_bytes()
AT = "at=2026-06-01T12:00:00Z"


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    pages = json.loads((FOLDER / "pages.json").read_bytes())
    world = World({url: body.encode() for url, body in pages.items()})
    world.pages["https://badges.example.org/1"] = GOOD
    app = Flask(__name__)
    app.register_blueprint(
        create_blueprint(lambda: Verifier(world), AnyOf, fetcher=world, limits=Limits(container_bytes=100_000))
    )
    with app.test_client() as client:
        yield client


def post(client: FlaskClient, query: str = f"issuer={SCHOOL}", **kwargs: object) -> tuple[int, dict[str, object]]:
    answer = client.post(f"/api/v1/verify?{AT}&{query}", **kwargs)
    assert answer.headers["Cache-Control"] == "no-store"
    expected = "application/json" if answer.status_code == 200 else "application/problem+json"
    assert answer.mimetype == expected
    return answer.status_code, answer.get_json(force=True)


@pytest.mark.parametrize(
    "kwargs",
    [
        {"data": GOOD, "content_type": "application/vc+ld+json"},
        {"data": GOOD, "content_type": "application/json"},
        {"data": (FOLDER / "good.png").read_bytes(), "content_type": "image/png"},
        {"data": (FOLDER / "good.svg").read_bytes()},
        {"json": {"credential": json.loads(GOOD)}},
        {"json": {"credential": json.loads(GOOD), "recipient": RECIPIENT}},
        {"json": {"credential": GOOD.decode()}},
        {"json": {"url": "https://badges.example.org/1"}},
    ],
)
def test_every_form_is_taken(client: FlaskClient, kwargs: dict[str, object]) -> None:
    status, report = post(client, **kwargs)
    assert (status, report["verdict"]) == (200, "verified")


def test_an_upload(client: FlaskClient) -> None:
    status, report = post(client, data={"file": (io.BytesIO(GOOD), "badge.json"), "recipient": RECIPIENT})
    assert (status, report["verdict"]) == (200, "verified")


def test_without_a_named_issuer_nobody_is_recognised(client: FlaskClient) -> None:
    assert post(client, query="", data=GOOD)[1]["verdict"] == "unrecognised"


@pytest.mark.parametrize("name", ["changed_after_signing.json", "not_json.json", "empty_name.json"])
def test_a_bad_credential_is_a_report_not_a_problem(client: FlaskClient, name: str) -> None:
    data = (FOLDER / name).read_bytes() if (FOLDER / name).exists() else b"{}"
    status, report = post(client, data=data)
    assert (status, report["verdict"]) == (200, "failed")


def test_the_recipient_of_query_and_body(client: FlaskClient) -> None:
    assert post(client, query=f"issuer={SCHOOL}&recipient=x@y.example", data=GOOD)[1]["verdict"] == "failed"
    assert post(client, json={"credential": json.loads(GOOD), "recipient": "x@y.example"})[1]["verdict"] == "failed"


@pytest.mark.parametrize(
    ("kwargs", "status", "code"),
    [
        ({"data": b""}, 400, "empty"),
        ({"data": {"other": (io.BytesIO(b"x"), "x")}}, 400, "file_missing"),
        ({"data": b"x" * 100_001}, 413, "too_large"),
        ({"json": {"url": "http://127.0.0.1/"}}, 502, "fetch_failed"),
        ({"json": {"url": "https://nowhere.example/"}}, 502, "fetch_failed"),
        ({"json": {"url": 5}}, 400, "url_invalid"),
        ({"json": {"url": "https://badges.example.org/1", "credential": {}}}, 400, "credential_missing"),
        ({"json": {"recipient": "x"}}, 400, "credential_missing"),
        ({"json": {"credential": {}, "recipient": 5}}, 400, "recipient_malformed"),
        ({"data": GOOD, "query": "at=tomorrow"}, 200, None),
        ({"data": GOOD, "query": "&".join(["issuer=x"] * 101)}, 400, "too_many_issuers"),
    ],
)
def test_bad_requests_are_problems(
    client: FlaskClient, kwargs: dict[str, object], status: int, code: str | None
) -> None:
    answered, body = post(client, **kwargs)
    assert (answered, body.get("code")) == (status, code)


def test_a_bad_moment_is_a_problem(client: FlaskClient) -> None:
    answer = client.post("/api/v1/verify?at=tomorrow", data=GOOD)
    assert (answer.status_code, answer.get_json(force=True)["code"]) == (400, "date_malformed")


def test_now_is_the_default_moment(client: FlaskClient) -> None:
    report = client.post("/api/v1/verify", data=GOOD).get_json()
    assert report["checkedAt"] > NOW.isoformat()[:4]


@pytest.mark.parametrize(
    ("query", "kwargs"),
    [
        ("lint=true", {"data": GOOD}),
        ("", {"json": {"credential": json.loads(GOOD), "lint": True}}),
    ],
)
def test_the_lint_when_asked_for(client: FlaskClient, query: str, kwargs: dict[str, object]) -> None:
    status, report = post(client, f"issuer={SCHOOL}&{query}", **kwargs)
    assert (status, report["verdict"]) == (200, "verified")
    lint = cast("dict[str, Any]", report["lint"])
    assert lint["passes"]
    assert len(lint["probes"]) > 10
    assert ReportShape().validate(report) == {}


def test_no_lint_when_not(client: FlaskClient) -> None:
    assert "lint" not in post(client, data=GOOD)[1]


@pytest.mark.parametrize("kwargs", [{"query": "lint=perhaps", "data": GOOD}, {"json": {"url": "x", "lint": "yes"}}])
def test_a_lint_that_is_neither_yes_nor_no(client: FlaskClient, kwargs: dict[str, Any]) -> None:
    status, problem = post(client, **kwargs)
    assert (status, problem["code"]) == (400, "lint_malformed")


def test_whoever_counts_is_shown_the_report() -> None:
    seen: list[Verdict] = []
    app = Flask(__name__)
    app.register_blueprint(create_blueprint(Verifier, AnyOf, told=lambda report: seen.append(report.verdict)))
    app.test_client().post("/api/v1/verify", data=b"{}")
    app.test_client().post("/api/v1/verify", data=b"")  # a request at fault, not a verification
    assert seen == [Verdict.FAILED]
