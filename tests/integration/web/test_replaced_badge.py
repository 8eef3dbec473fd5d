"""An old file of a badge that was signed again, on the verify page."""

from __future__ import annotations

import json

import pytest

from issuer.db import unit_of_work
from issuer.models import Credential
from issuer.runtime import Runtime
from issuer.services import issuance, sharing
from issuer.services.access import Actor
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, upload
from tests.integration.web.test_verify_page import headline

REPLACED = "This badge was replaced"


@pytest.fixture
def newer(runtime: Runtime, district: District, shared: Credential) -> str:
    """The number of the badge that took the place of `shared`."""
    with unit_of_work(runtime.sessions) as session:
        return issuance.reissue(
            session,
            runtime.keyring,
            runtime.verifier_for_own_output,
            runtime.addresses,
            shared.id,
            "record_changed",
            Actor.of(district.admin),
            factories.NOW,
        ).number


def test_an_old_file_leads_to_the_newer_badge(stranger: Browser, shared: Credential, newer: str) -> None:
    picture = stranger.get(f"/credentials/{shared.number}.png").data
    for data, name in ((shared.document, "badge.json"), (picture, "badge.png")):
        page = stranger.post("/verify", {"file": upload(data, name)}).text
        assert headline(page) == "Not valid"
        assert REPLACED in page
        assert f'href="/credentials/{newer}"' in page
    current = stranger.get(f"/credentials/{newer}.json").text
    assert REPLACED not in stranger.post("/verify", {"text": current}).text


def test_a_stranger_learns_nothing_about_a_badge_that_is_not_shared(
    stranger: Browser, teacher: Browser, runtime: Runtime, district: District, shared: Credential, newer: str
) -> None:
    with unit_of_work(runtime.sessions) as session:
        sharing.unshare(session, newer, Actor.of(district.teacher), factories.NOW)
    for browser in (stranger, teacher):
        page = browser.post("/verify", {"text": shared.document.decode()}).text
        assert REPLACED not in page
        assert newer not in page


def test_a_document_that_borrows_the_number_leads_nowhere(stranger: Browser, shared: Credential, newer: str) -> None:
    borrowed = json.dumps({**json.loads(shared.document), "name": "Another name"})
    page = stranger.post("/verify", {"text": borrowed}).text
    assert REPLACED not in page
    assert newer not in page
