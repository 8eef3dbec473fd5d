"""Evidence files by content hash, on any file system that fsspec knows.

A file is put before its row is written. If the transaction then fails, the file stays without a row: harmless, since
nothing points to it and the same content will be found there again. A row without a file cannot come to be.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import tempfile
import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, BinaryIO

import fsspec

from achievements import file_kinds
from issuer.errors import NoSpace, ServiceError, TooLarge

_CHUNK = 1024 * 1024
#: Files up to this size are looked at in memory, larger ones on disk.
_SPOOL = 4 * 1024 * 1024
#: How long a file that was checked against its hash counts as checked, if its size and time of change are the same.
_CHECKED_FOR = 600.0
_CHECKED_FILES = 2048
_SHA256 = re.compile(r"[0-9a-f]{64}")


class StorageFailed(ServiceError):
    """The file system under the storage failed, or gave back other bytes than were put in."""

    status = 503
    code = "storage_failed"


@dataclass(frozen=True, slots=True)
class Stored:
    """What was put: SHA-256 in hex (the key) and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Received:
    """A file received in full and not yet kept. `file` stands at its start."""

    file: BinaryIO
    sha256: str
    size: int


class Storage:
    """A content-addressed store below one root. Safe for many processes at once."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._fs: Any
        self._root: str
        self._fs, self._root = fsspec.core.url_to_fs(url)
        #: Hash -> (fingerprint, when on the monotonic clock), the most recent last.
        self._checked: OrderedDict[str, tuple[tuple[Any, ...], float]] = OrderedDict()
        self._lock = threading.Lock()

    def receive(self, stream: IO[bytes], max_bytes: int) -> Received:
        """Take in a stream and hash it, without keeping it yet.

        Raises:
            TooLarge: code `file_too_large`; reading stops at the limit.
        """
        # The spool outlives this function: whoever receives it closes it.
        file: Any = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115
        try:
            digest, size = _take(stream, file, max_bytes)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return Received(file, digest, size)

    def keep(self, received: Received) -> Stored:
        """Keep a received file under its hash. Appears whole or not at all; keeping it again changes nothing.

        Raises:
            StorageFailed: the file system refused.
        """
        path = self._path(received.sha256)
        waiting = ""
        try:
            if not (self._fs.exists(path) and self._fs.size(path) == received.size):
                waiting = f"{self._root}/incoming/{secrets.token_hex(16)}"
                self._fs.makedirs(f"{self._root}/incoming", exist_ok=True)
                self._fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
                received.file.seek(0)
                with self._fs.open(waiting, "wb") as target:
                    while chunk := received.file.read(_CHUNK):
                        target.write(chunk)
                    target.flush()
                    if "file" in self._fs.protocol:
                        os.fsync(target.fileno())
                self._fs.mv(waiting, path)
        except OSError as error:
            if waiting:
                with suppress(OSError):
                    self._fs.rm(waiting)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoSpace from error
            raise StorageFailed("The file could not be stored. Please try again.") from error
        return Stored(received.sha256, received.size)

    def put(self, stream: IO[bytes], max_bytes: int) -> Stored:
        """Receive and keep in one step.

        Raises:
            TooLarge: code `file_too_large`; nothing is kept.
            StorageFailed: the file system refused.
        """
        received = self.receive(stream, max_bytes)
        with received.file:
            return self.keep(received)

    def open(self, sha256: str) -> BinaryIO:
        """The bytes kept under this hash, at their start and seekable, checked before the first byte is given out.

        Who reads only a part (a video is fetched in hundreds of them) has the whole checked once: the file then counts
        as checked for `_CHECKED_FOR` seconds in this process, unless its size or its time of change differ.

        Raises:
            StorageFailed: code `evidence_missing` or `evidence_damaged`.
        """
        path = self._path(sha256)
        file: Any = None
        try:
            file = self._fs.open(path, "rb")
            self._check(sha256, path, file)
            file.seek(0)
        except FileNotFoundError as error:
            raise StorageFailed("This file is missing from the storage.", code="evidence_missing") from error
        except OSError as error:
            _close(file)
            raise StorageFailed("The storage cannot be read at the moment.") from error
        except BaseException:
            _close(file)
            raise
        opened: BinaryIO = file
        return opened

    def _check(self, sha256: str, path: str, file: IO[bytes]) -> None:
        found = self._fingerprint(path, file)
        with self._lock:
            earlier, at = self._checked.get(sha256, ((), 0.0))
        if found and earlier == found and time.monotonic() - at < _CHECKED_FOR:
            return
        digest = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        if digest.hexdigest() != sha256:
            with self._lock:
                self._checked.pop(sha256, None)
            raise StorageFailed("This file was damaged in the storage.", code="evidence_damaged")
        # Changed while it was read: what was hashed is not what is there now.
        if found and self._fingerprint(path, file) == found:
            with self._lock:
                self._checked[sha256] = (found, time.monotonic())
                self._checked.move_to_end(sha256)
                while len(self._checked) > _CHECKED_FILES:
                    self._checked.popitem(last=False)

    def _fingerprint(self, path: str, file: IO[bytes]) -> tuple[Any, ...]:
        """What changes when the bytes do; empty where the file system says too little, and each opening checks."""
        if "file" in self._fs.protocol:
            state = os.fstat(file.fileno())
            return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        about = self._fs.info(path)
        changed = about.get("ETag") or about.get("LastModified") or about.get("mtime")
        return (about.get("size"), str(changed)) if changed else ()

    def usable(self) -> bool:
        """The file system answers and the root is there or can be made."""
        try:
            self._fs.makedirs(self._root, exist_ok=True)
            return bool(self._fs.isdir(self._root))
        except OSError:
            return False

    def _path(self, sha256: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("a storage key is a SHA-256 in hex")
        return f"{self._root}/{sha256[:2]}/{sha256}"


def _close(file: IO[bytes] | None) -> None:
    if file is not None:
        file.close()


def _take(source: IO[bytes], target: IO[bytes], max_bytes: int | None) -> tuple[str, int]:
    """Copy all of it; SHA-256 in hex and size."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        size += len(chunk)
        if max_bytes is not None and size > max_bytes:
            raise TooLarge(f"The file is larger than {readable(max_bytes)}.", code="file_too_large")
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


def readable(size: int) -> str:
    """A size for a person, in powers of 1024: `25 MB`."""
    return file_kinds.size(size)
