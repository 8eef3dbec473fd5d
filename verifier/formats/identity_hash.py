"""IdentityHash of Open Badges 3.0 (section on IdentityObject): `sha256$` and hex of SHA-256(identifier + salt), UTF-8.

The salt is appended. `md5$` is read, because old badges carry it, and never written.
"""

from __future__ import annotations

import hashlib
import hmac


def sha256(identifier: str, salt: str = "") -> str:
    return "sha256$" + hashlib.sha256((identifier + salt).encode()).hexdigest()


def matches(identity_hash: str, identifier: str, salt: str = "") -> bool | None:
    """Whether `identity_hash` is that of `identifier`; None if its algorithm is not known. Hex compares in any case."""
    algorithm, _, digest = identity_hash.partition("$")
    data = (identifier + salt).encode("utf-8", "surrogatepass")
    if algorithm == "sha256":
        expected = hashlib.sha256(data).hexdigest()
    elif algorithm == "md5":
        expected = hashlib.md5(data, usedforsecurity=False).hexdigest()
    else:
        return None
    return hmac.compare_digest(expected.encode(), digest.lower().encode("utf-8", "surrogatepass"))
