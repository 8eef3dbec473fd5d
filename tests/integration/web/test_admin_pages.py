"""A district's own pages: import with a dry run, publishing, members, keys, revoking."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from achievements import definitions
from issuer.db import reading
from issuer.models import Credential
from issuer.queries import trail
from issuer.runtime import Runtime
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, upload

FRAMEWORK = definitions.raw(definitions.FRAMEWORK_FILE)
MICROCREDENTIALS = definitions.raw(definitions.MICROCREDENTIALS_FILE)


def dry_run(browser: Browser, kind: str, data: bytes, slug: str = "lakeside") -> tuple[str, str]:
    """The page and the ticket on it ("" where nothing can be confirmed)."""
    page = browser.post(f"/admin/{slug}/import", {"kind": kind, "file": upload(data, "file.json")}).text
    found = re.search(r'name="ticket" value="([^"]+)"', page)
    return page, found[1] if found else ""


def test_nothing_changes_before_it_is_confirmed(admin: Browser) -> None:
    page, ticket = dry_run(admin, "framework", FRAMEWORK)
    assert "Nothing has been changed yet" in page
    assert "New" in page
    assert "Maple County Teaching Practices" not in admin.get("/catalogue").text
    assert admin.post("/admin/lakeside/import/confirm", {"ticket": ticket}).status_code == 302
    assert "Imported: “Maple County Teaching Practices”." in admin.get("/admin/lakeside/import").text
    assert "Maple County Teaching Practices" in admin.get("/catalogue").text
    again, ticket = dry_run(admin, "framework", FRAMEWORK)
    assert "there is nothing to do" in again
    assert not ticket


def test_definitions_become_drafts_and_are_published_one_by_one(admin: Browser, stranger: Browser) -> None:
    _, ticket = dry_run(admin, "framework", FRAMEWORK)
    admin.post("/admin/lakeside/import/confirm", {"ticket": ticket})
    _, ticket = dry_run(admin, "definitions", MICROCREDENTIALS)
    done = admin.post("/admin/lakeside/import/confirm", {"ticket": ticket})
    assert done.location == "/admin/lakeside/definitions"
    page = admin.get("/admin/lakeside/definitions").text
    action = re.search(r'href="(/admin/lakeside/definitions/\d+)/publish"', page)
    assert action is not None
    preview = admin.get(action[1]).text
    name = re.search(r"<h1>([^<]+)</h1>", preview)
    assert name is not None
    assert name[1] not in stranger.get("/catalogue").text
    # Seen: one press published what never changes again.
    asked = admin.get(f"{action[1]}/publish").text
    assert "A published version never changes." in asked
    assert admin.post(f"{action[1]}/publish").status_code == 422
    assert name[1] not in stranger.get("/catalogue").text
    assert admin.post(f"{action[1]}/publish", {"sure": "yes"}).status_code == 302
    assert name[1] in stranger.get("/catalogue").text
    twice = admin.post(f"{action[1]}/publish", {"sure": "yes"})
    assert twice.status_code == 409
    assert "published already" in twice.text
    admin.post(f"{action[1]}/retire", {"sure": "yes"})
    assert name[1] not in stranger.get("/catalogue").text


def test_a_file_that_cannot_be_imported_says_where_it_is_wrong(admin: Browser) -> None:
    for data in (b"{", b"[]", b'{"CFDocument": {}}', FRAMEWORK):
        page, ticket = dry_run(admin, "definitions", data)
        assert "This cannot be imported" in page
        assert not ticket
    assert "This file is a competency framework" in page
    assert "None of them stands in the way" not in page
    page, _ = dry_run(admin, "framework", MICROCREDENTIALS)
    assert "This file holds microcredentials" in page
    nothing = admin.post("/admin/lakeside/import", {"kind": "framework"})
    assert nothing.status_code == 422


def test_a_dry_run_is_confirmed_only_by_whom_it_was_shown_to(admin: Browser, neighbour: Browser) -> None:
    _, ticket = dry_run(admin, "framework", FRAMEWORK)
    for browser, slug, text in (
        (neighbour, "hillside", ticket),
        (admin, "lakeside", ticket[:-3] + "abc"),
        (admin, "lakeside", ""),
    ):
        refused = browser.post(f"/admin/{slug}/import/confirm", {"ticket": text})
        assert refused.status_code == 422
        assert "no longer current" in refused.text
    assert "Maple County" not in admin.get("/catalogue").text


def test_a_file_that_is_too_large(app: Flask, runtime: Runtime, district: District) -> None:
    app.extensions["badgewright"] = replace(runtime, config=replace(runtime.config, max_import_bytes=1000))
    data = {"kind": "framework", "file": upload(b" " * 1001, "x.json")}
    answer = Browser(app, district.admin).post("/admin/lakeside/import", data)
    assert answer.status_code == 413
    assert "The file is larger than" in answer.text


def test_a_key_is_shown_once(admin: Browser) -> None:
    page = admin.get("/admin/lakeside/keys").text
    scope = re.search(r'name="scope" value="([^"]+)"', page)
    assert scope is not None
    made = admin.post("/admin/lakeside/keys", {"name": "Payroll", "scope": scope[1]})
    key = re.search(r"bw_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", made.text)
    assert key is not None
    assert made.headers["Cache-Control"] == "no-store"
    again = admin.get("/admin/lakeside/keys").text
    assert key[0] not in again
    assert "Payroll" in again
    prefix = key[0].split("_")[1]
    assert "Revoke this key?" in admin.get(f"/admin/lakeside/keys/{prefix}/revoke").text
    assert admin.post(f"/admin/lakeside/keys/{prefix}/revoke").status_code == 302
    assert "revoked" in admin.get("/admin/lakeside/keys").text
    assert admin.post("/admin/lakeside/keys", {"name": "", "scope": scope[1]}).status_code == 422


def test_the_last_admin_stays(admin: Browser, district: District) -> None:
    asked = {"user": str(district.admin.id), "role": "admin", "sure": "yes"}
    refused = admin.post("/admin/lakeside/members/remove", asked)
    assert refused.status_code == 409
    assert admin.get("/admin/lakeside/members").status_code == 200


@pytest.mark.parametrize("data", [{"reason": "", "sure": "yes"}, {"reason": "By mistake"}])
def test_revoking_needs_a_reason_and_a_confirmation(
    admin: Browser, credential: Credential, data: dict[str, str]
) -> None:
    refused = admin.post(f"/admin/lakeside/issued/{credential.number}/revoke", data)
    assert refused.status_code == 422
    assert "Private" in admin.get("/admin/lakeside/issued").text


def test_revoking_is_seen_at_once(admin: Browser, stranger: Browser, shared: Credential) -> None:
    path = f"/admin/lakeside/issued/{shared.number}/revoke"
    assert "cannot be undone" in admin.get(path).text
    assert admin.post(path, {"reason": "By mistake", "sure": "yes"}).status_code == 302
    assert "Not valid" in stranger.get(f"/credentials/{shared.number}").text
    again = admin.post(path, {"reason": "By mistake", "sure": "yes"})
    assert again.status_code == 409


def test_what_was_issued_can_be_searched(admin: Browser, credential: Credential) -> None:
    for words, found in (("tara", True), ("UNDERSTANDING", True), ("nobody", False)):
        assert (credential.number in admin.get(f"/admin/lakeside/issued?q={words}").text) is found


def test_the_trail_says_who_did_what(admin: Browser, credential: Credential) -> None:
    page = admin.get("/admin/lakeside/trail").text
    assert "submission approve" in page
    assert "Carl" in page


def test_the_whole_trail_goes_back_page_by_page(
    admin: Browser,
    credential: Credential,
    runtime: Runtime,
    district: District,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("issuer.web.admin._EVENTS", 3)
    path = f"/admin/{district.organisation.slug}/trail"
    with reading(runtime.sessions) as session:
        expected = [e.event.id for e in trail.events(session, organisation_id=district.organisation.id, limit=500)]
    assert len(expected) > 3
    seen, answer = 0, admin.get(path)
    while True:
        assert answer.status_code == 200
        seen += answer.text.count('data-label="When"')
        older = re.search(r'href="([^"]*before=\d+)"', answer.text)
        if older is None:
            break
        answer = admin.get(older[1])
    assert seen == len(expected)
