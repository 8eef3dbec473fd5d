"""A district's members and keys: inviting, removing, rotating, asking; and a person's own answers."""

from __future__ import annotations

import re

from flask import Flask

from issuer.db import reading, unit_of_work
from issuer.models import ApiKey, Submission
from issuer.runtime import Runtime
from issuer.services import api_keys
from issuer.services.access import Actor
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, settle
from tests.integration.web.test_accounts import mails


def test_whoever_is_new_joins_by_choosing_a_password(
    admin: Browser, app: Flask, runtime: Runtime, district: District
) -> None:
    data = {"email": "new@lakeside.example", "name": "Nia New", "role": "coach"}
    assert admin.post("/admin/lakeside/members", data).status_code == 302
    assert "Invited" in admin.get("/admin/lakeside/members").text
    (mail,) = mails(runtime)
    assert mail.startswith("new@lakeside.example")
    link = re.search(r"http://localhost:8000(/\S+)", mail)
    assert link is not None
    browser = Browser(app)
    page = browser.get(link[1])
    assert "Welcome, Nia New" in page.text
    assert "<strong>Lakeside" in page.text
    assert "invites you as coach" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "Nia" not in browser.get(f"{link[1][:-2]}xx", follow_redirects=True).text
    twice = admin.post("/admin/lakeside/members", data)
    assert twice.status_code == 409
    assert 'value="new@lakeside.example"' in twice.text
    chosen = {"password": "nine-loud-herons", "password_confirm": "nine-loud-herons"}
    assert "Welcome, Nia New" in browser.post(link[1], {**chosen, "password_confirm": "another"}).text
    assert browser.post(link[1], chosen).location == "/sign-in"
    assert 'value="new@lakeside.example"' in browser.get("/sign-in").text
    assert "new@lakeside.example" not in browser.get("/sign-in").text
    # Once more by the same link: nobody is greeted, and nobody is warned of a reset that was none.
    assert "Nia" not in browser.get(link[1], follow_redirects=True).text
    settle(app)
    assert not [each for each in mails(runtime) if "was reset just now" in each]
    page = admin.get("/admin/lakeside/members").text
    assert ">Invited<" not in page
    assert "Nia New" in page


def test_an_account_of_another_district_is_asked_first(
    admin: Browser, neighbour: Browser, runtime: Runtime, district: District
) -> None:
    """Seen: typing an address made its owner a member, and showed their name."""
    data = {"email": district.stranger.email, "name": "Somebody", "role": "coach"}
    assert admin.post("/admin/lakeside/members", data).status_code == 302
    page = admin.get("/admin/lakeside/members").text
    assert "Somebody" in page
    assert district.stranger.name not in page
    (mail,) = mails(runtime)
    assert "Sign in to accept or decline" in mail
    account = neighbour.get("/account").text
    accept = re.search(r'action="(/account/invitations/[0-9a-f]{32}/accept)"', account)
    assert accept is not None
    assert admin.post(accept[1]).status_code == 404
    assert neighbour.post(accept[1]).status_code == 302
    assert district.stranger.name in admin.get("/admin/lakeside/members").text
    assert "You are invited" not in neighbour.get("/account").text


def test_an_invitation_is_withdrawn_and_then_cannot_be_accepted(
    admin: Browser, neighbour: Browser, district: District
) -> None:
    data = {"email": district.stranger.email, "name": "Somebody", "role": "coach"}
    admin.post("/admin/lakeside/members", data)
    found = re.search(r"/admin/lakeside/invitations/([0-9a-f]{32})/withdraw", admin.get("/admin/lakeside/members").text)
    assert found is not None
    again = admin.post(f"/admin/lakeside/invitations/{found[1]}/send")
    assert again.status_code == 409
    assert neighbour.post(f"/admin/lakeside/invitations/{found[1]}/withdraw").status_code == 403
    assert admin.post(f"/admin/lakeside/invitations/{found[1]}/withdraw").status_code == 302
    neighbour.post(f"/account/invitations/{found[1]}/accept")
    assert district.stranger.name not in admin.get("/admin/lakeside/members").text


def test_removing_an_admin_shows_the_keys_that_end_before_one_confirms(
    admin: Browser, runtime: Runtime, district: District
) -> None:
    with unit_of_work(runtime.sessions) as session:
        here = session.merge(district.organisation)
        other = factories.person(session, here, "zoe@lakeside.example", "admin", "coach")
        _, text = api_keys.create(
            session,
            organisation_id=here.id,
            name="Payroll",
            scopes=["audit:read"],
            actor=Actor.of(other),
            now=runtime.clock(),
        )
    query = f"user={other.id}&role=admin"
    page = admin.get(f"/admin/lakeside/members/remove?{query}").text
    assert "Payroll" in page
    assert text.split("_")[1] in page
    asked = {"user": str(other.id), "role": "admin"}
    assert admin.post("/admin/lakeside/members/remove", asked).status_code == 422
    assert admin.post("/admin/lakeside/members/remove", {**asked, "sure": "yes"}).status_code == 302
    with reading(runtime.sessions) as session:
        assert session.query(ApiKey).filter_by(prefix=text.split("_")[1]).one().revoked_at is not None
    assert admin.get(f"/admin/lakeside/members/remove?{query}").status_code == 404


def test_removing_a_coach_names_what_goes_back_into_the_queue(
    admin: Browser, coach: Browser, district: District, waiting: Submission
) -> None:
    coach.post(f"/reviews/{waiting.number}/claim")
    page = admin.get(f"/admin/lakeside/members/remove?user={district.coach.id}&role=coach").text
    assert "Goes back into the queue" in page
    assert "Checking for understanding" in page


def test_the_last_admin_is_not_asked_whether_to_remove_themselves(
    admin: Browser, runtime: Runtime, district: District
) -> None:
    """Seen: the page asked about oneself as about somebody else, and refused only after one had confirmed."""
    path = f"/admin/lakeside/members/remove?user={district.admin.id}&role=admin"
    page = admin.get(path).text
    assert "You are the only administrator" in page
    assert ">Remove the role</button>" not in page
    with unit_of_work(runtime.sessions) as session:
        factories.person(session, session.merge(district.organisation), "zoe@lakeside.example", "admin")
    page = admin.get(path).text
    assert "Remove your own role" in page
    assert "only administrator" not in page
    assert ">Remove my role</button>" in page
    removal = {"user": str(district.admin.id), "role": "admin", "sure": "yes"}
    assert admin.post("/admin/lakeside/members/remove", removal).location == "/account"


def test_a_coach_who_was_removed_reads_so_instead_of_an_empty_queue(
    admin: Browser, coach: Browser, teacher: Browser, district: District, waiting: Submission
) -> None:
    """Seen: "The queue is empty. Thank you.", with work waiting."""
    removal = {"user": str(district.coach.id), "role": "coach", "sure": "yes"}
    assert "You are no longer" not in coach.get("/reviews").text
    assert admin.post("/admin/lakeside/members/remove", removal).status_code == 302
    page = coach.get("/reviews").text
    assert f"You are no longer a coach at {district.organisation.name}." in page
    assert "The queue is empty" not in page
    assert "You are not a coach in any district" in teacher.get("/reviews").text


def test_a_key_is_rotated_and_both_secrets_are_shown(admin: Browser, runtime: Runtime, district: District) -> None:
    form = {"name": "Payroll", "scope": "audit:read", "days": "30", "networks": "192.0.2.0/24\n2001:db8::/32"}
    made = re.search(r"bw_([0-9a-f]{12})_[A-Za-z0-9_-]{43}", admin.post("/admin/lakeside/keys", form).text)
    assert made is not None
    path = f"/admin/lakeside/keys/{made[1]}"
    assert "192.0.2.0/24, 2001:db8::/32" in admin.get(path).text
    rotated = admin.post(f"{path}/rotate", {"overlap": "3", "days": "30"})
    assert re.search(r"bw_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", rotated.text)
    assert made[0] not in rotated.text
    assert rotated.headers["Cache-Control"] == "no-store"
    assert "Old secret" in admin.get(path).text
    assert admin.post(f"{path}/rotate", {"overlap": "99", "days": "30"}).status_code == 422
    assert "being rotated" in admin.get("/admin/lakeside/keys").text


def test_a_member_answers_a_key_on_their_account_page(admin: Browser, teacher: Browser, runtime: Runtime) -> None:
    form = {"name": "Portfolio", "scope": "submissions:read", "days": "30"}
    made = re.search(r"bw_([0-9a-f]{12})_", admin.post("/admin/lakeside/keys", form).text)
    assert made is not None
    path = f"/admin/lakeside/keys/{made[1]}"
    member = re.search(r'<option value="(\d+)">Tara', admin.get(path).text)
    assert member is not None
    assert '<option value="">Choose a member</option>' in admin.get(path).text
    nobody = admin.post(f"{path}/consents", {"user": ""})
    assert nobody.status_code == 422
    assert "Please choose a member." in nobody.text
    assert admin.post(f"{path}/consents", {"user": member[1]}).status_code == 302
    assert "has been asked, and answers on their account page." in admin.get(path).text
    page = teacher.get("/account").text
    assert "Portfolio" in page
    assert "Read your drafts, what you handed in, and your evidence." in page
    assert teacher.post(f"/account/keys/{made[1]}/agree", {"days": "open"}).status_code == 302
    assert "You agreed" in teacher.get("/account").text
    assert admin.post(f"/account/keys/{made[1]}/agree", {"days": "open"}).status_code == 404
    assert teacher.post(f"/account/keys/{made[1]}/refuse").status_code == 302
    assert "You said no" in teacher.get("/account").text
