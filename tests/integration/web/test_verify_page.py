"""The verify page: one of four plain answers, and never a word of it kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import func, select

from issuer.db import unit_of_work
from issuer.models import AuditEvent, Credential
from issuer.runtime import Runtime
from tests.build_assets import FOLDER
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, upload
from tests.integration.web.test_credential_page import revoke


def headline(page: str) -> str:
    return page.split("<h1>", 1)[1].split("</h1>", 1)[0]


def test_a_file_a_picture_a_text_and_an_address(stranger: Browser, shared: Credential) -> None:
    path = f"/credentials/{shared.number}"
    picture = stranger.get(f"{path}.png").data
    answers = [
        stranger.post("/verify", {"file": upload(shared.document, "badge.json")}),
        stranger.post("/verify", {"file": upload(picture, "badge.png")}),
        stranger.post("/verify", {"text": shared.document.decode()}),
        stranger.get(f"/verify?url=http://localhost:8000{path}"),
        stranger.get(f"/verify?url=http://localhost:8000{path}.png"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert headline(answer.text) == "Verified"
        assert "The issuer has not revoked this credential" in answer.text


def test_a_badge_that_is_not_shared_verifies_when_its_holder_hands_it_over(
    stranger: Browser, credential: Credential
) -> None:
    assert headline(stranger.post("/verify", {"text": credential.document.decode()}).text) == "Verified"
    closed = stranger.get(f"/verify?url=http://localhost:8000/credentials/{credential.number}")
    assert headline(closed.text) == "Could not be checked"


def test_one_changed_letter(stranger: Browser, shared: Credential) -> None:
    document = json.loads(shared.document)
    document["credentialSubject"]["creditsEarned"] = 90
    page = stranger.post("/verify", {"text": json.dumps(document)}).text
    assert headline(page) == "Not valid"
    assert "These lines are what the file says of itself" in page


def test_revoked(stranger: Browser, runtime: Runtime, district: District, shared: Credential) -> None:
    revoke(runtime, district, shared)
    page = stranger.post("/verify", {"text": shared.document.decode()}).text
    assert headline(page) == "Not valid"
    assert "The issuer has revoked this credential" in page


def test_an_issuer_that_nobody_here_knows(
    stranger: Browser, runtime: Runtime, app: Flask, shared: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuer.web.trust.organisation_names", lambda _session: {"hillside": "Hillside Schools"})
    page = stranger.post("/verify", {"text": shared.document.decode()}).text
    assert headline(page) == "Authentic, issuer not recognised"
    assert "whether to trust it is for you to decide" in page


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', "[" * 5000, '{"@context"'])
def test_nonsense_is_not_valid_and_never_an_error(stranger: Browser, text: str) -> None:
    answer = stranger.post("/verify", {"text": text})
    assert answer.status_code == 200
    assert headline(answer.text) == "Not valid"


@pytest.mark.parametrize("text", ["{}", "nonsense", "\x00", "<html><b>my badge</b>"])
def test_a_text_that_is_no_badge(stranger: Browser, text: str) -> None:
    """The form comes back with what was typed, and one plain sentence."""
    asked = {"text": text, "recipient": "tara@lakeside.example", "at": "2026-03-01", "lint": "true"}
    answer = stranger.post("/verify", asked)
    assert answer.status_code == 200
    assert headline(answer.text) == "Verify a badge"
    assert "<h2>There is no badge in this text.</h2>" in answer.text
    assert "JSON:" not in answer.text
    assert text == "\x00" or f">\n{escape(text)}</textarea>" in answer.text
    assert 'value="tara@lakeside.example"' in answer.text
    assert 'value="2026-03-01"' in answer.text
    assert 'name="lint" value="true" checked' in answer.text
    report = stranger.post("/verify", {"text": text, "format": "json"}).get_json()
    assert (report["verdict"], report["results"][0]["code"]) == ("failed", "no_badge")


@pytest.mark.parametrize("name", ["only_a_picture.png", "only_a_picture.svg"])
def test_a_file_that_is_no_badge(stranger: Browser, name: str) -> None:
    answer = stranger.post("/verify", {"file": upload((FOLDER / name).read_bytes(), name), "recipient": "a@b.example"})
    assert answer.status_code == 200
    assert "<h2>There is no badge in this file.</h2>" in answer.text
    assert 'value="a@b.example"' in answer.text


def test_an_address_without_a_badge(stranger: Browser) -> None:
    answer = stranger.get("/verify?url=http://localhost:8000/&recipient=a@b.example")
    assert answer.status_code == 200
    assert "<h2>There is no badge at this address.</h2>" in answer.text
    assert "http://localhost:8000/</textarea>" in answer.text
    assert 'value="a@b.example"' in answer.text


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://[::1]/", "file:///etc/passwd", "http://nowhere.example/", "x", "https://10.0.0.1/"],
)
def test_addresses_that_are_not_asked(stranger: Browser, url: str) -> None:
    answer = stranger.get("/verify", query_string={"url": url})
    assert headline(answer.text) == "Could not be checked"


def test_nothing_given(stranger: Browser) -> None:
    answer = stranger.post("/verify", {"text": "  "})
    assert answer.status_code == 422
    assert "Please choose a file" in answer.text


def test_a_document_cannot_write_on_the_page(stranger: Browser) -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "id": "javascript:alert(1)",
        "name": "<img src=x onerror=alert(1)>",
        "issuer": {"id": "did:key:z6Mk", "name": "</dd><script>alert(2)</script>"},
    }
    page = stranger.post("/verify", {"text": json.dumps(document)}).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page


def evidence_files(runtime: Runtime) -> list[Path]:
    return sorted(path for path in (runtime.config.var / "evidence").rglob("*") if path.is_file())


def test_nothing_is_kept(stranger: Browser, runtime: Runtime, shared: Credential) -> None:
    def events() -> int:
        with unit_of_work(runtime.sessions) as session:
            return int(session.scalar(select(func.count()).select_from(AuditEvent)) or 0)

    before = events(), evidence_files(runtime)
    stranger.post("/verify", {"text": shared.document.decode()})
    assert (events(), evidence_files(runtime)) == before
