"""Signers of every kind, from fixed secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from verifier.formats import multikey
from verifier.formats.multikey import PublicKey

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Key:
    """A private key that signs as `verifier.proofs.Signer` asks."""

    algorithm: str
    private: Any

    @property
    def public(self) -> PublicKey:
        return multikey.from_cryptography(self.private.public_key())

    @property
    def verification_method(self) -> str:
        text = multikey.encode(self.public)
        return f"did:key:{text}#{text}"

    def sign(self, payload: bytes) -> bytes:
        if self.algorithm == "Ed25519":
            return bytes(self.private.sign(payload))
        half, digest = (32, hashes.SHA256()) if self.algorithm == "P-256" else (48, hashes.SHA384())
        r, s = decode_dss_signature(self.private.sign(payload, ec.ECDSA(digest)))
        return r.to_bytes(half) + s.to_bytes(half)


KEYS = {
    "Ed25519": Key("Ed25519", ed25519.Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)),
    "P-256": Key("P-256", ec.derive_private_key(7, ec.SECP256R1())),
    "P-384": Key("P-384", ec.derive_private_key(7, ec.SECP384R1())),
}


@pytest.fixture
def badge() -> dict[str, Any]:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "https://badges.example.org/credentials/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "https://badges.example.org/issuers/1", "type": ["Profile"], "name": "Example"},
        "validFrom": "2026-01-01T00:00:00Z",
        "name": "Small badge",
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://badges.example.org/achievements/1",
                "type": ["Achievement"],
                "name": "Small",
                "description": "A small achievement",
                "criteria": {"narrative": "Did it"},
            },
        },
    }
