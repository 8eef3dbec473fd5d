"""Who has an account, and under which name, is nobody's to learn before that person joins: not by any answer that an
address gets, nor by the trail, the mails or the work that is done meanwhile."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from issuer.models import MEMBER_ROLES, Membership
from issuer.runtime import Runtime
from issuer.services import invitations
from issuer.services.access import Actor
from tests.factories import NOW
from tests.integration.api.conftest import body
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, settle
from tests.integration.web.test_accounts import mails

#: As long as the address of the account that there is.
NEW = "zoe.zimmer@example.org"
ASKED: tuple[tuple[str, str, Any], ...] = (
    *(("DELETE", f"/members/{{email}}/roles/{role}", None) for role in (*MEMBER_ROLES, "king")),
    *(("PUT", "/members/{email}/record", {"name": name}) for name in ("", "Ada", "x" * 300)),
    ("PUT", "/members/{email}/record", {"name": "Ada", "educator_id": "9" * 300}),
    ("POST", "/consents", {"email": "{email}"}),
    ("GET", "/submissions", None),
    *(("POST", "/members", {"email": "{email}", "name": "Ada", "role": role}) for role in (*MEMBER_ROLES, "king")),
    *(("POST", "/members", {"email": "{email}", "name": name, "role": "coach"}) for name in ("", "x" * 300)),
    *(("PUT", "/members/{email}/record", {"name": name}) for name in ("", "Ada")),
    ("DELETE", "/members/{email}/roles/coach", None),
    ("POST", "/consents", {"email": "{email}"}),
)


def said(answer: TestResponse, email: str) -> tuple[int, str, list[str]]:
    """The answer without the address, and without what is random in every answer."""
    text = answer.text.replace(email, "them").replace(email.partition("@")[0], "they")
    text = re.sub(r"[0-9a-f]{16,}|csrf_token[^>]*>|nonce=\S+", "", text)
    return answer.status_code, re.sub(r'"id": ?\d+', "", text), sorted(set(answer.headers.keys()))


@pytest.mark.parametrize("scopes", ["all", "without a member's work"])
def test_no_answer_to_a_key_tells_who_has_an_account_elsewhere(
    client: FlaskClient, new_key: Callable[..., str], district: District, scopes: str
) -> None:
    key = new_key(*(() if scopes == "all" else ("members:write", "members:read", "records:write", "audit:read")))
    answers: dict[str, list[tuple[int, str, list[str]]]] = {}
    for email in (district.stranger.email, NEW):
        for method, path, sent in ASKED:
            filled = {name: str(value).format(email=email) for name, value in sent.items()} if sent else None
            headers = {"Authorization": f"Bearer {key}"}
            if path == "/submissions":
                headers["Badgewright-Member"] = email
            answer = client.open(f"/api/v1{path.format(email=email)}", method=method, json=filled, headers=headers)
            answers.setdefault(email, []).append(said(answer, email))
    for (method, path, sent), known, unknown in zip(ASKED, *answers.values(), strict=True):
        assert known == unknown, (method, path, sent)
    for path in ("/members", "/invitations", "/events"):
        shown = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {key}"})
        assert shown.status_code == 200
        assert district.stranger.name not in shown.text, path
    trail = body(client.get("/api/v1/events", headers={"Authorization": f"Bearer {key}"}))
    kinds = [(each["action"], each["details"], each["subject"].partition(":")[0]) for each in trail["items"]]
    invited = [each for each in kinds if each[0].startswith("member.invite")]
    assert invited[: len(invited) // 2] == invited[len(invited) // 2 :]


def test_no_page_and_no_trail_tells_an_admin_who_has_an_account(
    app: Flask, runtime: Runtime, session: Session, district: District
) -> None:
    browser = Browser(app, district.admin)
    answers = {}
    for email in (district.stranger.email, NEW):
        sent = [
            browser.post("/admin/lakeside/members", {"email": email, "name": name, "role": role})
            for name, role in itertools.product(("Ada", "", "x" * 300), (*MEMBER_ROLES, "king"))
        ]
        answers[email] = [said(each, email)[0] for each in sent]
    first, second = answers.values()
    assert first == second
    for path in ("members", "trail"):
        assert district.stranger.name not in browser.get(f"/admin/lakeside/{path}").text
    settle(app)
    written = [each for each in mails(runtime) if "invite" in each]
    assert len([each for each in written if each.startswith(NEW)]) == len(written) / 2


def test_who_declines_stays_unknown(app: Flask, session: Session, district: District) -> None:
    found = invitations.invite(
        session,
        organisation_id=district.organisation.id,
        email=district.stranger.email,
        name="Somebody",
        role="coach",
        actor=Actor.of(district.admin),
        now=NOW,
    ).invitation
    assert found is not None
    session.commit()
    assert Browser(app, district.stranger).post(f"/account/invitations/{found.number}/decline").status_code == 302
    trail = Browser(app, district.admin).get("/admin/lakeside/trail").text
    assert "the invited person" in trail
    assert district.stranger.name not in trail
    assert (
        session.query(Membership).filter_by(user_id=district.stranger.id, organisation_id=found.organisation_id).all()
        == []
    )


def test_inviting_does_the_same_work_with_and_without_an_account(
    app: Flask, district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password's hash, or a link's, takes long enough to be seen from far away."""
    made: list[str] = []
    real = app.extensions["badgewright_password_link"]
    monkeypatch.setattr("issuer.web.members.password_link", lambda user: made.append("link") or real(user))
    monkeypatch.setattr("issuer.services.passwords.hash_password", lambda _password: made.append("hash"))
    browser = Browser(app, district.admin)
    done = []
    for email in (district.stranger.email, NEW):
        made.clear()
        browser.post("/admin/lakeside/members", {"email": email, "name": "Ada", "role": "coach"})
        done.append(list(made))
    assert done == [["link"], ["link"]]
