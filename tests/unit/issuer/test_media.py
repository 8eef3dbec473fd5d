"""What a file is, is told from its content; what it calls itself is only compared."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issuer import media


def _zip(*names: str, mimetype: str = "") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        if mimetype:
            archive.writestr(zipfile.ZipInfo("mimetype"), mimetype)
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = _zip("[Content_Types].xml", "word/document.xml")
ODT = _zip("content.xml", mimetype="application/vnd.oasis.opendocument.text")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF....WEBP", "image/webp"),
        (b"RIFF....WAVE", "audio/wav"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x18ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x1aE\xdf\xa3....", "video/webm"),
        (b"ID3\x04....", "audio/mpeg"),
        (b"\xff\xfb\x90\x00....", "audio/mpeg"),
        (b"OggS....", "audio/ogg"),
        (b"fLaC....", "audio/flac"),
        (DOCX, OFFICE + "wordprocessingml.document"),
        (_zip("[Content_Types].xml", "ppt/presentation.xml"), OFFICE + "presentationml.presentation"),
        (_zip("[Content_Types].xml", "xl/workbook.xml"), OFFICE + "spreadsheetml.sheet"),
        (ODT, "application/vnd.oasis.opendocument.text"),
        ("Grüße, 日本語\n".encode(), "text/plain"),
        ("é".encode() * 40_000, "text/plain"),
    ],
)
def test_what_is_accepted(data: bytes, expected: str) -> None:
    assert media.sniff(io.BytesIO(data)) == media.Sniffed(expected, False)
    assert expected in media.EXTENSIONS


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "nothing"),
        (b"   \n", "nothing but space"),
        (b"<!DOCTYPE html><p>x", "a page"),
        (b"\n  <html>", "a page"),
        (b"words first <script>alert(1)</script>", "a page to a browser that sniffs"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a picture that can run scripts"),
        (b"<?xml version='1.0'?><svg/>", "the same"),
        (b"MZ\x90\x00\x03", "a program"),
        (b"\x7fELF\x02\x01", "a program"),
        (b"#!/bin/sh\x00", "not text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office file, which can hide macros"),
        (_zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "macros"),
        (_zip("evil.exe"), "any archive"),
        (_zip("[Content_Types].xml"), "no document inside"),
        (_zip("x", mimetype="application/x-evil"), "a made-up document"),
        (DOCX[:-30], "a torn document"),
        (b"PK\x03\x04" + b"\x00" * 100, "no archive at all"),
        (b"Rar!\x1a\x07\x00", "an archive"),
        (b"\x1f\x8b\x08\x00", "an archive"),
        (b"caf\xe9 in Latin-1", "not UTF-8"),
    ],
)
def test_what_is_not(data: bytes, why: str) -> None:
    assert media.sniff(io.BytesIO(data)).media_type == "", why


@pytest.mark.parametrize(
    ("data", "declared", "contradicts"),
    [
        (b"%PDF-1.7", "application/pdf", False),
        (b"%PDF-1.7", "", False),
        (b"%PDF-1.7", "application/octet-stream", False),
        (b"%PDF-1.7", "Application/PDF; charset=binary", False),
        (b"%PDF-1.7", "image/png", True),
        (b"%PDF-1.7", "text/html", True),
        (DOCX, "application/zip", False),
        (b"%PDF-1.7", "application/zip", True),
        (b"\xff\xd8\xff", "image/jpg", False),
        (b"a,b\n1,2\n", "application/vnd.ms-excel", False),
        (b"# Title\n", "text/x-markdown", False),
        (b"plain", "application/pdf", True),
        (b"\x00\x00\x00\x18ftypisom", "audio/mp4", False),
        (b"\x00\x00\x00\x18ftypisom", "image/heic", True),
    ],
)
def test_a_claim_is_compared(data: bytes, declared: str, contradicts: bool) -> None:
    assert media.sniff(io.BytesIO(data), declared=declared).contradicts is contradicts


@pytest.mark.parametrize(
    ("name", "media_type", "kept"),
    [
        ("plan.pdf", "application/pdf", "plan.pdf"),
        ("plan.PDF", "application/pdf", "plan.PDF"),
        ("evil.exe", "image/png", "evil.exe.png"),
        ("noextension", "application/pdf", "noextension.pdf"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\t\\photo.jpeg", "image/jpeg", "photo.jpeg"),
        ('a"b\r\nX: y.pdf', "application/pdf", "abX y.pdf"),
        ("gnp\u202efdp.pdf", "application/pdf", "gnpfdp.pdf"),
        ("...", "application/pdf", "file.pdf"),
        ("", "application/pdf", "file.pdf"),
        ("Übung – 日本.pdf", "application/pdf", "Übung – 日本.pdf"),
    ],
)
def test_names_are_harmless_and_end_as_the_content_demands(name: str, media_type: str, kept: str) -> None:
    assert media.safe_name(name, media_type) == kept


@given(st.text(max_size=400), st.sampled_from(sorted(media.EXTENSIONS)))
def test_no_name_gets_through_unharmed(name: str, media_type: str) -> None:
    kept = media.safe_name(name, media_type)
    assert 0 < len(kept) <= 200
    assert not set(kept) & set('/\\"\r\n\x00')
    assert kept.rpartition(".")[2].lower() in media.EXTENSIONS[media_type]


@given(st.binary(max_size=200), st.text(max_size=20), st.text(max_size=40))
def test_no_content_makes_it_fail(data: bytes, name: str, declared: str) -> None:
    for content in (data, b"PK\x03\x04" + data, DOCX[: len(data)] + data):
        file = io.BytesIO(content)
        media.sniff(file, name=name, declared=declared)
        assert file.tell() == 0
