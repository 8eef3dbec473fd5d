"""Files are called what people call them, never by their media type."""

from __future__ import annotations

import pytest

from issuer import media


@pytest.mark.parametrize("media_type", sorted(media.EXTENSIONS))
def test_every_accepted_type_has_a_name(media_type: str) -> None:
    name = media.describe(media_type)
    assert "/" not in name
    assert "vnd" not in name
    assert "unknown" not in name


@pytest.mark.parametrize(
    ("listed", "name"),
    [
        (["application/vnd.openxmlformats-officedocument.wordprocessingml.document"], "Word document"),
        (
            ["application/vnd.openxmlformats-officedocument.presentationml.presentation", "application/pdf"],
            "PowerPoint presentation, PDF",
        ),
        (["image/jpeg", "application/pdf", "image/png"], "picture (JPEG, PNG), PDF"),
        (["image/*", "image/png"], "picture"),
        (["audio/mpeg", "video/mp4"], "sound recording (MP3), video (MP4)"),
        (["application/zip", "application/x-7z-compressed"], "ZIP file, 7Z-COMPRESSED file"),
        (["application/octet-stream"], "file of unknown kind"),
        (["text/plain; charset=utf-8", "audio/x-m4a"], "plain text, sound recording (MP4)"),
        ([""], "file of unknown kind"),
    ],
)
def test_as_people_call_them(listed: list[str], name: str) -> None:
    assert media.describe_all(listed) == name
