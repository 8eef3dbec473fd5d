"""Digests of files in credentials: `digestSRI` (Subresource Integrity) and `digestMultibase`.

`digestMultibase` should be a multihash, but is met as the bare hash too; both are read.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from verifier.formats import multibase

_CHUNK = 1024 * 1024
_ALGORITHMS = ("sha256", "sha384", "sha512")
#: Multihash codes with the length of the digest (multiformats table).
_MULTIHASH = {"sha256": b"\x12\x20", "sha384": b"\x20\x30", "sha512": b"\x13\x40"}


def sri(data: bytes, algorithm: str = "sha256") -> str:
    """`digestSRI` of `data`."""
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm}-{base64.b64encode(digest).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Digests:
    """What one file is called by its content: `sha256` in hex, and every text by which a credential may name it."""

    sha256: str
    forms: frozenset[str]


def of(data: bytes | IO[bytes]) -> Digests:
    """The digests of a file, which is read once for all of them. A file that is open is read from its start."""
    hashes = {algorithm: hashlib.new(algorithm) for algorithm in _ALGORITHMS}
    for chunk in _chunks(data):
        for each in hashes.values():
            each.update(chunk)
    found = (forms_of_digest(algorithm, each.digest()) for algorithm, each in hashes.items())
    return Digests(hashes["sha256"].hexdigest(), frozenset().union(*found))


def _chunks(data: bytes | IO[bytes]) -> Iterator[bytes | memoryview]:
    if isinstance(data, bytes):
        yield data
        return
    data.seek(0)
    while chunk := data.read(_CHUNK):
        yield chunk


def forms(data: bytes) -> frozenset[str]:
    """Every text by which a credential may name the content of `data`."""
    return of(data).forms


def listed(stated: str) -> Iterator[str]:
    """The digests in one `digestSRI` or `digestMultibase`: SRI may list several; one that fits is enough."""
    return (part.partition("?")[0] for part in stated.split())


def forms_of_digest(algorithm: str, digest: bytes) -> frozenset[str]:
    """Every text for one digest: SRI, and multibase (base64url and base58btc) with and without a multihash prefix."""
    found = {f"{algorithm}-{base64.b64encode(digest).decode('ascii')}"}
    for body in (digest, _MULTIHASH[algorithm] + digest):
        found |= {"u" + multibase.base64url_encode(body), multibase.encode_base58(body)}
    return frozenset(found)


def matches(stated: str, data: bytes) -> bool:
    """Whether the `digestSRI` or `digestMultibase` is that of `data`. For several of them use `of` once."""
    return not forms(data).isdisjoint(listed(stated))
