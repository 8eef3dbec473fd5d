"""A microcredential's whole path through the API alone, on both databases."""

from __future__ import annotations

import io
import json

from sqlalchemy.orm import Session

from issuer.db import unit_of_work
from issuer.models import Submission
from issuer.runtime import Runtime
from issuer.services import issuance, keys
from tests.factories import COMMAND, NOW, PDF
from tests.integration.api.conftest import Ask, body
from tests.integration.conftest import District


def test_from_start_to_revocation(ask: Ask, session: Session, district: District, runtime: Runtime) -> None:
    keys.create_key(session, runtime.keyring, district.organisation.id, COMMAND, NOW)
    session.commit()
    teacher, coach = district.teacher.email, district.coach.email
    found = body(ask("GET", "/achievements?q=understanding"))
    assert (found["total"], found["items"][0]["key"]) == (1, "check-understanding")
    offered = body(ask("GET", "/achievements/check-understanding/versions/1"))
    assert offered["definition"]["artifacts"][0]["key"] == "lesson-plan"

    started = ask("POST", "/submissions", member=teacher, json={"key": "check-understanding"})
    assert started.status_code == 201
    number = body(started)["number"]
    assert body(ask("POST", "/submissions", member=teacher, json={"key": "check-understanding"}))["number"] == number
    early = ask("POST", f"/submissions/{number}/submit", member=teacher, json={})
    assert (early.status_code, body(early)["code"]) == (422, "incomplete")
    assert {fault["pointer"] for fault in body(early)["faults"]} == {"/answers/context", "/evidence/lesson-plan"}
    saved = ask(
        "PATCH",
        f"/submissions/{number}/draft",
        member=teacher,
        json={"revision": 0, "answers": {"context": "Third graders in a small town"}},
    )
    assert body(saved)["revision"] == 1
    stale = ask(
        "PATCH", f"/submissions/{number}/draft", member=teacher, json={"revision": 0, "answers": {"context": "Else"}}
    )
    assert (stale.status_code, body(stale)["code"], body(stale)["revision"]) == (409, "stale_draft", 1)
    added = ask(
        "POST",
        f"/submissions/{number}/files?artifactKey=lesson-plan&description=The+plan",
        member=teacher,
        data={"file": (io.BytesIO(PDF), "plan.pdf", "application/pdf")},
    )
    assert (added.status_code, body(added)["mediaType"]) == (201, "application/pdf")
    item = body(added)["number"]
    linked = ask(
        "POST",
        f"/submissions/{number}/evidence",
        member=teacher,
        json={"artifactKey": "student-work", "name": "Work", "url": "https://example.org/work"},
    )
    assert (linked.status_code, body(linked)["kind"]) == (201, "link")
    assert ask("DELETE", f"/evidence/{body(linked)['number']}", member=teacher).status_code == 204
    assert body(ask("PATCH", f"/evidence/{item}", member=teacher, json={"shared": True}))["shared"] is True
    assert ask("GET", f"/evidence/{item}/content", member=teacher).data == PDF
    assert ask("GET", f"/evidence/{item}/content", member=coach).status_code == 404  # not handed in yet
    assert body(ask("POST", f"/submissions/{number}/submit", member=teacher, json={}))["state"] == "submitted"

    assert [each["number"] for each in body(ask("GET", "/queue", member=coach))["items"]] == [number]
    assert body(ask("GET", "/queue", member=teacher))["items"] == []
    assert ask("POST", f"/queue/{number}/claim", member=coach).status_code == 200
    assert ask("GET", f"/evidence/{item}/content", member=coach).data == PDF
    seen = body(ask("GET", f"/queue/{number}", member=coach))
    assert seen["answers"] == [{"promptKey": "context", "text": "Third graders in a small town"}]
    refused = ask("POST", f"/queue/{number}/decision", member=coach, json={"outcome": "approved"})
    assert (refused.status_code, body(refused)["code"]) == (422, "criteria_not_met")
    findings = [
        {"subject": criterion["id"], "level": criterion["levels"][-1]["id"]}
        for criterion in offered["definition"]["rubric"]["criteria"]
    ]
    findings.append({"subject": "context", "level": "passing"})
    recorded = ask(
        "PATCH", f"/queue/{number}/review", member=coach, json={"findings": findings, "feedback": "Clear and honest."}
    )
    assert recorded.status_code == 200, recorded.text
    decided = ask("POST", f"/queue/{number}/decision", member=coach, json={"outcome": "approved"})
    assert body(decided)["state"] == "approved"
    assert runtime.enqueue.found == [(number, 1)]  # type: ignore[attr-defined]  # the fixture's stand-in
    again = ask("POST", f"/queue/{number}/decision", member=coach, json={"outcome": "returned", "feedback": "No."})
    assert (again.status_code, body(again)["code"]) == (409, "already_decided")

    with unit_of_work(runtime.sessions) as other:
        submission_id = other.query(Submission.id).filter_by(number=number).scalar()
        tools = (runtime.keyring, runtime.verifier_for_own_output, runtime.addresses, runtime.storage)
        issuance.issue(other, *tools, submission_id, NOW)
    listed = body(ask("GET", "/credentials"))
    credential = listed["items"][0]
    assert (listed["total"], credential["status"]) == (1, "valid")
    document = ask("GET", f"/credentials/{credential['number']}/document")
    assert document.content_type == "application/vc+ld+json"
    verified = ask("POST", "/verify", data=document.data, content_type="application/vc+ld+json")
    assert body(verified)["verdict"] == "verified", verified.text
    shared = ask("PUT", f"/credentials/{credential['number']}/sharing", member=teacher, json={"shared": True})
    assert body(shared)["sharedAt"] == "2026-03-02T09:30:00Z"
    hidden = ask("PUT", f"/credentials/{credential['number']}/sharing", member=coach, json={"shared": False})
    assert hidden.status_code == 404
    revoked = ask("POST", f"/credentials/{credential['number']}/revocation", json={"reason": "Issued by mistake"})
    assert body(revoked)["status"] == "revoked"
    twice = ask("POST", f"/credentials/{credential['number']}/revocation", json={"reason": "Issued by mistake"})
    assert (twice.status_code, body(twice)["code"]) == (409, "already_revoked")
    after = ask("POST", "/verify", data=document.data, content_type="application/vc+ld+json")
    assert body(after)["verdict"] == "failed"
    trail = body(ask("GET", "/events?pageSize=100"))["items"]
    assert {"submission.submit", "submission.approve", "credential.issue", "credential.revoke"} <= {
        each["action"] for each in trail
    }
    assert any(each["who"] == district.coach.name and each["details"].get("api_key") for each in trail)
    json.dumps(trail)
