"""Bulk verification over the API: hand in, ask, take along; never another organisation's."""

from __future__ import annotations

import io
import json

import pytest

from issuer.db import unit_of_work
from issuer.services import bulk, bulk_receipt
from tests.factories import NOW
from tests.integration.api.conftest import body
from verifier.batch import Row
from verifier.report import Verdict

LINES = b'{"url": "https://school.example/1"}\n'


def sent(kwargs):
    """`file` as the field of a form: a stream can be read only once."""
    if "file" not in kwargs:
        return kwargs
    data, name = kwargs["file"]
    return {"data": {"file": (io.BytesIO(data), name)}}


@pytest.fixture
def done(ask, runtime):
    """The number of a verification that a worker has ended."""
    number = body(ask("POST", "/verifications", data=LINES, content_type="application/jsonl"))["number"]
    with unit_of_work(runtime.sessions) as session:
        bulk.begin(session, number, [], NOW, NOW)
        bulk.store(session, number, 0, [Row(1, "=a", Verdict.UNDETERMINED, "fetch_failed", "It was away.")], NOW)
        tools = (runtime.keyring, runtime.verifier_for_own_output, runtime.addresses)
        bulk.finish(session, number, bulk_receipt.make(session, *tools, number, NOW), NOW)
    return number


@pytest.mark.parametrize(
    ("kwargs", "kind"),
    [
        ({"data": LINES, "content_type": "application/jsonl"}, "jsonl"),
        ({"data": b"url\nhttps://school.example/1\n", "content_type": "text/csv; charset=utf-8"}, "csv"),
        ({"data": b"PK\x05\x06" + bytes(18), "content_type": "application/zip"}, "zip"),
        ({"file": (LINES, "a.jsonl")}, "jsonl"),
    ],
)
def test_handing_in(ask, runtime, kwargs, kind) -> None:
    answer = ask("POST", "/verifications", **sent(kwargs))
    assert answer.status_code == 202, answer.text
    told = body(answer)
    assert (told["state"], told["kind"], told["done"]) == ("waiting", kind, 0)
    assert answer.headers["Location"].endswith(f"/api/v1/verifications/{told['number']}")
    assert runtime.enqueue.found == [(told["number"], 0)]
    early = ask("GET", f"/verifications/{told['number']}/results.csv")
    assert (early.status_code, body(early)["code"]) == (409, "bulk_not_finished")
    assert body(ask("GET", f"/verifications/{told['number']}/receipt"))["code"] == "bulk_not_finished"


@pytest.mark.parametrize(
    ("kwargs", "status", "code"),
    [
        ({"data": b"{}", "content_type": "application/json"}, 415, "unsupported_type"),
        ({"data": b"", "content_type": "text/csv"}, 422, "bulk_empty"),
        ({"file": (b"{}", "a.json")}, 422, "bulk_kind_unknown"),
        ({"data": {"other": "x"}, "content_type": "multipart/form-data"}, 422, "file_missing"),
    ],
)
def test_what_is_not_taken(ask, runtime, kwargs, status, code) -> None:
    answer = ask("POST", "/verifications", **sent(kwargs))
    assert (answer.status_code, body(answer)["code"]) == (status, code)
    assert runtime.enqueue.found == []


def test_answers_and_receipt(ask, done) -> None:
    told = body(ask("GET", f"/verifications/{done}"))
    assert (told["state"], told["counts"]["undetermined"]) == ("done", 1)
    assert told in body(ask("GET", "/verifications"))["items"]
    answer = ask("GET", f"/verifications/{done}/results.csv")
    assert (
        answer.text
        == "number,name,verdict,code,message,recognised by\r\n1,'=a,undetermined,fetch_failed,It was away.,\r\n"
    )
    receipt = ask("GET", f"/verifications/{done}/receipt")
    assert receipt.mimetype == "application/vc+ld+json"
    assert json.loads(receipt.data)["credentialSubject"]["counts"]["total"] == 1


def test_never_another_organisations_nor_without_the_scope(ask, client, new_key, session, district, done) -> None:
    from issuer.models import Organisation
    from issuer.services import api_keys
    from tests.factories import COMMAND

    theirs = session.query(Organisation).filter(Organisation.id != district.organisation.id).one()
    _, other = api_keys.create(
        session, organisation_id=theirs.id, name="x", scopes=["verifications:write"], actor=COMMAND, now=NOW
    )
    session.commit()
    for path in ("", "/results.csv", "/receipt"):
        address = f"/api/v1/verifications/{done}{path}"
        assert client.get(address, headers={"Authorization": f"Bearer {other}"}).status_code == 404
        assert client.get(address, headers={"Authorization": f"Bearer {new_key('audit:read')}"}).status_code == 403
        assert client.get(address).status_code == 401
