"""A shared badge, as a stranger meets it."""

from __future__ import annotations

import io

from PIL import Image

from issuer.db import unit_of_work
from issuer.models import Credential
from issuer.runtime import Runtime
from issuer.services import status
from issuer.services.access import Actor
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser
from verifier.formats import png, svg


def revoke(runtime: Runtime, district: District, credential: Credential) -> None:
    with unit_of_work(runtime.sessions) as session:
        status.revoke(
            session,
            runtime.keyring,
            runtime.verifier_for_own_output,
            runtime.addresses,
            credential.id,
            "Issued by mistake",
            Actor.of(district.admin),
            factories.NOW,
        )


def test_the_page_says_who_what_when_and_that_it_verifies(stranger: Browser, shared: Credential) -> None:
    page = stranger.get(f"/credentials/{shared.number}").text
    for words in ("Tara", "Checking for understanding", "Lakeside Schools", "Verified", "Met", "Formative assessment"):
        assert words in page
    assert 'property="og:image" content="http://localhost:8000/credentials/' in page
    assert "Lesson plan" in page
    assert "plan.pdf" not in page, "the name of a file is nobody's business"
    assert "sha256-" in page
    assert "/evidence/" not in page, "private evidence has no address"
    assert "tara@lakeside.example" not in page


def test_programs_get_the_signed_bytes_at_the_same_address(stranger: Browser, shared: Credential) -> None:
    path = f"/credentials/{shared.number}"
    for accept in ("application/vc+ld+json", "application/ld+json", "application/json"):
        answer = stranger.get(path, headers={"Accept": accept})
        assert answer.data == shared.document
        assert answer.mimetype == "application/vc+ld+json"
        assert "Accept" in answer.headers["Vary"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for accept in ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "*/*"):
        assert stranger.get(path, headers={"Accept": accept}).mimetype == "text/html"
    assert stranger.get(f"{path}.json").data == shared.document
    download = stranger.get(f"{path}.json?download=1")
    assert download.headers["Content-Disposition"].startswith("attachment")


def test_the_pictures_hold_the_credential(stranger: Browser, shared: Credential) -> None:
    path = f"/credentials/{shared.number}"
    assert png.extract(stranger.get(f"{path}.png").data).text == shared.document
    assert svg.extract(stranger.get(f"{path}.svg").data).text == shared.document
    card = Image.open(io.BytesIO(stranger.get(f"{path}/card.png").data))
    assert card.size == (1200, 627)
    assert b"<svg" in stranger.get(f"{path}/qr.svg").data


def test_unchanged_things_are_not_sent_again(stranger: Browser, shared: Credential) -> None:
    path = f"/credentials/{shared.number}.json"
    tag = stranger.get(path).headers["ETag"]
    assert stranger.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_revoked_badge_says_so_and_tells_strangers_no_reason(
    stranger: Browser, teacher: Browser, runtime: Runtime, district: District, shared: Credential
) -> None:
    revoke(runtime, district, shared)
    page = stranger.get(f"/credentials/{shared.number}").text
    assert "Not valid" in page
    assert "The issuer has revoked this credential" in page
    assert "Issued by mistake" not in page
    assert 'content="noindex"' in page
    assert "Issued by mistake" in teacher.get(f"/credentials/{shared.number}").text
    assert stranger.get(f"/credentials/{shared.number}.json").data == shared.document, "the bytes stay as they were"


def test_names_are_words_and_never_markup(
    stranger: Browser, runtime: Runtime, district: District, shared: Credential
) -> None:
    with unit_of_work(runtime.sessions) as session:
        session.merge(district.organisation).name = "<script>alert(1)</script>"
    page = stranger.get(f"/credentials/{shared.number}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_printed_copy_after_sharing_has_stopped(stranger: Browser, teacher: Browser, shared: Credential) -> None:
    """It carries nothing but the address: its owner is warned, and whoever checks it learns what may be the reason."""
    path = f"/credentials/{shared.number}"
    assert "QR code on printed copies" in teacher.get(path).text
    teacher.post(f"{path}/unshare")
    assert "Printed copies lead nowhere now" in teacher.get(path).text
    page = stranger.get(f"/verify?url=http://localhost:8000{path}").text
    assert "this server answered 404. Its owner may have stopped sharing it." in page
    # The same for a badge that there never was.
    never = stranger.get(f"/verify?url=http://localhost:8000/credentials/{'0' * len(shared.number)}").text
    assert "this server answered 404. Its owner may have stopped sharing it." in never


def test_each_form_of_the_badge_is_downloaded_from_its_page(stranger: Browser, shared: Credential) -> None:
    """A picture that opens is saved with the browser's own re-encoding, or as a screenshot: the credential is lost."""
    page = stranger.get(f"/credentials/{shared.number}").text
    for form in ("png", "svg", "json"):
        link = f"/credentials/{shared.number}.{form}?download=1"
        assert f'href="{link}"' in page
        assert stranger.get(link).headers["Content-Disposition"].startswith("attachment")
