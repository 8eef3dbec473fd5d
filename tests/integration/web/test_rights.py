"""Who may see and do what. A thing of somebody else is answered exactly as one that does not exist."""

from __future__ import annotations

import pytest
from flask import Flask

from issuer.db import unit_of_work
from issuer.models import Credential, Submission
from issuer.runtime import Runtime
from issuer.services import evidence
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser

OPEN = [
    "/",
    "/catalogue",
    "/verify",
    "/privacy",
    "/sign-in",
    "/orgs/lakeside",
    "/achievements/lakeside/check-understanding/v1",
]
SIGNED_IN = ["/home", "/teacher", "/teacher/badges", "/reviews", "/account", "/admin", "/agency", "/account/password"]
ADMIN = [f"/admin/lakeside{rest}" for rest in ("", "/definitions", "/import", "/issued", "/members", "/keys", "/trail")]


@pytest.mark.parametrize("path", OPEN)
def test_anybody_may_read(stranger: Browser, district: District, path: str) -> None:
    assert stranger.get(path).status_code == 200


@pytest.mark.parametrize("path", SIGNED_IN + ADMIN)
def test_a_stranger_is_asked_to_sign_in(stranger: Browser, district: District, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")


@pytest.mark.parametrize("path", ADMIN)
def test_only_admins_of_the_district_administer_it(
    admin: Browser, teacher: Browser, coach: Browser, neighbour: Browser, path: str
) -> None:
    assert admin.get(path).status_code == 200
    for other in (teacher, coach, neighbour):
        assert other.get(path).status_code == 403


def test_an_unknown_district_is_answered_like_another_ones(admin: Browser, neighbour: Browser) -> None:
    unknown, others = admin.get("/admin/nowhere"), neighbour.get("/admin/lakeside")
    assert unknown.status_code == others.status_code == 403


def test_a_submission_is_its_teachers_alone(
    teacher: Browser, coach: Browser, admin: Browser, neighbour: Browser, draft: Submission
) -> None:
    path = f"/submissions/{draft.number}"
    assert teacher.get(path).status_code == 200
    for other in (coach, admin, neighbour):
        assert other.get(path).status_code == 404
        assert other.post(path, {"do": "save", "answer-context": "mine now"}).status_code == 404
        assert other.post(f"{path}/withdraw").status_code == 404
    assert "mine now" not in teacher.get(path).text


def test_a_draft_is_hidden_from_the_coach_and_work_handed_in_from_everybody_else(
    coach: Browser, neighbour: Browser, admin: Browser, teacher: Browser, waiting: Submission
) -> None:
    path = f"/reviews/{waiting.number}"
    assert coach.get(path).status_code == 200
    for other in (neighbour, admin, teacher):
        assert other.get(path).status_code == 404
        assert other.post(path, {"do": "save"}).status_code in (403, 404)
        assert other.post(f"{path}/claim").status_code in (403, 404)
        assert other.post(f"{path}/decision", {"outcome": "approved"}).status_code in (403, 404)


def test_nobody_reviews_their_own_work(app: Flask, runtime: Runtime, district: District) -> None:
    with unit_of_work(runtime.sessions) as session:
        own = factories.handed_in(
            session, runtime.storage, session.merge(district.coach), session.merge(district.version)
        )
    browser = Browser(app, district.coach)
    assert own.number not in browser.get("/reviews").text
    assert browser.get(f"/reviews/{own.number}").status_code == 404
    refused = browser.post(f"/reviews/{own.number}/claim")
    assert refused.status_code == 403
    assert "Nobody reviews their own work" in refused.text


def test_evidence_is_opened_by_its_teacher_and_a_coach_only(
    teacher: Browser, coach: Browser, admin: Browser, neighbour: Browser, stranger: Browser, waiting: Submission
) -> None:
    path = f"/evidence/{waiting.evidence[0].number}"
    for allowed in (teacher, coach):
        answer = allowed.get(path)
        assert answer.status_code == 200
        assert answer.data == factories.PDF
        assert answer.headers["Content-Security-Policy"].endswith("; object-src 'self'")
        assert answer.headers["Cache-Control"] == "private, no-store"
        answer.close()
    for refused in (admin, neighbour, stranger):
        assert refused.get(path).status_code == 404


def test_shared_evidence_of_an_issued_badge_is_open(
    stranger: Browser, runtime: Runtime, district: District, credential: Credential
) -> None:
    with unit_of_work(runtime.sessions) as session:
        item = credential.submission.evidence[0]
        path = f"/evidence/{item.number}"
        assert stranger.get(path).status_code == 404
        evidence.set_shared(
            session, number=item.number, shared=True, actor=factories.actor(district.teacher), now=factories.NOW
        )
    with stranger.get(path) as answer:
        assert answer.status_code == 200


def test_a_credential_is_hidden_until_its_teacher_shares_it(
    teacher: Browser, admin: Browser, coach: Browser, stranger: Browser, neighbour: Browser, credential: Credential
) -> None:
    page = f"/credentials/{credential.number}"
    forms = [page, f"{page}.json", f"{page}.png", f"{page}.svg", f"{page}/qr.svg", f"{page}/card.png"]
    for path in forms:
        assert teacher.get(path).status_code == 200
        assert admin.get(path).status_code == 200
        for hidden in (stranger, coach, neighbour):
            assert hidden.get(path).status_code == 404
    for other in (admin, neighbour, coach):
        assert other.post(f"{page}/share").status_code == 404
    assert teacher.post(f"{page}/share").status_code == 302
    for path in forms:
        assert stranger.get(path).status_code == 200
    assert teacher.post(f"{page}/unshare").status_code == 302
    assert stranger.get(page).status_code == 404


def test_an_admin_revokes_only_what_the_own_district_issued(
    neighbour: Browser, teacher: Browser, admin: Browser, credential: Credential
) -> None:
    said = {"reason": "By mistake", "sure": "yes"}
    assert teacher.post(f"/admin/lakeside/issued/{credential.number}/revoke", said).status_code == 403
    assert neighbour.post(f"/admin/lakeside/issued/{credential.number}/revoke", said).status_code == 403
    assert neighbour.post(f"/admin/hillside/issued/{credential.number}/revoke", said).status_code == 404
    assert "Revoked" not in admin.get("/admin/lakeside/issued").text


def test_an_admin_publishes_only_the_own_districts_versions(
    neighbour: Browser, admin: Browser, district: District
) -> None:
    assert neighbour.post(f"/admin/hillside/definitions/{district.version.id}/retire").status_code == 404
    assert neighbour.get(f"/admin/hillside/definitions/{district.version.id}").status_code == 404
    assert "Retired" not in admin.get("/admin/lakeside/definitions").text


def test_an_agency_sees_what_is_shared_and_nothing_else(
    app: Flask, runtime: Runtime, district: District, teacher: Browser, credential: Credential
) -> None:
    with unit_of_work(runtime.sessions) as session:
        user = factories.person(session, session.merge(district.organisation), "state@agency.example", "agency")
    agency = Browser(app, user)
    assert credential.number not in agency.get("/agency").text
    teacher.post(f"/credentials/{credential.number}/share")
    assert credential.number in agency.get("/agency").text
    assert agency.get("/admin/lakeside").status_code == 403
    assert agency.get(f"/reviews/{credential.submission.number}").status_code == 404
    assert teacher.get("/agency").status_code == 403


def test_an_account_that_is_switched_off_is_signed_out(teacher: Browser, runtime: Runtime, district: District) -> None:
    with unit_of_work(runtime.sessions) as session:
        session.merge(district.teacher).active = False
    assert teacher.get("/teacher").status_code == 302
