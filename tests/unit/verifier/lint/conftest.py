"""A badge that the official validator would pass, a key to sign it anew, and a small world of documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import proofs
from verifier.fetch import Documents, Fetched, FetchFailed
from verifier.formats import bitstring, multikey
from verifier.lint import LintReport, lint

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ISSUER = "https://badges.example.org/issuers/1"
LIST = "https://badges.example.org/status/1"
V2 = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


class Key:
    """An Ed25519 key of `owner`, named by its Multikey in the fragment."""

    algorithm = "Ed25519"

    def __init__(self, owner: str = ISSUER, seed: int = 1) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.multibase = multikey.encode(multikey.from_cryptography(self._private.public_key()))
        self.verification_method = f"{owner}#{self.multibase}"

    def sign(self, payload: bytes) -> bytes:
        return self._private.sign(payload)


class World(Documents):
    """Answers from `documents`; every other address does not answer."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        super().__init__(documents, self)

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        if url.partition("#")[0] not in self._documents:
            raise FetchFailed("host_not_found", "Nobody answers.")
        return super().get(url, max_bytes=max_bytes)


def unsigned() -> dict[str, Any]:
    return {
        "@context": [V2, OB],
        "id": "https://badges.example.org/credentials/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Open questions",
        "issuer": {
            "id": ISSUER,
            "type": ["Profile"],
            "name": "Example district",
            "url": "https://badges.example.org",
            "otherIdentifier": [{"type": "IdentifierEntry", "identifier": "1", "identifierType": "sourcedId"}],
        },
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "id": "did:example:teacher",
            "achievement": {
                "id": "https://badges.example.org/achievements/1",
                "type": ["Achievement"],
                "name": "Open questions",
                "description": "Asks them",
                "criteria": {"narrative": "Asked **three**"},
                "resultDescription": [
                    {"id": "urn:uuid:1", "type": ["ResultDescription"], "name": "Score", "resultType": "Percent"}
                ],
            },
            "result": [{"type": ["Result"], "resultDescription": "urn:uuid:1", "value": "90"}],
        },
        "evidence": [{"type": ["Evidence"], "name": "A lesson plan"}],
        "credentialStatus": {
            "id": f"{LIST}#7",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": LIST,
        },
    }


def status_list(*revoked: int, **changes: Any) -> dict[str, Any]:
    bits = bitstring.empty()
    for index in revoked:
        bits = bitstring.put(bits, index, 1)
    return {
        "@context": [V2],
        "id": LIST,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{LIST}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": bitstring.encode(bits),
            **changes,
        },
    }


def sign(document: Mapping[str, Any], key: Key | None = None, suite: str = "eddsa-rdfc-2022") -> dict[str, Any]:
    return proofs.secure(document, key or Key(), NOW, cryptosuite=suite)


def world(*, lists: Mapping[str, Any] | None = None, **more: bytes) -> World:
    listed = sign(status_list()) if lists is None else lists
    return World({"https://badges.example.org": b"<html>", LIST: json.dumps(listed).encode(), **more})


Look = Callable[..., LintReport]


@pytest.fixture
def look() -> Look:
    """Lint a document, signed if it is not, in a world where everything answers."""

    def run(document: Mapping[str, Any] | bytes, fetcher: Any = None, now: datetime = NOW) -> LintReport:
        if isinstance(document, Mapping):
            signed = document if "proof" in document else sign(document)
            document = json.dumps(signed).encode()
        return lint(document, now=now, fetcher=fetcher or world())

    return run
