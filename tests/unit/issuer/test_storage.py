from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from issuer.errors import TooLarge
from issuer.storage import Storage, StorageFailed, readable


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "files") if request.param == "folder" else f"memory://{tmp_path.name}")


def test_what_goes_in_comes_out(store: Storage) -> None:
    data = b"lesson plan" * 1000
    stored = store.put(io.BytesIO(data), 1_000_000)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert stored.size == len(data)
    with store.open(stored.sha256) as file:
        assert file.read() == data


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    store = Storage(str(tmp_path))
    first, second = store.put(io.BytesIO(b"same"), 10), store.put(io.BytesIO(b"same"), 10)
    assert first == second
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_too_large_leaves_nothing(tmp_path: Path) -> None:
    store = Storage(str(tmp_path))
    with pytest.raises(TooLarge) as caught:
        store.put(io.BytesIO(b"12345"), 4)
    assert caught.value.code == "file_too_large"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_exactly_the_limit_is_allowed(store: Storage) -> None:
    assert store.put(io.BytesIO(b"1234"), 4).size == 4


def test_a_damaged_file_is_not_given_out(tmp_path: Path) -> None:
    store = Storage(str(tmp_path))
    stored = store.put(io.BytesIO(b"as handed in"), 100)
    path = tmp_path / stored.sha256[:2] / stored.sha256
    path.write_bytes(b"something else")
    with pytest.raises(StorageFailed) as caught:
        store.open(stored.sha256)
    assert caught.value.code == "evidence_damaged"


def test_a_torn_file_is_replaced_by_the_next_upload(tmp_path: Path) -> None:
    store = Storage(str(tmp_path))
    stored = store.put(io.BytesIO(b"as handed in"), 100)
    (tmp_path / stored.sha256[:2] / stored.sha256).write_bytes(b"as ha")
    store.put(io.BytesIO(b"as handed in"), 100)
    with store.open(stored.sha256) as file:
        assert file.read() == b"as handed in"


def test_a_missing_file_says_so(store: Storage) -> None:
    with pytest.raises(StorageFailed) as caught:
        store.open("0" * 64)
    assert caught.value.code == "evidence_missing"


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_a_key_that_is_no_digest_is_the_callers_fault(key: str, store: Storage) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        store.open(key)


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 bytes"), (1024, "1 KB"), (1536, "1.5 KB"), (25 * 1024 * 1024, "25 MB")]
)
def test_sizes_for_people(size: int, words: str) -> None:
    assert readable(size) == words


def test_a_root_that_cannot_be_made_is_not_usable(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    assert Storage(str(tmp_path / "free")).usable()
    assert not Storage(str(tmp_path / "taken" / "evidence")).usable()


def test_a_file_is_hashed_once_for_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Storage(str(tmp_path))
    stored = store.put(io.BytesIO(b"a lesson" * 1000), 100_000)
    store.open(stored.sha256).close()

    def hashed_again(*args: object) -> None:
        raise AssertionError("hashed again")

    monkeypatch.setattr("issuer.storage.hashlib.sha256", hashed_again)
    with store.open(stored.sha256) as file:
        file.seek(8)
        assert file.read(8) == b"a lesson"


def test_a_checked_file_is_checked_again_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Storage(str(tmp_path))
    stored = store.put(io.BytesIO(b"a lesson"), 100)
    at = 1000.0
    monkeypatch.setattr("issuer.storage.time.monotonic", lambda: at)
    store.open(stored.sha256).close()
    # Bytes that rot on the disk change neither size nor time of change.
    monkeypatch.setattr("issuer.storage.hashlib.sha256", lambda: hashlib.md5())  # noqa: S324 - any other digest
    store.open(stored.sha256).close()
    at += 601
    with pytest.raises(StorageFailed) as caught:
        store.open(stored.sha256)
    assert caught.value.code == "evidence_damaged"


def test_the_file_is_not_copied_to_be_read(store: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = store.put(io.BytesIO(b"a lesson"), 100)
    monkeypatch.setattr("issuer.storage.tempfile.SpooledTemporaryFile", None)
    with store.open(stored.sha256) as file:
        assert file.read() == b"a lesson"
