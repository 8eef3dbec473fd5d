"""What the single shapes demand beyond their fields, and how values of ours come out of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

from achievements.model import Achievement, Criterion, EvidenceRequirement, Rubric, RubricLevel
from issuer.services.changes import Change, Plan, Planned
from schemas.account import ApiKeyShape, MembershipShape
from schemas.achievement import AchievementShape
from schemas.credential import Revocation
from schemas.framework import ImportReportShape
from schemas.problem import MEDIA_TYPE, Problem, ProblemFault, ProblemShape, faults_from
from schemas.report import CheckResultShape, ReportShape, VerificationRequest
from schemas.review import Decision, ReviewChange
from schemas.submission import DraftChange, EvidenceLinkOrText
from verifier.report import CheckId, CheckResult, Finding, Outcome, Report, report_to_json


def codes(shape: Any, data: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        shape.load(data)
    return {(fault.code, fault.pointer) for fault in faults_from(caught.value.messages)}


def test_evidence_is_either_an_address_or_a_text() -> None:
    about = {"artifactKey": "plan", "description": "My plan"}
    assert codes(EvidenceLinkOrText(), about) == {("evidence_content", "/url")}
    both = {**about, "url": "https://example.org", "text": "x"}
    assert codes(EvidenceLinkOrText(), both) == {("evidence_content", "/url")}
    loaded = EvidenceLinkOrText().load({**about, "text": "In my own words\r\nand lines"})
    assert loaded["text"] == "In my own words\nand lines"


def test_a_draft_names_the_revision_it_changes() -> None:
    assert codes(DraftChange(), {"answers": {"why": "x" * 100_001}}) == {
        ("field_missing", "/revision"),
        ("field_too_long", "/answers/why/value"),
    }
    assert DraftChange().load({"revision": 3, "answers": {"why": ""}}) == {"revision": 3, "answers": {"why": ""}}


def test_a_decision_may_leave_the_feedback_as_it_was_recorded() -> None:
    assert Decision().load({"outcome": "returned"}) == {"outcome": "returned"}
    assert codes(Decision(), {"outcome": "return"}) == {("choice_unknown", "/outcome")}


def test_a_plan_of_an_import_comes_out() -> None:
    plan = Plan("case", (Planned("framework", "urn:f", "F", Change.NEW_VERSION, ("Two more items.",)),))
    assert ImportReportShape().dump(plan) == {
        "format": "case",
        "items": [
            {
                "kind": "framework",
                "key": "urn:f",
                "name": "F",
                "change": "new_version",
                "notes": ["Two more items."],
                "differences": [],
                "missing": [],
            }
        ],
        "problems": [],
    }


def test_one_finding_for_each_subject() -> None:
    twice = {"findings": [{"subject": "urn:a", "level": "urn:1"}, {"subject": "urn:a", "level": "urn:2"}]}
    assert codes(ReviewChange(), twice) == {("finding_repeated", "/findings")}


def test_revoking_needs_a_reason() -> None:
    assert codes(Revocation(), {"reason": "?"}) == {("field_too_short", "/reason")}


def test_a_verification_is_asked_about_one_thing() -> None:
    assert codes(VerificationRequest(), {}) == {("credential_missing", "/credential")}
    both = {"credential": "eyJ", "url": "https://example.org/1"}
    assert codes(VerificationRequest(), both) == {("credential_missing", "/credential")}
    assert VerificationRequest().load({"credential": {"id": "urn:1"}})["credential"] == {"id": "urn:1"}


def test_no_answer_shows_the_secret_of_a_key() -> None:
    assert not {name for name in ApiKeyShape().fields if "secret" in name or "sha256" in name}


def test_rows_come_out_by_their_attributes() -> None:
    @dataclass
    class Organisation:
        slug: str

    @dataclass
    class Membership:
        organisation: Organisation
        role: str

    assert MembershipShape().dump(Membership(Organisation("nebo"), "coach")) == {
        "organisation": "nebo",
        "role": "coach",
    }


def test_a_definition_comes_out_with_the_names_of_our_definition_files() -> None:
    level = RubricLevel("urn:uuid:1", "Demonstrated", 0, passing=True)
    made = Achievement(
        key="questions",
        name="Open questions",
        description="Asks them",
        criteria_narrative="Asked three",
        rubric=Rubric((Criterion("urn:uuid:2", "Questioning", (level,)),)),
        evidence=(EvidenceRequirement("plan", "Lesson plan"),),
        expires_after_months=36,
    )
    out = AchievementShape().dump(made)
    assert out["criteriaNarrative"] == "Asked three"
    assert out["expiresAfterMonths"] == 36
    assert out["artifacts"][0]["kinds"] == ["file", "link"]
    assert out["artifacts"][0]["maxBytes"] == 25 * 1024 * 1024
    assert out["rubric"]["criteria"][0]["levels"][0]["passing"] is True


def test_the_report_of_the_verifier_has_the_shape_that_is_promised() -> None:
    moment = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    finding = Finding("context_not_current", "Older.", pointer="/@context/1")
    result = CheckResult(CheckId.STRUCTURE, Outcome.FAILED, "bad", "Bad.", {"keyId": 1}, (finding,), "all", "section 1")
    inner = Report((result,), moment, sha256="ab")
    document = {"id": "urn:1", "issuer": {"id": "urn:2"}}
    sent = report_to_json(Report((result,), moment, document, media_type="image/png", contents=(inner,)))
    loaded = ReportShape().load(sent)
    assert loaded["checked_at"] == moment
    assert loaded["credential_id"] == "urn:1"
    assert loaded["results"][0]["looked_at"] == "all"
    assert loaded["contents"][0]["sha256"] == "ab"
    assert set(sent) == {field.data_key for field in ReportShape().fields.values()} - {"lint"}
    assert set(sent["results"][0]) == {field.data_key for field in CheckResultShape().fields.values()}


def test_problem_documents() -> None:
    assert MEDIA_TYPE == "application/problem+json"
    problem = Problem(
        409,
        "wrong_state",
        "A reviewer is reading it.",
        faults=[ProblemFault("revision_old", "This was changed meanwhile.", "/revision")],
        instance="/api/v1/submissions/1",
        further={"state": "in_review", "status": 200},
    )
    document = problem.as_dict()
    assert document == {
        "type": "urn:badgewright:problem:wrong_state",
        "title": "This cannot be done now",
        "status": 409,
        "detail": "A reviewer is reading it.",
        "code": "wrong_state",
        "faults": [{"code": "revision_old", "message": "This was changed meanwhile.", "pointer": "/revision"}],
        "instance": "/api/v1/submissions/1",
        "state": "in_review",
    }
    del document["state"]
    assert ProblemShape().load(document)
    assert Problem(418, "teapot", "No coffee.").title


def test_pointers_are_escaped() -> None:
    assert list(faults_from({"a/b~c": {"_schema": ["Wrong."]}})) == [
        ProblemFault("field_invalid", "Wrong.", "/a~1b~0c")
    ]
