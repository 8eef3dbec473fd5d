"""Digests of files in credentials: `digestSRI` (Subresource Integrity) and `digestMultibase`.

`digestMultibase` should be a multihash, but is met as the bare hash too; both are read.
"""

from __future__ import annotations

import base64
import hashlib

from verifier.formats import multibase

_ALGORITHMS = ("sha256", "sha384", "sha512")
#: Multihash codes with the length of the digest (multiformats table).
_MULTIHASH = {"sha256": b"\x12\x20", "sha384": b"\x20\x30", "sha512": b"\x13\x40"}


def sri(data: bytes, algorithm: str = "sha256") -> str:
    """`digestSRI` of `data`."""
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm}-{base64.b64encode(digest).decode('ascii')}"


def forms(data: bytes) -> frozenset[str]:
    """Every text by which a credential may name the content of `data`."""
    return frozenset().union(
        *(forms_of_digest(algorithm, hashlib.new(algorithm, data).digest()) for algorithm in _ALGORITHMS)
    )


def forms_of_digest(algorithm: str, digest: bytes) -> frozenset[str]:
    """Every text for one digest: SRI, and multibase (base64url and base58btc) with and without a multihash prefix."""
    found = {f"{algorithm}-{base64.b64encode(digest).decode('ascii')}"}
    for body in (digest, _MULTIHASH[algorithm] + digest):
        found |= {"u" + multibase.base64url_encode(body), multibase.encode_base58(body)}
    return frozenset(found)


def matches(stated: str, data: bytes) -> bool:
    """Whether the `digestSRI` or `digestMultibase` is that of `data`. SRI may list several; one counts."""
    known = forms(data)
    return any(part.partition("?")[0] in known for part in stated.split())
