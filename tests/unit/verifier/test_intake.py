"""Pictures that lead to a credential: photos, screenshots and PDFs with a QR code."""

from __future__ import annotations

import io
import json

import pytest
import qrcode
from PIL import Image

from tests.simulator import NOW, Issuer, World
from verifier import Verifier
from verifier.formats import scan
from verifier.limits import Limits
from verifier.policy import TrustedIssuers
from verifier.report import CheckId, Report, Verdict

ADDRESS = "https://badges.example.org/credentials/7f0c"


def picture(*texts: str, form: str = "PNG") -> bytes:
    """A large white picture with a QR code for each text, as a phone would photograph a printed page."""
    sheet = Image.new("RGB", (1400, 900), "white")
    for number, text in enumerate(texts):
        code = qrcode.make(text, box_size=6).get_image().convert("RGB")
        sheet.paste(code, (60 + 640 * number, 120))
    out = io.BytesIO()
    sheet.save(out, form)
    return out.getvalue()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> Issuer:
    issuer = world.issuer("did:web:school.example")
    world.pages[ADDRESS] = issuer.sign(issuer.badge(id=ADDRESS, credentialStatus=None))
    return issuer


def verify(world: World, school: Issuer, data: bytes) -> Report:
    return Verifier(world).verify(data, TrustedIssuers(school.id), now=NOW)


def code_of(report: Report) -> str:
    structure = report.result(CheckId.STRUCTURE)
    assert structure is not None
    return structure.code


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "PDF"])
def test_a_picture_of_our_code_leads_to_the_credential(world: World, school: Issuer, form: str) -> None:
    report = verify(world, school, picture(ADDRESS, form=form))
    assert report.verdict is Verdict.VERIFIED, report.problems
    assert report.credential is not None
    assert report.credential["id"] == ADDRESS
    assert report.media_type in ("image/png", "image/jpeg", "image/webp", "application/pdf")


def test_a_code_that_leads_nowhere_leaves_it_open(world: World, school: Issuer) -> None:
    del world.pages[ADDRESS]
    assert verify(world, school, picture(ADDRESS)).verdict is Verdict.UNDETERMINED


def test_a_code_that_leads_to_a_page_is_no_credential(world: World, school: Issuer) -> None:
    world.pages[ADDRESS] = b"<!doctype html><title>Buy now</title>"
    assert verify(world, school, picture(ADDRESS)).verdict is Verdict.FAILED


def test_a_code_that_leads_to_a_picture_with_a_code_is_followed_once(world: World, school: Issuer) -> None:
    world.pages[ADDRESS] = picture("https://badges.example.org/another")
    report = verify(world, school, picture(ADDRESS))
    assert code_of(report) == "code_without_credential"
    assert world.asked == [ADDRESS]


def test_several_codes_are_not_chosen_between(world: World, school: Issuer) -> None:
    report = verify(world, school, picture(ADDRESS, "https://attacker.example/badge"))
    assert code_of(report) == "several_codes"
    assert world.asked == []


@pytest.mark.parametrize("text", ["WIFI:S:school;;", "javascript:alert(1)", json.dumps({"a": 1})])
def test_a_code_of_something_else(world: World, school: Issuer, text: str) -> None:
    assert code_of(verify(world, school, picture(text))) == "code_without_credential"


def test_a_picture_without_a_code(world: World, school: Issuer) -> None:
    assert code_of(verify(world, school, picture())) == "no_badge"


WORD = b"PK\x03\x04\x14\x00\x06\x00\x08\x00[Content_Types].xml\xb5\x94\xcbj\xc30word/document.xml"
NO_BADGES: dict[str, bytes] = {
    "photo": picture(form="JPEG"),
    "screenshot": picture(form="PNG"),
    "webp": picture(form="WEBP"),
    "pdf": picture(form="PDF"),
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "word document": WORD,
    "large word document": WORD + bytes(3 * 1024 * 1024),
    "letter": b"Dear colleague,\nplease find my badge attached. {Best}, Tom",
    "letter in another encoding": "Grüße".encode("latin-1"),
    "empty object": b"{}",
    "object": b'{"name": "package", "type": "module"}',
    "web page": b"<!DOCTYPE html>\n<html lang=en><title>My badge</title><p>Verified</html>",
    "web page of XML": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
    "zero byte": b"\0",
}


@pytest.mark.parametrize("name", NO_BADGES)
def test_what_is_no_badge_at_all(world: World, school: Issuer, name: str) -> None:
    report = verify(world, school, NO_BADGES[name])
    assert (report.verdict, code_of(report)) == (Verdict.FAILED, "no_badge")
    assert report.problems[0].message == "There is no badge in this file."


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"@context": [', "not_json"),
        (b'{"type": "VerifiableCredential", "type": "x"}', "duplicate_key"),
        (b"\x89PNG\r\n\x1a\nbroken", "png_invalid"),
        (b"<svg><unclosed>", "svg_invalid"),
        ('{"@context": []}'.encode("utf-16"), "not_utf8"),
        (b"", "empty"),
        (b"eyJhbGciOiJFUzI1NiJ9.e30.a.b", "not_json"),
    ],
)
def test_a_badge_that_is_broken_says_how(world: World, school: Issuer, data: bytes, code: str) -> None:
    assert code_of(verify(world, school, data)) == code


@pytest.mark.parametrize(
    "data",
    [b"\xff\xd8\xff\xe0broken", b"%PDF-1.7 broken", b"RIFF\x00\x00\x00\x00WEBPbroken"],
    ids=["jpeg", "pdf", "webp"],
)
def test_a_broken_picture(world: World, school: Issuer, data: bytes) -> None:
    assert code_of(verify(world, school, data)) == "picture_unreadable"


def test_a_picture_with_more_pixels_than_allowed_is_not_decoded() -> None:
    with pytest.raises(Exception, match="too large"):
        scan.codes(picture(ADDRESS), limits=Limits(picture_pixels=1_000_000))


def test_a_decoder_beyond_its_bounds_is_stopped() -> None:
    with pytest.raises(Exception, match="took too long"):
        scan.codes(picture(ADDRESS), limits=Limits(scan_memory_bytes=1024 * 1024))
