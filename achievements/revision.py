"""Versions by content. What has been awarded is never edited, only succeeded: a changed definition is a new version,
told from the old one by its content hash, and the old one stays as it was. (For the
same reason a default in `model` must not change: it would change what was stored without it.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from achievements.model import Achievement, Framework
from achievements.problems import pointer
from achievements.serialise import canonical_json, dump, dump_framework


@dataclass(frozen=True, slots=True)
class Change:
    """One place in which two versions differ. `before` or `after` is None where there is nothing."""

    pointer: str
    before: Any
    after: Any


def content_hash(achievement: Achievement) -> str:
    """`sha256:` and the hex digest of the canonical JSON of `serialise.dump`. Two definitions that ask for the same in
    the same words have the same hash, wherever and whenever they were read."""
    return _digest(dump(achievement))


def framework_hash(framework: Framework) -> str:
    return _digest(dump_framework(framework))


def diff(old: Achievement, new: Achievement) -> tuple[Change, ...]:
    """What differs, in the order of the model. Parts with an id or a key are compared with their counterpart, so that
    a criterion put in between does not make all that follow look changed; a new order alone is a change of place."""
    if old == new:
        return ()
    found: list[Change] = []
    _compare(dump(old), dump(new), "", found)
    return tuple(found)


def _digest(value: Any) -> str:
    return "sha256:" + hashlib.sha256(canonical_json(value)).hexdigest()


def _compare(old: Any, new: Any, where: str, found: list[Change]) -> None:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            _compare(old.get(name), new.get(name), where + pointer(name), found)
        return
    if isinstance(old, list) and isinstance(new, list):
        named_old, named_new = _named(old), _named(new)
        if named_old is not None and named_new is not None:
            before = len(found)
            for name in dict.fromkeys((*named_old, *named_new)):
                _compare(named_old.get(name), named_new.get(name), where + pointer(name), found)
            if len(found) == before:
                found.append(Change(where, list(named_old), list(named_new)))
            return
    found.append(Change(where, old, new))


def _named(parts: Sequence[Any]) -> dict[str, Any] | None:
    """Parts by their id, key or address; None where they have none or share one."""
    named: dict[str, Any] = {}
    for part in parts:
        if not isinstance(part, dict):
            return None
        name = part.get("id") or part.get("key") or part.get("target_url")
        if not isinstance(name, str) or name in named:
            return None
        named[name] = part
    return named
