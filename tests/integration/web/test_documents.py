"""What machines read."""

from __future__ import annotations

import pytest

from issuer.models import Credential
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser


def test_controller_documents(stranger: Browser, credential: Credential) -> None:
    answer = stranger.get("/orgs/lakeside/did.json")
    assert answer.mimetype == "application/did+ld+json"
    document = answer.get_json(force=True)
    assert document["id"] == "did:web:localhost%3A8000:orgs:lakeside"
    assert len(document["assertionMethod"]) == 1
    assert stranger.get("/.well-known/did.json").get_json(force=True)["id"] == "did:web:localhost%3A8000"


def test_a_status_list_is_public_and_verbatim(stranger: Browser, credential: Credential) -> None:
    listed = credential.status_entry.list
    answer = stranger.get(f"/status/{listed.number}")
    assert answer.data == listed.document
    assert answer.mimetype == "application/vc+ld+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.cache_control.max_age == 300


def test_an_achievement_is_a_page_and_a_document(stranger: Browser, district: District) -> None:
    path = "/achievements/lakeside/check-understanding/v1"
    page = stranger.get(path, headers={"Accept": "text/html"})
    assert "Plan, try and look back" in page.text
    for answer in (stranger.get(path, headers={"Accept": "application/ld+json"}), stranger.get(f"{path}.json")):
        document = answer.get_json(force=True)
        assert document["id"] == f"http://localhost:8000{path}"
        assert document["criteria"]["id"] == f"http://localhost:8000{path}/criteria"
    assert stranger.get(f"{path}/criteria").status_code == 200
    assert stranger.get(f"{path}/image.png").data.startswith(b"\x89PNG")
    assert b"<svg" in stranger.get(f"{path}/image.svg").data


@pytest.mark.parametrize(
    "path", ["/status/nothing", "/orgs/nobody/did.json", "/api/v1/nothing", "/achievements/lakeside/none/v1.json"]
)
def test_programs_are_told_in_their_own_form(stranger: Browser, path: str) -> None:
    answer = stranger.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json(force=True)["code"] == "not_found"


@pytest.mark.parametrize("path", ["/favicon.ico", "/robots.txt"])
def test_small_things(stranger: Browser, path: str) -> None:
    assert stranger.get(path).status_code in (200, 302)
