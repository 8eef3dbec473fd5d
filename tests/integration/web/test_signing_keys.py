"""The page of signing keys, and what a badge's pages show once another badge took its place."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from issuer.config import Config
from issuer.db import unit_of_work
from issuer.jobs import run_reissue
from issuer.models import Credential, MemberRecord, Organisation, Reissue, SigningKey
from issuer.runtime import Runtime
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, an_hour_goes_by

_PAGE = "/admin/lakeside/signing-keys"


def _key(runtime: Runtime) -> str:
    with unit_of_work(runtime.sessions) as session:
        return session.scalars(select(SigningKey.public_multibase).order_by(SigningKey.id)).first() or ""


@pytest.fixture
def replaced(admin: Browser, runtime: Runtime, shared: Credential) -> Credential:
    """The credential that took the place of `shared`, by the pages and the job."""
    asked = admin.get(f"{_PAGE}/{_key(runtime)}/revoke").text
    assert "revoked and" not in asked, "nothing is said of badges that there are not"
    assert "as they are" not in asked
    assert admin.post(f"{_PAGE}/{_key(runtime)}/revoke", {"sure": "yes"}).status_code == 302
    assert "have its awards signed again" in admin.get(_PAGE).text
    assert "Some awards cannot be verified" in admin.get(_PAGE).text
    assert admin.post(f"{_PAGE}/reissue").status_code == 302
    under_way = admin.get(_PAGE).text
    assert "Awards are being signed again" in under_way
    # For another key that is revoked meanwhile.
    assert "Begin again" in under_way
    assert admin.post(f"{_PAGE}/reissue").status_code == 302
    with unit_of_work(runtime.sessions) as session:
        number = session.scalars(select(Reissue.number)).one()
    # Handed over at once, not found by a worker half a minute later.
    assert runtime.enqueue.reissued == [number, number]  # type: ignore[attr-defined]  # the fixture's stand-in
    run_reissue(runtime, number)
    assert "1 award was signed again" in admin.get(_PAGE).text
    with unit_of_work(runtime.sessions) as session:
        return session.scalars(select(Credential).where(Credential.replaces_id == shared.id)).one()


def test_only_an_admin_of_the_district_sees_and_revokes_its_keys(
    admin: Browser, teacher: Browser, coach: Browser, neighbour: Browser, runtime: Runtime, credential: Credential
) -> None:
    path = f"{_PAGE}/{_key(runtime)}/revoke"
    for other in (teacher, coach, neighbour):
        for each in (_PAGE, path):
            assert other.get(each).status_code == 403
        assert other.post(path, {"sure": "yes"}).status_code == 403
        assert other.post(f"{_PAGE}/reissue").status_code == 403
    assert neighbour.get(path.replace("lakeside", "hillside")).status_code == 404
    assert neighbour.post(path.replace("lakeside", "hillside"), {"sure": "yes"}).status_code == 404
    page = admin.get(path).text
    assert "1 badge in force" in page
    assert admin.post(path).status_code == 422
    assert "retired" not in admin.get(_PAGE).text.replace("a retired key", "")
    with unit_of_work(runtime.sessions) as session:
        assert session.scalars(select(SigningKey)).one().active


def test_a_revoked_key_shows_at_once_everywhere(
    admin: Browser, stranger: Browser, runtime: Runtime, shared: Credential
) -> None:
    page = f"/credentials/{shared.number}"
    assert "Verified" in stranger.get(f"/embed/{shared.number}").text
    admin.post(f"{_PAGE}/{_key(runtime)}/revoke", {"sure": "yes"})
    for path in (page, f"/verify?url={runtime.addresses.credential(shared.number)}", f"/embed/{shared.number}"):
        assert "Not valid" in stranger.get(path).text, path
    published = stranger.get("/orgs/lakeside/did.json")
    assert published.headers["Cache-Control"] == "public, max-age=300"
    methods = {each["publicKeyMultibase"]: each for each in published.get_json(force=True)["verificationMethod"]}
    assert "revoked" in methods[_key(runtime)]
    again = admin.post(f"{_PAGE}/{_key(runtime)}/revoke", {"sure": "yes"}, follow_redirects=True)
    assert "Nothing was changed" in again.text


def test_the_old_page_says_that_it_was_replaced_and_leads_to_the_new_one(
    stranger: Browser, teacher: Browser, shared: Credential, replaced: Credential
) -> None:
    old = stranger.get(f"/credentials/{shared.number}").text
    assert "This badge was replaced" in old
    assert f'href="/credentials/{replaced.number}"' in old
    assert 'content="noindex"' in old
    new = stranger.get(f"/credentials/{replaced.number}").text
    assert "This badge was replaced" not in new
    assert "Not valid" not in new
    # A frame on another site that was made for the old one shows the one that counts.
    frame = stranger.get(f"/embed/{shared.number}").text
    assert replaced.number in frame
    assert "Not valid" not in frame
    mine = teacher.get("/teacher/badges").text
    assert replaced.number in mine
    assert shared.number not in mine
    assert "Signed again on" in mine
    assert stranger.get(f"/credentials/{shared.number}.json").data == shared.document


def test_sharing_is_one_for_all_badges_of_an_award(
    stranger: Browser, teacher: Browser, shared: Credential, replaced: Credential
) -> None:
    assert teacher.post(f"/credentials/{replaced.number}/unshare").status_code == 302
    for number in (shared.number, replaced.number):
        for rest in ("", ".json", ".png", "/card.png"):
            assert stranger.get(f"/credentials/{number}{rest}").status_code == 404
    assert teacher.get(f"/credentials/{shared.number}").status_code == 200


def test_the_holder_gets_one_mail_with_the_new_address(
    config: Config, runtime: Runtime, district: District, replaced: Credential
) -> None:
    mails = [path.read_text() for path in (config.var / "mail").glob("*.eml")]
    assert len(mails) == 1
    assert f"To: {district.teacher.email}" in mails[0]
    assert runtime.addresses.credential(replaced.number) in mails[0].replace("=\n", "")


def test_the_list_of_issued_badges_has_each_award_once(
    admin: Browser, shared: Credential, replaced: Credential
) -> None:
    page = admin.get("/admin/lakeside/issued").text
    assert replaced.number in page
    assert shared.number not in page
    refused = admin.post(f"/admin/lakeside/issued/{shared.number}/revoke", {"reason": "Old", "sure": "yes"})
    assert refused.status_code == 409


def test_an_open_browser_is_not_enough_to_revoke_a_key_or_change_a_record(
    app: Flask, runtime: Runtime, district: District, credential: Credential
) -> None:
    browser = Browser(app, district.admin)
    an_hour_goes_by(browser)
    asks = [
        (f"{_PAGE}/{_key(runtime)}/revoke", {"sure": "yes"}),
        (f"{_PAGE}/reissue", {}),
        (f"/admin/lakeside/records/{district.teacher.id}", {"name": "Dr. Jane Smith"}),
        (f"/admin/lakeside/records/{district.teacher.id}/reissue", {}),
        ("/admin/lakeside/records/educator-ids", {"signed": "yes"}),
    ]
    for path, form in asks:
        assert "password" in browser.post(path, form).text, path
    with unit_of_work(runtime.sessions) as session:
        assert session.scalars(select(SigningKey)).one().active
        assert not session.scalars(select(Reissue)).all()
        assert "Dr. Jane Smith" not in session.scalars(select(MemberRecord.name)).all()
        assert not session.scalars(select(Organisation.educator_id_signed)).first()
