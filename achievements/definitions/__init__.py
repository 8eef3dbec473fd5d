"""A framework and three microcredentials of our own: what the demo and the tests work with.

`framework.json` is a CASE 1.1 package, `microcredentials.json` a definition file; both are read by the same readers as
anybody's files. The district, Maple County, is invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from achievements import imports
from achievements.model import Achievement, Framework
from achievements.resolution import resolve

FRAMEWORK_FILE = "framework.json"
MICROCREDENTIALS_FILE = "microcredentials.json"


@dataclass(frozen=True, slots=True)
class Definitions:
    """`achievements` are resolved against `frameworks` and ready to be published."""

    frameworks: tuple[Framework, ...]
    achievements: tuple[Achievement, ...]


def raw(name: str) -> bytes:
    """The bytes of `FRAMEWORK_FILE` or `MICROCREDENTIALS_FILE`, as a district would upload them."""
    return files(__name__).joinpath(name).read_bytes()


@cache
def load() -> Definitions:
    """Read and resolve our own files. Raises RuntimeError if they are not sound: then the package is broken."""
    framework = imports.read(raw(FRAMEWORK_FILE))
    microcredentials = imports.read(raw(MICROCREDENTIALS_FILE))
    resolutions = [resolve(each, framework.frameworks) for each in microcredentials.achievements]
    problems = [*framework.errors, *microcredentials.errors, *(p for each in resolutions for p in each.problems)]
    if problems or not framework.items or not resolutions:
        raise RuntimeError(f"our own definitions are not sound: {problems}")
    return Definitions(framework.frameworks, tuple(each.achievement for each in resolutions))
