"""A password once more before what a thief of an open browser would do; nothing typed is lost, nobody is led astray."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask
from sqlalchemy import select

from issuer.db import reading, unit_of_work
from issuer.models import ApiKey, Credential, MemberRecord, Membership, User
from issuer.runtime import Runtime
from issuer.services.passwords import hash_password
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, an_hour_goes_by
from tests.integration.web.test_sessions import stolen

PASSWORD = "seven-quiet-herons"


@pytest.fixture
def stale(app: Flask, runtime: Runtime, district: District) -> Browser:
    """The admin, who typed the password an hour ago."""
    return _an_hour_ago(app, runtime, district.admin)


def _an_hour_ago(app: Flask, runtime: Runtime, user: User) -> Browser:
    with unit_of_work(runtime.sessions) as session:
        session.merge(user).password = hash_password(PASSWORD)
    browser = Browser(app, user)
    an_hour_goes_by(browser)
    return browser


def carried(page: str) -> dict[str, list[str]]:
    """The hidden fields of the page that asks."""
    found: dict[str, list[str]] = {}
    main = page[page.index("<main") :]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', main):
        if name != "csrf_token":
            found.setdefault(html.unescape(name), []).append(html.unescape(value))
    return found


def keys(runtime: Runtime) -> list[ApiKey]:
    with reading(runtime.sessions) as session:
        return list(session.scalars(select(ApiKey)))


def test_a_form_goes_on_with_everything_that_was_typed(stale: Browser, runtime: Runtime) -> None:
    typed = {"name": 'The “roster” & <its> "key"', "scope": ["credentials:read", "members:read"]}
    asked = stale.post("/admin/lakeside/keys", typed)
    assert asked.status_code == 403
    assert "Your password once more" in asked.text
    assert asked.headers["Cache-Control"] == "no-store"
    assert keys(runtime) == []
    assert carried(asked.text) == {"name": [typed["name"]], "scope": typed["scope"]}

    wrong = stale.post("/admin/lakeside/keys", {**carried(asked.text), "confirm-password": "guess"})
    assert wrong.status_code == 403
    assert "This is not your password." in wrong.text
    assert carried(wrong.text) == carried(asked.text)
    assert "guess" not in wrong.text
    assert keys(runtime) == []

    done = stale.post("/admin/lakeside/keys", {**carried(wrong.text), "confirm-password": PASSWORD})
    assert done.status_code == 200
    (key,) = keys(runtime)
    assert (key.name, key.scopes) == (typed["name"], typed["scope"])
    # And now it is fresh.
    assert stale.post("/admin/lakeside/keys", {"name": "Second", "scope": "members:read"}).status_code == 200


#: Forms of an account or of an administrator that a password need not be typed for again, and why.
_WITHOUT = {
    "accounts.save_profile": "what one calls oneself is stated by no badge",
    "api_keys.ask": "members are asked, and each of them decides",
    "consents.refuse": "it only takes a right away",
    "definitions.apply_import": "it makes drafts, which nobody sees",
    "definitions.plan_import": "it changes nothing",
    "definitions.plan_rubric": "it changes nothing",
    "definitions.publish": "a text of the district; it gives nobody a badge",
    "definitions.retire": "what was awarded stays, and a new version can be published",
    "members.send_again": "the mail goes where the invitation went",
    "members.withdraw": "it only takes an invitation away",
    "security.change_password": "the form itself asks for the present password",
    "security.verify": "it is the page that asks",
}


def _forms(app: Flask) -> dict[str, str]:
    """Endpoint and path of every form of an account or of an administrator."""
    values = {"slug": "lakeside", "version_id": 1, "user_id": 1, "answer": "accept"}
    adapter = app.url_map.bind("")
    return {
        rule.endpoint: adapter.build(
            rule.endpoint, {name: values.get(name, "none") for name in rule.arguments}, method="POST"
        )
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(("/admin/", "/account")) and "POST" in (rule.methods or ())
    }


def test_a_thief_of_an_open_browser_gets_through_no_form(stale: Browser, app: Flask, runtime: Runtime) -> None:
    """Whoever adds a form has it ask for the password, or says above why it need not."""
    forms = _forms(app)
    assert set(_WITHOUT) <= set(forms)
    assert len(forms) > len(_WITHOUT)
    with reading(runtime.sessions) as session:
        before = len(session.scalars(select(Membership)).all())
    for endpoint in sorted(set(forms) - set(_WITHOUT)):
        answer = stale.post(forms[endpoint], {"email": "eve@lakeside.example", "name": "Eve", "role": "admin"})
        assert (endpoint, answer.status_code) == (endpoint, 403)
        assert 'name="confirm-password"' in answer.text, endpoint
    with reading(runtime.sessions) as session:
        assert len(session.scalars(select(Membership)).all()) == before


def test_a_record_is_not_changed_without_the_password(stale: Browser, runtime: Runtime, district: District) -> None:
    """The name on record is what the district signs beside “Verified”."""
    query = select(MemberRecord.name).where(MemberRecord.user_id == district.teacher.id)
    with reading(runtime.sessions) as session:
        before = session.scalars(query).all()
    asked = stale.post(f"/admin/lakeside/records/{district.teacher.id}", {"name": "Dr. Jane Smith"})
    assert asked.status_code == 403
    assert carried(asked.text) == {"name": ["Dr. Jane Smith"]}
    with reading(runtime.sessions) as session:
        assert session.scalars(query).all() == before


def test_a_page_asks_before_it_is_shown_and_leads_back(stale: Browser, credential: Credential) -> None:
    path = f"/admin/lakeside/issued/{credential.number}/revoke?from=list"
    asked = stale.get(path)
    assert asked.status_code == 302
    page = stale.get(asked.location)
    assert "Please type your password once more." in page.text
    wrong = stale.post(asked.location, {"password": "guess"})
    assert wrong.status_code == 200
    assert "This is not your password." in wrong.text
    back = stale.post(asked.location, {"password": PASSWORD})
    assert back.location == path
    assert stale.get(path).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"]
)
def test_confirming_leads_to_no_other_site(stale: Browser, elsewhere: str) -> None:
    for form in ({"password": PASSWORD}, {"password": PASSWORD, "next": elsewhere}):
        answer = stale.post("/account/confirm", form, query_string={"next": elsewhere})
        location = answer.location or "/"
        assert location.startswith("/"), location
        assert not location.startswith(("//", "/\\")), location


def test_a_did_needs_the_password_and_a_name_does_not(app: Flask, runtime: Runtime, district: District) -> None:
    browser = _an_hour_ago(app, runtime, district.teacher)
    assert browser.post("/account", {"name": "Tara Tully"}).status_code == 302
    for path in ("/account/did", "/account/did/prove", "/account/did/remove"):
        asked = browser.post(path, {"did": "did:key:z6MkExample"})
        assert asked.status_code == 403
        assert carried(asked.text) == {"did": ["did:key:z6MkExample"]}


def test_staying_signed_in_is_not_having_typed_the_password(app: Flask, runtime: Runtime, district: District) -> None:
    with unit_of_work(runtime.sessions) as session:
        session.merge(district.admin).password = hash_password(PASSWORD)
    browser = Browser(app)
    browser.post("/sign-in", {"email": district.admin.email, "password": PASSWORD, "remember": "y"})
    assert browser.post("/admin/lakeside/keys", {"name": "One", "scope": "members:read"}).status_code == 200
    later = stolen(app, browser, "badgewright-stay")
    assert later.get("/admin/lakeside/keys").status_code == 200
    assert later.post("/admin/lakeside/keys", {"name": "Two", "scope": "members:read"}).status_code == 403
    assert len(keys(runtime)) == 1


def test_a_script_gets_a_problem(stale: Browser) -> None:
    answer = stale.post("/admin/lakeside/keys", {"name": "One"}, headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert answer.get_json(force=True)["code"] == "password_needed"


def test_a_stranger_is_asked_to_sign_in_and_not_for_a_password(stranger: Browser, district: District) -> None:
    answer = stranger.post("/admin/lakeside/keys", {"confirm-password": PASSWORD})
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_somebody_without_the_role_learns_nothing_by_confirming(
    app: Flask, runtime: Runtime, district: District
) -> None:
    browser = _an_hour_ago(app, runtime, district.teacher)
    assert browser.post("/admin/lakeside/keys", {"confirm-password": PASSWORD}).status_code == 403
    assert browser.post("/admin/lakeside/keys", {"name": "One"}).status_code == 403
    assert keys(runtime) == []
