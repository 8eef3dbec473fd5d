"""A small Open Badges 2.0 world: documents at addresses, changed by each test as it likes."""

from __future__ import annotations

import copy
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from verifier import Verifier, policy
from verifier.checks.recipient import ExpectedRecipient
from verifier.fetch import Documents, Fetched, FetchFailed
from verifier.report import Report

SITE = "https://badges.example.org"
ISSUER = f"{SITE}/issuer"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTEXT = "https://w3id.org/openbadges/v2"


class Gone:
    """Answers 410 for everything the world does not hold."""

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        raise FetchFailed("http_status", f"{url} answered with HTTP 410.", details={"url": url, "status": 410})


class World:
    """`documents` is what the web holds; `assertion` is the badge in the teacher's hand."""

    def __init__(self, key: JWK) -> None:
        self.key = key
        self.gone = False
        pem = key.export_to_pem().decode()
        self.assertion: dict[str, Any] = {
            "@context": CONTEXT,
            "type": "Assertion",
            "id": f"{SITE}/assertions/1",
            "recipient": {
                "type": "email",
                "hashed": True,
                "salt": "Kosher",
                "identity": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
            },
            "badge": f"{SITE}/classes/1",
            "verification": {"type": "HostedBadge"},
            "issuedOn": "2026-01-01T00:00:00Z",
        }
        self.documents: dict[str, dict[str, Any]] = {
            f"{SITE}/classes/1": {
                "@context": CONTEXT,
                "type": "BadgeClass",
                "id": f"{SITE}/classes/1",
                "name": "Group talk",
                "issuer": ISSUER,
            },
            ISSUER: {
                "@context": CONTEXT,
                "type": "Profile",
                "id": ISSUER,
                "name": "Example District",
                "publicKey": f"{SITE}/key",
            },
            f"{SITE}/key": {
                "@context": CONTEXT,
                "type": "CryptographicKey",
                "id": f"{SITE}/key",
                "owner": ISSUER,
                "publicKeyPem": pem,
            },
        }
        self.host()

    def host(self) -> None:
        """Publish the badge as it is now."""
        self.documents[self.assertion["id"]] = copy.deepcopy(self.assertion)

    def as_json(self) -> bytes:
        return json.dumps(self.assertion).encode()

    def as_jws(self, *, alg: str = "RS256", key: JWK | None = None) -> bytes:
        self.assertion["verification"] = {"type": "SignedBadge", "creator": f"{SITE}/key"}
        token = JWS(json.dumps(self.assertion).encode())
        token.add_signature(key or self.key, alg, json.dumps({"alg": alg}))
        return token.serialize(compact=True).encode()

    def verify(self, data: bytes, *, trusted: str = ISSUER, recipient: str = "") -> Report:
        held = {url: json.dumps(document).encode() for url, document in self.documents.items()}
        fetcher = Documents(held, Gone() if self.gone else None)
        expected = ExpectedRecipient.parse(recipient) if recipient else None
        return Verifier(fetcher).verify(data, policy.TrustedIssuers(trusted), now=NOW, recipient=expected)


def older_png(text: str) -> bytes:
    """A picture with `text` baked in as Open Badges 2.0 does it, by a library that is not ours."""
    information = PngInfo()
    information.add_itxt("openbadges", text)
    out = io.BytesIO()
    Image.new("RGB", (1, 1)).save(out, "PNG", pnginfo=information)
    return out.getvalue()


@pytest.fixture(scope="session")
def rsa_key() -> JWK:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return JWK.from_pem(pem)


@pytest.fixture
def world(rsa_key: JWK) -> World:
    return World(rsa_key)
