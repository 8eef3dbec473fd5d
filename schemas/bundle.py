"""JSON-LD contexts held as files: a URL to the published bytes, each checked against its digest.

The running program never fetches a context. `contexts/index.json` says for every file its URL, SHA-256, publisher,
licence and the package it was taken from. Some publishers changed a context in place, so one URL may have several
revisions: the first one listed is the current one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_FOLDER = files("schemas") / "contexts"


class NotBundled(LookupError):
    """No context is held for this URL, or no such revision of it. `url` is what was asked for."""

    def __init__(self, url: str, revision: int = 0) -> None:
        super().__init__(f"No context is bundled for {url!r}" + (f", revision {revision}" if revision else ""))
        self.url = url


class BundleDamaged(RuntimeError):
    """A bundled file is not the one that the index promises: the installation is broken."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One bundled file. `sha256` is lower-case hex of its bytes; `note` says what is special about it, or ""."""

    url: str
    file: str
    sha256: str
    publisher: str
    licence: str
    taken_from: str
    note: str = ""


@cache
def _index() -> Mapping[str, tuple[Entry, ...]]:
    found: dict[str, tuple[Entry, ...]] = {}
    for item in json.loads((_FOLDER / "index.json").read_bytes()):
        entry = Entry(**item)
        found[entry.url] = (*found.get(entry.url, ()), entry)
    return MappingProxyType(found)


def urls() -> tuple[str, ...]:
    """Every URL for which a context is held, in the order of the index."""
    return tuple(_index())


def revisions(url: str) -> tuple[Entry, ...]:
    """The entries of `url`, the current one first. Raises `NotBundled`."""
    found = _index().get(url)
    if found is None:
        raise NotBundled(url)
    return found


def entry(url: str, revision: int = 0) -> Entry:
    """What is known of one bundled context. Raises `NotBundled`."""
    found = revisions(url)
    if not 0 <= revision < len(found):
        raise NotBundled(url, revision)
    return found[revision]


@cache
def load(url: str, revision: int = 0) -> bytes:
    """The bytes of a context as published, checked against the index on first use.

    Raises:
        NotBundled: no file is held for this URL and revision.
        BundleDamaged: the file is not the promised one.
    """
    about = entry(url, revision)
    content = (_FOLDER / about.file).read_bytes()
    if hashlib.sha256(content).hexdigest() != about.sha256:
        raise BundleDamaged(f"{about.file} does not have the digest that contexts/index.json gives for it")
    return content
