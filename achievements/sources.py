"""Which imported badge this is: the identity by which a second import finds the microcredential of the first.

The id that a badge brings is its identity. URLs are compared as RFC 3986 compares them without asking anybody: scheme
and host in any case, everything else character by character, a trailing slash included. Two badges taken for one would
overwrite each other; one badge taken for two is a draft too many, which a person sees and deletes.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit, urlunsplit

from achievements.identifiers import MAX_KEY, derived_uri, is_uri, is_web_address
from achievements.model import Achievement

#: Of an identity, in characters: an index of the database has to hold it.
MAX_IDENTITY = 500


def source_id(achievement: Achievement) -> str:
    """The identity of an achievement read from Open Badges. A badge without an id is known by its issuer and name."""
    found = achievement.extensions.get("id")
    if not isinstance(found, str) or not found.strip():
        issuer = achievement.extensions.get("issuer") or achievement.extensions.get("creator") or ""
        return derived_uri("source", json.dumps(issuer, sort_keys=True), achievement.name)
    if not is_uri(found) or len(found) > MAX_IDENTITY:
        return derived_uri("source-id", found)
    return _lower_authority(found) if is_web_address(found) else found


def folded(identity: str) -> str:
    """Equal for identities that differ only in case or a trailing slash, which is most often a slip."""
    return identity.rstrip("/").casefold()


def free_key(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with the first suffix (-2, -3, …) that makes it a key nobody has."""
    if wanted not in taken:
        return wanted
    number = 2
    while True:
        suffix = f"-{number}"
        key = wanted[: MAX_KEY - len(suffix)].rstrip("-") + suffix
        if key not in taken:
            return key
        number += 1


def _lower_authority(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()))
