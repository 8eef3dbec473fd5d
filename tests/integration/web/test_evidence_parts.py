"""Evidence by parts, as players ask for it: the right bytes, the same rights, never a page of ours."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest
from flask import Flask

from issuer.db import unit_of_work
from issuer.models import Credential, Submission
from issuer.runtime import Runtime
from issuer.web.evidence_files import PLAYER_BYTES
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser

SOUND = b"RIFF\x00\x10\x00\x00WAVEfmt " + bytes(range(256)) * 16


def _add(runtime: Runtime, draft: Submission, data: bytes, name: str, declared: str) -> str:
    with unit_of_work(runtime.sessions) as session:
        submission = session.merge(draft)
        return factories.upload(
            session, runtime.storage, submission, data=data, name=name, declared_type=declared
        ).number


@pytest.fixture
def sound(runtime: Runtime, draft: Submission) -> str:
    return f"/evidence/{_add(runtime, draft, SOUND, 'lesson.wav', 'audio/wav')}"


@pytest.mark.parametrize(
    ("asked", "begin", "end"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-5", -5, None), ("bytes=4000-999999", 4000, None)],
)
def test_one_part(teacher: Browser, sound: str, asked: str, begin: int, end: int | None) -> None:
    answer = teacher.get(sound, headers={"Range": asked})
    wanted = SOUND[begin:end]
    first = begin if begin >= 0 else len(SOUND) + begin
    assert answer.status_code == 206
    assert answer.data == wanted
    assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(SOUND)}"
    assert answer.content_length == len(wanted)


def test_a_slow_reader_of_a_part_holds_no_thread(teacher: Browser, sound: str) -> None:
    """The server gets the file itself, at the part's first byte, and sends as much as Content-Length says."""
    handed: list[int] = []

    def file_wrapper(file: BinaryIO, _block: int = 0) -> list[bytes]:
        handed.append(file.tell())
        return []

    answer = teacher.get(
        sound, headers={"Range": "bytes=100-299"}, environ_overrides={"wsgi.file_wrapper": file_wrapper}
    )
    assert (answer.status_code, answer.headers["Content-Length"]) == (206, "200")
    assert handed[-1] == 100


def test_a_part_beyond_the_end(teacher: Browser, sound: str) -> None:
    answer = teacher.get(sound, headers={"Range": f"bytes={len(SOUND)}-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(SOUND)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-9", "lines=0-4", "bytes=b-a", "bytes=9-1", "bytes=" + "0-1," * 5000])
def test_what_is_no_single_part_gets_the_whole(teacher: Browser, sound: str, asked: str) -> None:
    answer = teacher.get(sound, headers={"Range": asked})
    assert answer.status_code == 200
    assert answer.data == SOUND


def test_a_part_of_another_file_than_before(teacher: Browser, sound: str) -> None:
    tag = teacher.get(sound).headers["ETag"]
    assert teacher.get(sound, headers={"Range": "bytes=0-3", "If-Range": tag}).status_code == 206
    other = teacher.get(sound, headers={"Range": "bytes=0-3", "If-Range": '"another"'})
    assert (other.status_code, other.data) == (200, SOUND)
    assert teacher.get(sound, headers={"If-None-Match": tag}).status_code == 304


def test_head_says_how_long_it_is(teacher: Browser, sound: str) -> None:
    answer = teacher.client.head(sound)
    assert answer.status_code == 200
    assert answer.data == b""
    assert answer.content_length == len(SOUND)
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_a_paused_player_does_not_hold_a_thread(teacher: Browser, runtime: Runtime, draft: Submission) -> None:
    data = SOUND + bytes(3 * PLAYER_BYTES)
    with unit_of_work(runtime.sessions) as session:
        submission = session.merge(draft)
        definition = {**submission.version.body}
        for artifact in definition["evidence"]:
            artifact["max_bytes"] = len(data)
        submission.version.body = definition
        item = factories.upload(
            session, runtime.storage, submission, data=data, name="long.wav", declared_type="audio/wav"
        )
        path = f"/evidence/{item.number}"
    player = {"Sec-Fetch-Dest": "video"}
    answer = teacher.get(path, headers={**player, "Range": "bytes=10-"})
    assert answer.status_code == 206
    assert answer.data == data[10 : 10 + PLAYER_BYTES]
    assert answer.headers["Content-Range"] == f"bytes 10-{9 + PLAYER_BYTES}/{len(data)}"
    assert teacher.get(path, headers={"Range": "bytes=10-"}).content_length == len(data) - 10, "only players ask on"


def test_parts_are_for_whoever_may_open_the_whole(
    app: Flask, stranger: Browser, coach: Browser, neighbour: Browser, admin: Browser, sound: str
) -> None:
    for nobody in (stranger, coach, neighbour, admin):
        for path in (sound, f"{sound}/play"):
            assert nobody.get(path, headers={"Range": "bytes=0-3"}).status_code == 404


def test_an_upload_is_never_a_page_of_ours(teacher: Browser, sound: str, runtime: Runtime, draft: Submission) -> None:
    answer = teacher.get(sound)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Disposition"] == "inline; filename=lesson.wav"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    document = _add(runtime, draft, b"a;b\n1;2\n", "table.csv", "text/csv")
    saved = teacher.get(f"/evidence/{document}")
    assert saved.headers["Content-Disposition"] == "attachment; filename=table.csv"
    assert saved.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_a_browser_that_opens_a_recording_gets_a_player(teacher: Browser, sound: str) -> None:
    opened = teacher.get(sound, headers={"Sec-Fetch-Dest": "document"})
    assert opened.status_code == 302
    page = teacher.get(opened.location)
    assert f'<audio class="player" controls preload="metadata" src="{sound}"' in page.text
    assert "script" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "private, no-store"


def test_a_file_damaged_in_the_storage_is_given_to_nobody(teacher: Browser, sound: str, runtime: Runtime) -> None:
    assert teacher.get(sound).status_code == 200, "checked, and remembered"
    path = next(each for each in Path(runtime.config.storage_url).rglob("*") if each.is_file())
    path.write_bytes(SOUND[:-1] + b"!")
    for headers in ({}, {"Range": "bytes=0-3"}):
        answer = teacher.get(sound, headers=headers)
        assert answer.status_code == 503
        assert b"RIFF" not in answer.data


def test_shared_evidence_plays_for_anybody(
    stranger: Browser, runtime: Runtime, district: District, shared: Credential
) -> None:
    item = shared.submission.evidence[0]
    assert stranger.get(f"/evidence/{item.number}", headers={"Range": "bytes=0-3"}).status_code == 404
    with unit_of_work(runtime.sessions) as session:
        session.merge(item).shared = True
    assert stranger.get(f"/evidence/{item.number}", headers={"Range": "bytes=0-3"}).status_code == 206
