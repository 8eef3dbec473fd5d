"""Who is refused and how: always a problem document, never a word too many."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from issuer.api import RESOURCES
from issuer.models import ApiKey
from issuer.services import accounts, api_keys
from tests import factories
from tests.factories import COMMAND, NOW
from tests.integration.api.conftest import Ask, body
from tests.integration.conftest import District
from tests.integration.web.conftest import sign_in


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer bw_wrong", "Basic abc", "Bearer bw_" + "0" * 12 + "_" + "A" * 43]
)
def test_without_a_valid_key_there_is_nothing(client: FlaskClient, district: District, header: str) -> None:
    answer = client.get("/api/v1/members", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert body(answer)["code"] == "api_key_needed"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_every_view_asks_for_a_scope(app: Flask, client: FlaskClient, district: District) -> None:
    names = {resource.name for resource in RESOURCES}
    views = [rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in names]
    assert len(views) > 25
    for rule in views:
        scope, member = app.view_functions[rule.endpoint].needs  # type: ignore[attr-defined]  # set by `needs`
        about_the_key_itself = rule.rule in ("/api/v1/key", "/api/v1/consents") and not member
        assert scope in api_keys.SCOPES or about_the_key_itself, rule


def test_a_session_is_not_a_key(app: Flask, district: District) -> None:
    client = app.test_client()
    sign_in(app, client, district.admin)
    assert client.get("/account").status_code == 200
    assert client.get("/api/v1/members").status_code == 401


def test_a_key_does_what_its_scopes_say_and_no_more(
    client: FlaskClient, district: District, new_key: Callable[..., str]
) -> None:
    key = {"Authorization": f"Bearer {new_key('members:read')}"}
    assert client.get("/api/v1/members", headers=key).status_code == 200
    refused = client.post("/api/v1/members", headers=key, json={"email": "x@lakeside.example", "role": "admin"})
    assert (refused.status_code, body(refused)["code"], body(refused)["scope"]) == (
        403,
        "scope_missing",
        "members:write",
    )


def test_a_revoked_key_is_no_key(
    client: FlaskClient, session: Session, district: District, new_key: Callable[..., str]
) -> None:
    text = new_key()
    prefix = session.query(ApiKey.prefix).scalar()
    api_keys.revoke(session, organisation_id=district.organisation.id, prefix=prefix, actor=COMMAND, now=NOW)
    session.commit()
    assert client.get("/api/v1/members", headers={"Authorization": f"Bearer {text}"}).status_code == 401


def test_a_key_acts_for_members_of_its_organisation_only(ask: Ask, session: Session, district: District) -> None:
    missing = ask("GET", "/submissions")
    assert (missing.status_code, body(missing)["code"]) == (403, "member_needed")
    for email in ("nobody@lakeside.example", district.stranger.email):
        unknown = ask("GET", "/submissions", member=email)
        assert (unknown.status_code, body(unknown)["code"]) == (403, "member_unknown")
    district.teacher.active = False
    session.commit()
    assert ask("GET", "/submissions", member=district.teacher.email).status_code == 403


def test_nobody_reviews_their_own_work_through_a_key(
    ask: Ask, session: Session, district: District, runtime: Any
) -> None:
    submission = factories.handed_in(session, runtime.storage, district.coach, district.version)
    session.commit()
    refused = ask("POST", f"/queue/{submission.number}/claim", member=district.coach.email)
    assert (refused.status_code, body(refused)["code"]) == (403, "own_work")
    assert body(ask("GET", "/queue", member=district.coach.email))["items"] == []


def test_things_of_another_organisation_are_not_there(
    ask: Ask, session: Session, district: District, credential_number: str, runtime: Any
) -> None:
    assert ask("GET", f"/credentials/{credential_number}").status_code == 200
    other = factories.organisation(session, "uptown", "Uptown Schools")
    _, text = api_keys.create(
        session, organisation_id=other.id, name="t", scopes=list(api_keys.SCOPES), actor=COMMAND, now=NOW
    )
    session.commit()
    headers = {"Authorization": f"Bearer {text}"}
    for method, path, sent in (
        ("GET", f"/credentials/{credential_number}", None),
        ("GET", f"/credentials/{credential_number}/document", None),
        ("POST", f"/credentials/{credential_number}/revocation", {"reason": "because"}),
        ("GET", "/achievements/check-understanding/versions/1", None),
        ("POST", "/achievements/check-understanding/versions/1/retire", None),
        ("DELETE", f"/members/{district.teacher.email}/roles/teacher", None),
    ):
        assert ask(method, path, json=sent, headers=headers).status_code == 404, path
    assert body(ask("GET", "/achievements", headers=headers))["total"] == 0
    assert body(ask("GET", "/credentials", headers=headers))["total"] == 0


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "code", "pointer"),
    [
        ("GET", "/nothing", {}, 404, "not_found", None),
        ("DELETE", "/members", {}, 405, "method_not_allowed", None),
        ("POST", "/members", {"data": "{", "content_type": "application/json"}, 400, "invalid_json", None),
        ("POST", "/members", {"data": '{"a":1,"a":2}', "content_type": "application/json"}, 400, "invalid_json", None),
        ("POST", "/members", {"data": "[" * 100_000, "content_type": "application/json"}, 400, "invalid_json", None),
        ("POST", "/members", {"data": b"\xff", "content_type": "application/json"}, 400, "invalid_json", None),
        ("POST", "/members", {"data": "a=1", "content_type": "text/plain"}, 415, "unsupported_type", None),
        ("POST", "/members", {"json": {"role": "admin"}}, 422, "invalid", "/email"),
        ("POST", "/members", {"json": {"email": "x@y.example", "role": "king"}}, 422, "invalid", "/role"),
        ("POST", "/members", {"json": {"email": "x@y.example", "role": "coach", "x": 1}}, 422, "invalid", "/x"),
        ("POST", "/members", {"json": {"email": "a\x00@b.example", "role": "coach"}}, 422, "invalid_text", None),
        ("GET", "/members?page=0", {}, 422, "invalid", "page"),
        ("GET", "/members?page=99999999999", {}, 422, "invalid", "page"),
        ("GET", "/members?colour=red", {}, 422, "invalid", "colour"),
        ("GET", "/credentials/%00", {}, 404, "not_found", None),
        ("GET", "/frameworks/99999999999/competencies", {}, 404, "not_found", None),
        ("POST", "/achievements/import", {"data": b"nothing"}, 422, "import_refused", None),
        ("GET", "/members?page=2", {}, 200, None, None),
    ],
)
def test_bad_requests_are_problems_with_a_place(
    ask: Ask, method: str, path: str, sent: dict[str, Any], status: int, code: str | None, pointer: str | None
) -> None:
    answer = ask(method, path, **sent)
    assert answer.status_code == status, answer.text
    if code is not None:
        assert answer.content_type == "application/problem+json"
        assert body(answer)["code"] == code
    if pointer is not None:
        assert pointer in [fault["pointer"] for fault in body(answer)["faults"]]


def test_a_forbidden_file_leaves_nothing(ask: Ask, district: District, runtime: Any) -> None:
    member = district.teacher.email
    number = body(ask("POST", "/submissions", member=member, json={"key": "check-understanding"}))["number"]
    refused = ask(
        "POST",
        f"/submissions/{number}/files?artifactKey=lesson-plan",
        member=member,
        data={"file": (io.BytesIO(b"MZ\x90\x00" + b"\x00" * 64), "run.exe")},
    )
    assert (refused.status_code, body(refused)["code"]) == (415, "file_type_forbidden")
    assert body(ask("GET", f"/submissions/{number}", member=member))["evidence"] == []


def test_a_key_that_may_give_roles_makes_and_removes_no_admin(ask: Ask, district: District) -> None:
    added = ask("POST", "/members", json={"email": "new@lakeside.example", "role": "teacher", "name": "New"})
    assert (added.status_code, body(added)["roles"], body(added)["invited"]) == (201, [], ["teacher"])
    second = ask("POST", "/members", json={"email": district.coach.email, "role": "agency"})
    assert (second.status_code, "agency" in body(second)["roles"]) == (201, True)
    assert ask("DELETE", f"/members/{district.coach.email}/roles/agency").status_code == 204
    for answer in (
        ask("POST", "/members", json={"email": "mallory@example.org", "role": "admin", "name": "Mallory"}),
        ask("POST", "/members", json={"email": district.coach.email, "role": "admin"}),
        ask("DELETE", f"/members/{district.admin.email}/roles/admin"),
    ):
        assert (answer.status_code, body(answer)["code"]) == (403, "not_by_key")


def test_too_many_refused_keys_are_held_up(client: FlaskClient, district: District) -> None:
    codes = [client.get("/api/v1/members").status_code for _ in range(32)]
    assert codes[:30] == [401] * 30
    held = client.get("/api/v1/members")
    assert (held.status_code, body(held)["code"]) == (429, "too_many_requests")
    assert int(held.headers["Retry-After"]) > 0


def test_a_person_of_two_organisations_is_one_here(ask: Ask, session: Session, district: District) -> None:
    there = factories.published(session, factories.organisation(session, "uptown", "Uptown Schools"))
    accounts.add_member(
        session,
        user_id=district.teacher.id,
        organisation_id=there.achievement.organisation_id,
        role="teacher",
        actor=COMMAND,
        now=NOW,
    )
    foreign = factories.draft(session, district.teacher, there)
    session.commit()
    member = district.teacher.email
    assert body(ask("GET", "/submissions", member=member))["total"] == 0
    assert ask("GET", f"/submissions/{foreign.number}", member=member).status_code == 404
    assert ask("POST", f"/submissions/{foreign.number}/withdraw", member=member).status_code == 404


def test_the_answer_to_an_invitation_does_not_say_whether_there_is_an_account(ask: Ask, district: District) -> None:
    """Seen: the name of a stranger's account came back."""
    answers = []
    for email in (district.stranger.email, "nobody@example.org"):
        sent = ask("POST", "/members", json={"email": email, "role": "coach", "name": "Typed"})
        answers.append((sent.status_code, {**body(sent), "email": ""}))
    assert answers[0] == answers[1] == (201, {"email": "", "name": "Typed", "roles": [], "invited": ["coach"]})
    names = [each["name"] for each in body(ask("GET", "/members"))["items"]]
    assert district.stranger.name not in names
    listed = body(ask("GET", "/invitations"))["items"]
    assert [each["name"] for each in listed] == ["Typed", "Typed"]
    assert ask("DELETE", f"/invitations/{listed[0]['number']}").status_code == 204
    assert body(ask("GET", "/invitations"))["total"] == 1
    assert body(ask("POST", f"/invitations/{listed[1]['number']}/send"))["code"] == "invitation_sent_lately"
