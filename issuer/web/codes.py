"""The codes with what they say, read from the page `docs/codes.md`, which a test keeps complete."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

_ROW = re.compile(r"^\| `(?P<code>[a-z0-9_]+)` \| (?P<sentence>.*) \| [^|]* \|$")
_TITLES = {
    "verifier": ("Verification", "What a check found in a credential."),
    "achievements": ("Definitions and frameworks", "What is said of files that are read in."),
    "schemas": ("Shapes", "What is said of the form of a document or request."),
    "issuer": ("This service", "What is said when something asked of this service cannot be done."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A code and what it says. `anchor` is "" where another part of the source has the same code before."""

    code: str
    sentence: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Package:
    """A part of the source and its codes."""

    name: str
    title: str
    about: str
    codes: tuple[Entry, ...]


@cache
def packages() -> tuple[Package, ...]:
    text = resources.files("issuer.web").joinpath("codes.md").read_text("utf-8")
    found: list[Package] = []
    seen: set[str] = set()
    for section in text.split("\n## ")[1:]:
        name, _, body = section.partition("\n")
        title, about = _TITLES[name]
        entries = tuple(
            Entry(row["code"], row["sentence"].replace("\\|", "|"), "" if row["code"] in seen else row["code"])
            for row in filter(None, map(_ROW.match, body.splitlines()))
        )
        seen.update(entry.code for entry in entries)
        found.append(Package(name, title, about, entries))
    return tuple(found)


def is_listed(code: str) -> bool:
    """Whether the page has an entry for it."""
    return code in _listed()


@cache
def _listed() -> frozenset[str]:
    return frozenset(entry.code for package in packages() for entry in package.codes)
