"""What else can be asked on the verify page: a person, evidence, a day, the lint, the report as a file."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client import REGISTRY
from sqlalchemy import select

from issuer.db import Base, unit_of_work
from issuer.models import Credential
from issuer.runtime import Runtime
from issuer.web import codes
from issuer.web.limits import limiter
from schemas.report import ReportShape
from tests import build_codes
from tests.build_assets import FOLDER
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, upload
from tests.integration.web.test_verify_page import headline


def report(answer: Any) -> dict[str, Any]:
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="verification-')
    found: dict[str, Any] = answer.get_json()
    assert ReportShape().validate(found) == {}
    return found


def outcome(found: dict[str, Any], check: str) -> str:
    return next(str(result["outcome"]) for result in found["results"] if result["check"] == check)


def test_the_report_as_a_file(stranger: Browser, shared: Credential) -> None:
    text = shared.document.decode()
    posted = report(stranger.post("/verify", {"text": text, "format": "json"}))
    assert posted["verdict"] == "verified"
    assert "lint" not in posted
    address = f"http://localhost:8000/credentials/{shared.number}"
    page = stranger.get("/verify", query_string={"url": address, "lint": "true"}).text
    link = page.split("data-report-link", 1)[0].rsplit('href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    fetched = report(stranger.get(link))
    assert fetched["verdict"] == "verified"
    assert fetched["lint"]["passes"]


def test_a_pasted_address_is_followed(stranger: Browser, shared: Credential) -> None:
    answer = stranger.post("/verify", {"text": f" http://localhost:8000/credentials/{shared.number}\n"})
    assert headline(answer.text) == "Verified"
    assert "Maple" not in answer.text  # another test's district
    assert "is recognised by this service" in answer.text


@pytest.mark.parametrize(("who", "expected"), [("tara@lakeside.example", "passed"), ("sam@else.example", "failed")])
def test_is_it_about_this_person(stranger: Browser, shared: Credential, who: str, expected: str) -> None:
    asked = {"text": shared.document.decode(), "recipient": who}
    assert outcome(report(stranger.post("/verify", {**asked, "format": "json"})), "recipient") == expected
    page = stranger.post("/verify", asked).text
    top = page.split('role="status"', 1)[1].split("Checked", 1)[0]
    assert ("The credential is about the person you named." in top) == (expected == "passed")


def test_a_typing_error_in_an_address_makes_no_forgery_of_a_badge(
    stranger: Browser, shared: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"text": shared.document.decode(), "recipient": "tarra@lakeside.example"}
    page = stranger.post("/verify", asked).text
    assert headline(page) == "Genuine, but not about the person you named"
    assert 'class="verdict verdict-another"' in page
    for alarm in ("must not be relied upon", "None of them is confirmed", "certificate proven", "Not valid"):
        assert alarm not in page
    found = report(stranger.post("/verify", {**asked, "format": "json"}))
    assert (found["verdict"], found["verified"]) == ("failed", False)
    assert found["summary"].startswith("This credential is authentic and valid")
    assert found["summary"].endswith("But it is not about the person you named.")
    # What is forged, or by nobody known, is not made genuine by asking whose it is.
    forged = stranger.post("/verify", {**asked, "text": asked["text"].replace("Lakeside", "Seaside")}).text
    assert headline(forged) == "Not valid"
    monkeypatch.setattr("issuer.web.trust.organisation_names", lambda _session: {})
    unknown = stranger.post("/verify", asked).text
    assert headline(unknown) == "Not about the person you named, issuer not recognised"
    assert "its issuer is not on the list of recognised issuers" in unknown.split("Checked", 1)[0]


def test_the_questions_have_a_button_of_their_own(stranger: Browser) -> None:
    more = stranger.get("/verify").text.split('<details class="add"', 1)[1].split("</details>", 1)[0]
    assert 'name="recipient"' in more
    assert 'type="submit"' in more


def test_is_this_the_evidence(stranger: Browser, runtime: Runtime, shared: Credential) -> None:
    stored = next(item for item in shared.submission.evidence if item.sha256)
    with runtime.storage.open(stored.sha256) as file:
        original = file.read()
    for data, expected in ((original, "passed"), (original + b".", "failed")):
        asked = {"text": shared.document.decode(), "format": "json", "evidence": [upload(data, "plan.pdf")]}
        assert outcome(report(stranger.post("/verify", asked)), "evidence") == expected


def test_was_it_good_on_that_day(stranger: Browser, shared: Credential) -> None:
    text = shared.document.decode()
    before = (shared.issued_at - timedelta(days=3)).date().isoformat()
    page = stranger.post("/verify", {"text": text, "at": before}).text
    assert headline(page) == "Not valid"
    assert "Not valid yet" in page
    assert "Judged for" in page


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"text": "{}", "at": "yesterday"}, "Please write the date"),
        ({"text": "{}", "file": (FOLDER / "good.json")}, "one thing at a time"),
        ({"text": "{}", "evidence": [b"x"] * 21}, "At most 20 files"),
    ],
)
def test_questions_that_cannot_be_asked(stranger: Browser, asked: dict[str, Any], code: str) -> None:
    if "file" in asked:
        asked = {**asked, "file": upload(asked["file"].read_bytes(), "good.json")}
    if "evidence" in asked:
        asked = {**asked, "evidence": [upload(data, f"{n}.txt") for n, data in enumerate(asked["evidence"])]}
    answer = stranger.post("/verify", asked)
    assert answer.status_code == 422
    assert code in answer.text
    assert stranger.get("/verify?url=https://x.example/&at=never").status_code == 422


def test_the_lint_on_the_page(stranger: Browser, shared: Credential) -> None:
    text = shared.document.decode()
    assert "What the official validator will say</h2>" not in stranger.post("/verify", {"text": text}).text
    page = stranger.post("/verify", {"text": text, "lint": "true"}).text
    assert "What the official validator will say</h2>" in page
    assert "JsonSchemasProbe" in page


def test_each_answer_has_words_a_mark_and_a_frame_of_its_own(
    stranger: Browser, shared: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sees no colours, or no pictures, or reads only the big words, cannot mix them up."""
    text = shared.document.decode()
    pages = {"verified": stranger.post("/verify", {"text": text}).text}
    pages["failed"] = stranger.post("/verify", {"text": text.replace("Lakeside", "Seaside")}).text
    pages["undetermined"] = stranger.post("/verify", {"text": "https://10.0.0.1/badge"}).text
    monkeypatch.setattr("issuer.web.trust.organisation_names", lambda _session: {})
    pages["unrecognised"] = stranger.post("/verify", {"text": text}).text
    shown = set()
    for kind, page in pages.items():
        top = page.split('role="status"', 1)[1].split('class="verdict-short"', 1)[0]
        assert f'class="seal seal-{kind}"' in top
        assert f'class="verdict verdict-{kind}"' in page
        shown.add((headline(page), top.split("<svg", 1)[1].split(">", 1)[1].split("</svg>")[0]))
    assert len({words for words, _ in shown}) == len({mark for _, mark in shown}) == 4
    assert "Valid, but from an issuer not on the list" in pages["unrecognised"]
    assert "Forged or changed" in pages["failed"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("changed_after_signing.json", "Forged or changed"),
        ("no_proof.json", "Nobody has signed it"),
        ("not_json.json", "Not a proper credential"),
        ("good.json", "Neither a yes nor a no"),  # its issuer is not on the internet
    ],
)
def test_nobody_is_called_a_forger_for_less(stranger: Browser, name: str, words: str) -> None:
    page = stranger.post("/verify", {"file": upload((FOLDER / name).read_bytes(), name)}).text
    assert f'<p class="verdict-short">{words}</p>' in page


def test_the_older_standard_is_named(stranger: Browser, shared: Credential) -> None:
    older = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Assertion",
        "id": "https://10.0.0.1/assertions/1",
        "recipient": {"type": "email", "hashed": False, "identity": "tara@lakeside.example"},
        "badge": {
            "type": "BadgeClass",
            "id": "https://10.0.0.1/b",
            "name": "Old Badge",
            "issuer": "https://10.0.0.1/i",
        },
        "issuedOn": "2019-05-01T00:00:00Z",
        "verification": {"type": "hosted"},
    }
    page = stranger.post("/verify", {"text": json.dumps(older)}).text
    for words in ("Open Badges 2.0, the older standard", "Old Badge", "tara@lakeside.example", "1 May 2019"):
        assert words in page
    assert "the older standard" not in stranger.post("/verify", {"text": shared.document.decode()}).text


def test_what_is_inside_has_its_own_answer(stranger: Browser, shared: Credential) -> None:
    good = json.loads(shared.document)
    changed = json.loads(shared.document.replace(b"Lakeside", b"Seaside"))
    both = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [good, changed],
    }
    page = stranger.post("/verify", {"text": json.dumps(both)}).text
    assert headline(page) == "Not valid"
    inside = page.split("The credentials inside", 1)[1].split("What was checked", 1)[0]
    assert inside.count("inner-verified") == inside.count("inner-failed") == 1
    assert "Forged or changed" in inside


def test_what_is_explained_is_linked_to_its_code(stranger: Browser, shared: Credential) -> None:
    page = stranger.post("/verify", {"text": shared.document.decode()}).text
    assert 'href="/verify/codes#proof_valid"' in page
    assert "Data Integrity" in page  # the rule


def test_the_page_of_codes_has_every_code(stranger: Browser) -> None:
    page = stranger.get("/verify/codes").text
    wanted = {item.code for item in build_codes.collect()}
    assert {code for code in wanted if f'id="{code}"' not in page} == set()
    assert all(codes.is_listed(code) for code in wanted)


HOSTILE = sorted(
    path.name
    for path in FOLDER.iterdir()
    if path.suffix in (".png", ".svg", ".jws") and not path.name.startswith("good")
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_plain_answer(stranger: Browser, name: str) -> None:
    answer = stranger.post("/verify", {"file": upload((FOLDER / name).read_bytes(), name), "lint": "true"})
    assert answer.status_code == 200
    shown = headline(answer.text)
    assert shown in ("Not valid", "Could not be checked") or "There is no badge in this file" in answer.text


def test_a_name_with_markup_does_not_leave_its_place(stranger: Browser) -> None:
    hostile = {
        "type": ["VerifiableCredential"],
        "name": "</template><script>alert(1)</script>",
        "issuer": "</template>",
    }
    page = stranger.post("/verify", {"text": json.dumps(hostile)}).text
    assert "<script>alert" not in page
    assert page.count("</template>") == 1


def test_a_form_without_its_token_is_refused(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert app.test_client().post("/verify", data={"text": "{}"}).status_code == 400


def test_what_is_too_large_is_not_read(stranger: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issuer.ceilings.Ceilings.body", lambda *_, **__: 10_000)
    answer = stranger.post("/verify", {"text": "x" * 10_000})
    assert answer.status_code == 413
    assert "That is too large" in answer.text


def test_too_many_are_slowed_down(app: Flask, stranger: Browser) -> None:
    limiter.enabled = True
    statuses = {stranger.get("/verify?url=https://10.0.0.1/").status_code for _ in range(61)}
    assert statuses == {200, 429}
    assert stranger.get("/verify").status_code == 200  # the form is free


def _rows(runtime: Runtime) -> dict[str, list[Any]]:
    with unit_of_work(runtime.sessions) as session:
        return {table.name: list(session.execute(select(table))) for table in Base.metadata.sorted_tables}


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes() if "sqlite3" not in path.name else b""
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_no_row_and_no_file_is_written(
    stranger: Browser, runtime: Runtime, district: District, shared: Credential, tmp_path: Path
) -> None:
    stranger.get("/verify")
    before = _rows(runtime), _files(tmp_path), sorted(FOLDER.iterdir())
    asked = {"recipient": "tara@lakeside.example", "lint": "true", "evidence": [upload(b"secret plan", "plan.txt")]}
    stranger.post("/verify", {"text": shared.document.decode(), **asked})
    stranger.post("/verify", {"file": upload((FOLDER / "only_a_picture.png").read_bytes(), "photo.png")})
    stranger.get(f"/verify?url=http://localhost:8000/credentials/{shared.number}")
    stranger.client.post("/api/v1/verify?lint=true", data=shared.document)
    assert (_rows(runtime), _files(tmp_path), sorted(FOLDER.iterdir())) == before


def test_only_verdicts_are_counted(stranger: Browser, shared: Credential) -> None:
    def counted(door: str) -> float:
        labels = {"door": door, "verdict": "verified"}
        return REGISTRY.get_sample_value("badgewright_verifications_total", labels) or 0

    before = counted("page"), counted("api"), counted("embed")
    stranger.post("/verify", {"text": shared.document.decode()})
    stranger.client.post("/api/v1/verify", data=shared.document)
    stranger.get(f"/embed/{shared.number}")
    assert (counted("page"), counted("api"), counted("embed")) == tuple(value + 1 for value in before)


def test_the_camera_is_for_this_page_alone(stranger: Browser) -> None:
    assert "camera=(self)" in stranger.get("/verify").headers["Permissions-Policy"]
    for path in ("/", "/verify/codes", "/sign-in", "/embed/nothing"):
        assert "camera=()" in stranger.get(path).headers["Permissions-Policy"]
