"""Whose name stands on a badge's pages, the pages of the record, and an agency's question."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from issuer.db import unit_of_work
from issuer.jobs import run_reissue
from issuer.models import Credential, MemberRecord, Reissue, User
from issuer.runtime import Runtime
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser


@pytest.fixture
def agency(app: Flask, runtime: Runtime, district: District) -> Browser:
    with unit_of_work(runtime.sessions) as session:
        user = factories.person(session, session.merge(district.organisation), "kim@state.example", "agency")
    return Browser(app, user)


def test_what_a_holder_calls_themselves_stands_on_no_public_page(
    stranger: Browser, agency: Browser, runtime: Runtime, district: District, shared: Credential
) -> None:
    cards = stranger.get(f"/credentials/{shared.number}/card.png").data
    with unit_of_work(runtime.sessions) as session:
        session.get_one(User, district.teacher.id).name = "Dr. Jane Smith"
    page = f"/credentials/{shared.number}"
    address = runtime.addresses.credential(shared.number)
    for path in (page, f"{page}.json", f"{page}.svg", f"/verify?url={address}", f"/embed/{shared.number}"):
        assert "Jane" not in stranger.get(path).text, path
    assert "Jane" not in agency.get("/agency").text
    assert "Tara" in stranger.get(page).text
    assert stranger.get(f"{page}/card.png").data == cards


def test_a_badge_without_a_signed_name_says_so(
    stranger: Browser, teacher: Browser, admin: Browser, runtime: Runtime, district: District, waiting, app: Flask
) -> None:
    with unit_of_work(runtime.sessions) as session:
        session.delete(session.scalars(select(MemberRecord).where(MemberRecord.user_id == district.teacher.id)).one())
    from datetime import timedelta

    from issuer.services import issuance, keys, sharing
    from issuer.services.access import Actor

    with unit_of_work(runtime.sessions) as session:
        keys.create_key(session, runtime.keyring, district.organisation.id, Actor.command("tests"), factories.NOW)
        submission = session.merge(waiting)
        factories.approved(session, submission, session.merge(district.coach))
        made = issuance.issue(
            session,
            runtime.keyring,
            runtime.verifier_for_own_output,
            runtime.addresses,
            runtime.storage,
            submission.id,
            factories.NOW + timedelta(hours=3),
        )
        sharing.share(session, made.number, Actor.of(district.teacher), factories.NOW)
    page = stranger.get(f"/credentials/{made.number}").text
    assert "does not state the person’s name" in page
    assert "Tara" not in page
    assert "can have it signed again" in teacher.get(f"/credentials/{made.number}").text
    assert stranger.get(f"/credentials/{made.number}/card.png").status_code == 200

    # The admin gives the person a record and has the badge signed again, all by the pages.
    record = f"/admin/lakeside/records/{district.teacher.id}"
    assert admin.post(record, {"name": "Amara Okafor", "educator_id": "T-4711"}).status_code == 302
    assert "states no name" in admin.get(record).text
    assert admin.post(f"{record}/reissue").status_code == 302
    # Seen: the same badge with the same button, as if nothing had been pressed.
    pressed = admin.get(record).text
    assert "Badges are being signed again" in pressed
    assert "Not signed again yet" in pressed
    assert ">Sign it again<" not in pressed
    with unit_of_work(runtime.sessions) as session:
        number = session.scalars(select(Reissue.number)).one()
    run_reissue(runtime, number)
    assert "Badges that say something else" not in admin.get(record).text
    assert "Badges are being signed again" not in admin.get(record).text
    with unit_of_work(runtime.sessions) as session:
        new = session.scalars(select(Credential.number).where(Credential.replaces_id == made.id)).one()
    assert "Amara Okafor" in stranger.get(f"/credentials/{new}").text
    old = stranger.get(f"/credentials/{made.number}").text
    assert "This badge was replaced" in old
    assert "corrected its record" in old


def test_records_are_for_admins_of_the_district(
    admin: Browser, teacher: Browser, coach: Browser, neighbour: Browser, district: District
) -> None:
    record = f"/admin/lakeside/records/{district.teacher.id}"
    for other in (teacher, coach, neighbour):
        assert other.get("/admin/lakeside/records").status_code == 403
        assert other.get(record).status_code == 403
        assert other.post(record, {"name": "Dr. Jane Smith"}).status_code == 403
        assert other.post(f"{record}/reissue").status_code == 403
        assert other.post("/admin/lakeside/records/educator-ids", {"signed": "yes"}).status_code == 403
    elsewhere = f"/admin/hillside/records/{district.teacher.id}"
    assert neighbour.get(elsewhere).status_code == 404
    assert neighbour.post(elsewhere, {"name": "Dr. Jane Smith"}).status_code == 404
    assert "Tara" in admin.get("/admin/lakeside/records").text
    assert admin.post(record, {"name": " "}).status_code == 422
    assert admin.post("/admin/lakeside/records/educator-ids", {"signed": "yes"}).status_code == 302
    assert "can be guessed" in admin.get(record).text


def test_an_agency_asks_on_the_badges_page(
    agency: Browser, stranger: Browser, teacher: Browser, runtime: Runtime, shared: Credential
) -> None:
    page = f"/credentials/{shared.number}"
    assert "Is it this person’s?" in agency.get(page).text
    for other in (stranger, teacher):
        assert "Is it this person’s?" not in other.get(page).text
    yes = agency.post(f"{page}/holder", {"name": "tara", "educator_id": ""}).text
    assert "Yes: “tara” is the name on record." in yes
    no = agency.post(f"{page}/holder", {"name": "Dr. Jane Smith", "educator_id": "4711"}).text
    assert "No: “Dr. Jane Smith” is not the name on record." in no
    assert "There is no educator id on record" in no
    assert agency.post(f"{page}/holder", {}).status_code == 422
    assert teacher.post(f"{page}/holder", {"name": "tara"}).status_code == 403
    assert stranger.post(f"{page}/holder", {"name": "tara"}).status_code == 302
    teacher.post(f"{page}/unshare")
    assert agency.post(f"{page}/holder", {"name": "tara"}).status_code == 404
