"""The agency's page for many credentials: without scripts, for its own eyes."""

from __future__ import annotations

import io

import pytest

from issuer.db import unit_of_work
from issuer.services import bulk, bulk_receipt
from tests import factories
from tests.factories import NOW
from tests.integration.web.conftest import Browser
from verifier.batch import Row
from verifier.report import Verdict


@pytest.fixture
def officer(app, district, runtime) -> Browser:
    with unit_of_work(runtime.sessions) as session:
        here = session.merge(district.organisation)
        user = factories.person(session, here, "olga@lakeside.example", "agency")
    return Browser(app, user)


def hand_in(browser: Browser, data: bytes = b"url\nhttps://a.example/\n", name: str = "badges.csv"):
    return browser.post("/verifications", {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def test_from_the_form_to_the_receipt(officer: Browser, runtime, neighbour: Browser) -> None:
    assert "Verify many" in officer.get("/verifications").text
    answer = hand_in(officer)
    assert answer.status_code == 303
    address = answer.headers["Location"]
    number = address.rpartition("/")[2]
    assert runtime.enqueue.verified == [number]
    assert "See how far it is" in officer.get(address).text
    assert officer.get(address + "/results.csv").status_code == 409
    with unit_of_work(runtime.sessions) as session:
        bulk.begin(session, number, [], NOW, NOW)
        bulk.store(session, number, 0, [Row(1, "<b>x", Verdict.FAILED, "revoked", "It was revoked.")], NOW)
        tools = (runtime.keyring, runtime.verifier_for_own_output, runtime.addresses)
        bulk.finish(session, number, bulk_receipt.make(session, *tools, number, NOW), NOW)
    page = officer.get(address).text
    assert "&lt;b&gt;x" in page
    assert "It was revoked." in page
    assert "badges.csv" in officer.get("/verifications").text
    results = officer.get(address + "/results.csv")
    assert "attachment" in results.headers["Content-Disposition"]
    assert results.text.splitlines()[1] == "1,<b>x,failed,revoked,It was revoked.,"
    assert officer.get(address + "/receipt.json").get_json()["type"][1] == "BulkVerificationReceipt"
    for path in ("", "/results.csv", "/receipt.json"):
        assert neighbour.get(address + path).status_code == 404
    with unit_of_work(runtime.sessions) as session:
        assert bulk.forget(session, 1, runtime.clock().replace(year=2100)) == 1
    assert "Answers deleted" in officer.get(address).text
    assert officer.get(address + "/results.csv").status_code == 404
    assert officer.get(address + "/receipt.json").status_code == 200


def test_what_is_not_taken(officer: Browser, teacher: Browser, stranger: Browser, runtime) -> None:
    assert "CSV file" in hand_in(officer, name="a.docx").text
    assert officer.post("/verifications", {}).status_code == 422
    assert teacher.get("/verifications").status_code == 403
    assert hand_in(teacher).status_code == 403
    assert stranger.get("/verifications").status_code in (302, 401)
    assert runtime.enqueue.verified == []
