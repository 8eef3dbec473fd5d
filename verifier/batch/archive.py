"""Zip archives of strangers, read as a stream: one member at a time, the directory never held as a whole.

Python's `zipfile` keeps a record of every member in memory and believes the sizes that the archive states. Here the
directory is walked in place, nothing inflates beyond its bound, and nothing is ever written to a disk. Format: PKWARE
APPNOTE 6.3, sections 4.3 and 4.4; stored and deflated members.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from verifier.batch.items import Item
from verifier.batch.limits import BatchLimits
from verifier.errors import VerifierError
from verifier.limits import Limits

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_ENTRY = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"
_MANY = 0xFFFF
_LARGE = 0xFFFFFFFF
_ENCRYPTED = 0x1 | 0x40
_UTF_8 = 0x800
_STORED, _DEFLATED = 0, 8
_SKIPPED = ("__MACOSX/",)


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    flags: int
    method: int
    crc: int
    packed: int
    offset: int


def items(file: BinaryIO, limits: Limits, bounds: BatchLimits, *, start: int = 0) -> Iterator[Item]:
    """The members of an archive, without folders and hidden files.

    Args:
        file: can be searched.
        start: how many members to leave out; they are not inflated.

    Raises:
        VerifierError: `zip_malformed`, `zip_too_many_members`, `zip_bomb`: nothing more can be had from this archive.
    """
    size = file.seek(0, 2)
    count, directory, length = _directory(file, size)
    if count > bounds.archive_members:
        raise VerifierError("zip_too_many_members", f"The archive holds more than {bounds.archive_members} files.")
    inflated = 0
    number = 0
    for member in _members(file, count, directory, length):
        if _is_hidden(member.name):
            continue
        number += 1
        if number <= start:
            continue
        try:
            data = _data(file, member, limits)
        except VerifierError as error:
            # What was inflated before it was refused counts as well.
            inflated += limits.container_bytes if error.code == "too_large" else 0
            yield Item(member.name, error=error)
        else:
            inflated += len(data)
            yield Item(member.name, data) if not data.startswith(SIGNATURES) else Item(member.name, error=_nested())
        if inflated > bounds.archive_bytes or inflated > bounds.archive_free + bounds.archive_ratio * size:
            raise VerifierError("zip_bomb", "The archive unpacks to far more than it should. Reading was stopped.")


def _malformed(what: str = "It is damaged or cut off.") -> VerifierError:
    return VerifierError("zip_malformed", f"The zip archive cannot be read. {what}")


def _nested() -> VerifierError:
    return VerifierError("zip_nested", "An archive inside an archive is not opened.")


def _is_hidden(name: str) -> bool:
    return name.endswith("/") or name.startswith(_SKIPPED) or name.rpartition("/")[2].startswith(".")


def _read(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    data = file.read(length)
    if len(data) != length:
        raise _malformed()
    return data


def _directory(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """(members, offset, length) of the directory."""
    tail_length = min(size, 22 + 0xFFFF)
    tail = _read(file, size - tail_length, tail_length)
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < 22:
        raise _malformed("It has no directory.")
    disk, first, here, count, length, offset = struct.unpack_from("<4H2L", tail, place + 4)
    at = size - tail_length + place
    if _MANY in (count, here) or _LARGE in (length, offset):
        if at < 20:
            raise _malformed()
        locator = _read(file, at - 20, 20)
        if not locator.startswith(_LOCATOR_64):
            raise _malformed()
        at = struct.unpack_from("<Q", locator, 8)[0]
        if at > size - 56:
            raise _malformed()
        record = _read(file, at, 56)
        if not record.startswith(_END_64):
            raise _malformed()
        disk, first, here, count, length, offset = struct.unpack_from("<2L4Q", record, 16)
    if disk or first or here != count:
        raise _malformed("It is one part of several.")
    if offset + length > at or count * 46 > length:
        raise _malformed()
    return count, offset, length


def _members(file: BinaryIO, count: int, offset: int, length: int) -> Iterator[_Member]:
    end = offset + length
    for _ in range(count):
        if offset + 46 > end:
            raise _malformed()
        entry = _read(file, offset, 46)
        if not entry.startswith(_ENTRY):
            raise _malformed()
        flags, method = struct.unpack_from("<2H", entry, 8)
        crc, packed, _, names, extras, comments = struct.unpack_from("<3L3H", entry, 16)
        (place,) = struct.unpack_from("<L", entry, 42)
        if offset + 46 + names + extras + comments > end:
            raise _malformed()
        raw = _read(file, offset + 46, names)
        name = raw.decode("utf-8" if flags & _UTF_8 else "cp437", "replace")
        offset += 46 + names + extras + comments
        yield _Member(name.replace("\\", "/"), flags, method, crc, packed, place)


def _data(file: BinaryIO, member: _Member, limits: Limits) -> bytes:
    if member.flags & _ENCRYPTED:
        raise VerifierError("zip_encrypted", "This file of the archive is locked with a password.")
    if member.method not in (_STORED, _DEFLATED):
        raise VerifierError("zip_method_unknown", "This file of the archive is packed in a way that is not read here.")
    if member.packed > limits.container_bytes or member.offset == _LARGE:
        raise _too_large(limits)
    header = _read(file, member.offset, 30)
    if not header.startswith(_LOCAL):
        raise _malformed()
    names, extras = struct.unpack_from("<2H", header, 26)
    packed = _read(file, member.offset + 30 + names + extras, member.packed)
    data = packed if member.method == _STORED else _inflated(packed, limits)
    if zlib.crc32(data) != member.crc:
        raise _malformed("A file in it is damaged.")
    return data


def _inflated(packed: bytes, limits: Limits) -> bytes:
    inflate = zlib.decompressobj(wbits=-15)
    try:
        data = inflate.decompress(packed, limits.container_bytes + 1)
    except zlib.error as error:
        raise _malformed("A file in it is damaged.") from error
    if len(data) > limits.container_bytes:
        raise _too_large(limits)
    if not inflate.eof:
        raise _malformed("A file in it is cut off.")
    return data


def _too_large(limits: Limits) -> VerifierError:
    return VerifierError(
        "too_large",
        f"This file of the archive is larger than {limits.container_bytes} bytes.",
        details={"max_bytes": limits.container_bytes},
    )
