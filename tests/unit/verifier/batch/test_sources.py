"""Archives and lists of strangers: what is in them is found, and what they would do to the reader does not happen."""

import io
import json
import struct
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verifier.batch import DEFAULT_BATCH_LIMITS, Item, Kind, items_in, items_of
from verifier.limits import DEFAULT_LIMITS

URL = "https://school.example/c/1"
TOKEN = "eyJhbGciOiJFZERTQSJ9.e30.c2ln"


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def read(data: bytes, kind: Kind, **options: object) -> list[tuple[str, object]]:
    """(name, bytes, address or code) of each item."""
    return [(item.name, _what(item)) for item in items_in(io.BytesIO(data), kind, **options)]  # type: ignore[arg-type] - options as they come


def _what(item: Item) -> object:
    return item.error.code if item.error else item.url or item.data


@settings(max_examples=40, deadline=None)
@given(
    members=st.dictionaries(
        st.from_regex(r"[a-zé][a-z/ ]{0,8}[a-z]", fullmatch=True), st.binary(max_size=200), max_size=6
    ),
    method=st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    comment=st.binary(max_size=30),
    start=st.integers(0, 7),
)
def test_archives_as_zipfile_writes_them(members: dict[str, bytes], method: int, comment: bytes, start: int) -> None:
    data = zipped(members, method)
    if comment and b"PK" not in comment:
        data = data[:-2] + struct.pack("<H", len(comment)) + comment
    expected = [
        (name, "zip_nested" if body.startswith((b"PK\x03\x04", b"PK\x05\x06")) else body)
        for name, body in members.items()
        if not name.startswith("__MACOSX/")
    ]
    assert read(data, Kind.ZIP, start=start) == expected[start:]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_archive_ends_in_a_sentence(data: st.DataObject) -> None:
    good = bytearray(zipped({"a.json": b"{}" * 30, "b.json": b"[]"}))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    for body in (bytes(good), bytes(good[:cut])):
        read(body, Kind.ZIP)  # nothing but items ever comes out


def test_what_is_no_credential_in_an_archive() -> None:
    members = {"__MACOSX/._a": b"x", ".DS_Store": b"x", "folder/": b"", "in/a.json": b"{}", "b.zip": zipped({"c": b""})}
    assert read(zipped(members), Kind.ZIP) == [("in/a.json", b"{}"), ("b.zip", "zip_nested")]
    assert read(b"PK\x05\x06" + bytes(18), Kind.ZIP) == []
    assert read(b"nothing of the kind", Kind.ZIP) == [("the file", "zip_malformed")]


def test_a_locked_archive() -> None:
    data = bytearray(zipped({"a": b"secret"}))
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    assert read(bytes(data), Kind.ZIP) == [("a", "zip_encrypted")]


def test_a_damaged_member_is_one_row() -> None:
    data = bytearray(zipped({"a": b"first", "b": b"second"}, zipfile.ZIP_STORED))
    data[data.index(b"first")] ^= 1
    assert read(bytes(data), Kind.ZIP) == [("a", "zip_malformed"), ("b", b"second")]


def test_a_bomb_of_one_member() -> None:
    limits = replace(DEFAULT_LIMITS, container_bytes=100_000)
    data = zipped({"bomb": bytes(5_000_000), "good": b"{}"})
    tracemalloc.start()
    assert read(data, Kind.ZIP, limits=limits) == [("bomb", "too_large"), ("good", b"{}")]
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("bound", [{"archive_free": 0, "archive_ratio": 50}, {"archive_bytes": 150_000}])
def test_a_bomb_of_many_members(bound: dict[str, int]) -> None:
    data = zipped({f"{n}": bytes(100_000) for n in range(50)})
    found = read(data, Kind.ZIP, batch_limits=replace(DEFAULT_BATCH_LIMITS, **bound))
    assert len(found) < 10
    assert found[-1] == ("the rest of the file", "zip_bomb")


def test_a_bomb_whose_directory_names_one_member_again_and_again() -> None:
    data = zipped({"x": bytes(1_000_000)})
    place = data.rfind(b"PK\x01\x02")
    end = data.rfind(b"PK\x05\x06")
    entry = data[place:end]
    many = 5000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, many, many, len(entry) * many, place, 0)
    found = read(data[:place] + entry * many + tail, Kind.ZIP)
    assert found[-1] == ("the rest of the file", "zip_bomb")
    assert len(found) < 100


def test_more_members_than_there_is_room_for() -> None:
    bounds = replace(DEFAULT_BATCH_LIMITS, archive_members=3)
    assert read(zipped(dict.fromkeys("abcd", b"")), Kind.ZIP, batch_limits=bounds) == [
        ("the file", "zip_too_many_members")
    ]
    # A directory that promises more than it can hold is not believed.
    data = bytearray(zipped({"a": b""}))
    struct.pack_into("<2H", data, data.rfind(b"PK\x05\x06") + 8, 60_000, 60_000)
    assert read(bytes(data), Kind.ZIP) == [("the file", "zip_malformed")]


def test_an_archive_of_more_than_65535_members() -> None:
    data = zipped({f"{n}": b"" for n in range(65_600)}, zipfile.ZIP_STORED)
    tracemalloc.start()
    count = sum(1 for _ in items_in(io.BytesIO(data), Kind.ZIP))
    assert tracemalloc.get_traced_memory()[1] < len(data) + 1_000_000
    tracemalloc.stop()
    assert count == 65_600


def test_json_lines() -> None:
    lines = [
        b'\xef\xbb\xbf{"type": "A", "id": "urn:x"}',
        b"",
        TOKEN.encode(),
        URL.encode(),
        json.dumps(URL).encode(),
        json.dumps({"url": URL}).encode(),
        b'{"id": "https://school.example/c/1"}',
        b'{"credential": {"type": "A"}}',
        b'{"credential": 5}',
        b'{"id": "urn:x", "type": "A"}',
        b'{"id": broken',
        b"hello",
    ]
    expected = [
        ("line 1", b'{"type": "A", "id": "urn:x"}'),
        ("line 3", TOKEN.encode()),
        (URL, URL),
        (URL, URL),
        (URL, URL),
        (URL, URL),
        ("line 8", b'{"type": "A"}'),
        ("line 9", "row_empty"),
        ("line 10", b'{"id": "urn:x", "type": "A"}'),
        ("line 11", "not_json"),
        ("line 12", b"hello"),
    ]
    assert read(b"\r\n".join(lines), Kind.JSON_LINES) == expected
    for start in range(len(expected) + 2):
        assert read(b"\n".join(lines), Kind.JSON_LINES, start=start) == expected[start:]


def test_a_line_without_end_is_never_held() -> None:
    bounds = replace(DEFAULT_BATCH_LIMITS, line_bytes=1000)
    data = b"x" * 3_000_000 + b"\n{}\n"
    tracemalloc.start()
    assert read(data, Kind.JSON_LINES, batch_limits=bounds) == [("line 1", "line_too_long"), ("line 2", b"{}")]
    assert tracemalloc.get_traced_memory()[1] < len(data) + 200_000
    tracemalloc.stop()
    assert read(b"url\n" + data, Kind.CSV, batch_limits=bounds) == [("the file", "line_too_long")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"name,URL\nAda,{URL}\n", [(URL, URL)]),
        (f"\ufeffCredential;Name\r\n{URL};Ada\r\n", [(URL, URL)]),
        (f"id\tname\n{URL}\tAda\n\n", [(URL, URL)]),
        (f"Ada,{URL}\nBob,{TOKEN}\n", [(URL, URL), ("line 2", TOKEN.encode())]),
        ("id\ndid:web:school.example\n", [("did:web:school.example", "not_an_address")]),
        ("id\nwww.school.example\n", [("www.school.example", "not_an_address")]),
        (f"name,url\nAda\nBob,{URL}\n", [("line 2", "row_empty"), (URL, URL)]),
        ('url,name\n"{""type"": ""A""}","a\nb"\n', [("line 3", b'{"type": "A"}')]),
        ("name,school\nAda,North\n", [("the file", "csv_without_column")]),
        (f'url\n{URL}\n"never closed\n', [(URL, URL), ("the rest of the file", "csv_malformed")]),
        ("", []),
    ],
)
def test_csv(text: str, expected: list[tuple[str, object]]) -> None:
    assert read(text.encode(), Kind.CSV) == expected


def test_csv_in_another_encoding() -> None:
    assert read("url,name\nhttps://a.example/,Zoë\n".encode("latin-1"), Kind.CSV) == [("the file", "not_utf8")]
    assert read("url\nhttps://a.example/\n".encode("utf-16"), Kind.CSV) == [("the file", "not_utf8")]


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=300), kind=st.sampled_from([Kind.CSV, Kind.JSON_LINES]))
def test_any_bytes_end_in_items(data: bytes, kind: Kind) -> None:
    whole = read(data, kind)
    assert all(name for name, _ in whole)


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "x.json").write_bytes(b"{}")
    (tmp_path / "b" / "two.json").write_bytes(b"{}")
    (tmp_path / "a.jsonl").write_text(f"{URL}\n[]\n")
    (tmp_path / "c.zip").write_bytes(zipped({"d.json": b"{}"}))
    (tmp_path / "link").symlink_to(tmp_path / "b")
    (tmp_path / "link.json").symlink_to(tmp_path / "b" / "two.json")
    (tmp_path / "table.xlsx").write_bytes(b"PK\x03\x04")
    found = [(item.name, _what(item)) for item in items_of(tmp_path)]
    assert found == [
        (URL, URL),
        ("a.jsonl: line 2", b"[]"),
        ("c.zip: d.json", b"{}"),
        ("table.xlsx", b"PK\x03\x04"),
        ("b/two.json", b"{}"),
    ]
    assert [_what(item) for item in items_of(tmp_path / "nowhere")] == ["file_unreadable"]
