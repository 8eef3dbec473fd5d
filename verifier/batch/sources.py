"""From what a person names to items: a file, a folder, an archive, a list."""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from verifier.batch import archive, lines
from verifier.batch.items import Item
from verifier.batch.limits import DEFAULT_BATCH_LIMITS, BatchLimits
from verifier.errors import CouldNotCheck, VerifierError
from verifier.limits import DEFAULT_LIMITS, Limits


class Kind(StrEnum):
    """What holds many credentials."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    ZIP = "zip"


_SUFFIXES = {".csv": Kind.CSV, ".tsv": Kind.CSV, ".jsonl": Kind.JSON_LINES, ".ndjson": Kind.JSON_LINES} | {
    ".zip": Kind.ZIP
}


def kind_of(name: str, head: bytes = b"") -> Kind | None:
    """What a file of this name, which begins like this, holds; None if it is one credential.

    A file without a suffix is known by its content. Office documents are archives too, and are not opened.
    """
    suffix = Path(name).suffix.lower()
    if not suffix and head.startswith(archive.SIGNATURES):
        return Kind.ZIP
    return _SUFFIXES.get(suffix)


def items_in(
    file: BinaryIO,
    kind: Kind,
    *,
    start: int = 0,
    limits: Limits = DEFAULT_LIMITS,
    batch_limits: BatchLimits = DEFAULT_BATCH_LIMITS,
) -> Iterator[Item]:
    """What a file with many credentials holds. What keeps the rest from being read is the last item.

    Args:
        start: how many items to leave out, to go on where an earlier run stopped.
    """
    given = start
    try:
        match kind:
            case Kind.ZIP:
                found = archive.items(file, limits, batch_limits, start=start)
            case Kind.JSON_LINES:
                found = lines.json_lines(file, limits, batch_limits, start=start)
            case Kind.CSV:
                found = lines.csv_rows(file, batch_limits, start=start)
        for item in found:
            given += 1
            yield item
    except VerifierError as error:
        yield Item("the rest of the file" if given else "the file", error=error)


def items_of(
    path: Path | str, *, limits: Limits = DEFAULT_LIMITS, batch_limits: BatchLimits = DEFAULT_BATCH_LIMITS
) -> Iterator[Item]:
    """The items of a file, an archive, a list or a folder with any of these. An address is an item itself.

    Names say where the item stood, below `path`. Links in a folder are not followed.
    """
    name = str(path)
    if name.startswith(("https://", "http://")):
        yield Item(name, url=name)
        return
    path = Path(path)
    if path.is_dir():
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(each for each in folders if not each.startswith("."))
            for each in sorted(files):
                inner = Path(folder) / each
                if not each.startswith(".") and not inner.is_symlink():
                    yield from _file(inner, inner.relative_to(path).as_posix(), limits, batch_limits)
        return
    yield from _file(path, path.name, limits, batch_limits)


def _file(path: Path, name: str, limits: Limits, bounds: BatchLimits) -> Iterator[Item]:
    try:
        with path.open("rb") as file:
            kind = kind_of(name, file.read(4))
            file.seek(0)
            if kind is None:
                yield Item(name, file.read(limits.container_bytes + 1))
                return
            for item in items_in(file, kind, limits=limits, batch_limits=bounds):
                yield Item(item.name if item.url else f"{name}: {item.name}", item.data, item.url, item.error)
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        yield Item(name, error=CouldNotCheck("file_unreadable", f"The file could not be read: {why}."))
