"""What the parts of the corpus are made with."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from typing import Any

from tests.simulator import Issuer
from verifier.formats import png


@dataclass(frozen=True, slots=True)
class Asset:
    """One file. `check` and `code` are those of the result that decides the verdict, "" for a verified one."""

    name: str
    data: bytes
    verdict: str = "verified"
    check: str = ""
    code: str = ""


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture_png() -> bytes:
    """One grey pixel."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return png.SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80", 0)) + chunk(b"IEND", b"")


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()


def with_subject(school: Issuer, **changes: Any) -> dict[str, Any]:
    document = school.badge()
    changed = {**document["credentialSubject"], **changes}
    document["credentialSubject"] = {name: value for name, value in changed.items() if value is not None}
    return document


def with_achievement(school: Issuer, **changes: Any) -> dict[str, Any]:
    changed = {**school.badge()["credentialSubject"]["achievement"], **changes}
    return with_subject(school, achievement={name: value for name, value in changed.items() if value is not None})


def with_proof_of_another(school: Issuer, document: dict[str, Any]) -> bytes:
    return as_json({**document, "proof": json.loads(school.sign(school.badge()))["proof"]})
