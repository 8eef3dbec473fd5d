"""An issuer world in memory behind `Fetcher`: issuers with keys, their documents, status lists and signed badges.

    world = World()
    school = world.issuer("did:web:school.example")
    data = school.sign(school.badge())
    Verifier(world).verify(data, TrustedIssuers(school.id), now=NOW)

Everything is deterministic: keys come from the issuer's id, moments are fixed. Hostile variants are made by changing
what `badge`, `document` or `status_list` return, or by putting other bytes at a URL (`world.pages`).
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from verifier import proofs
from verifier.fetch import Fetched, FetchFailed
from verifier.formats import bitstring, datetimes, identity_hash, multikey
from verifier.resolvers import did_web_url

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ISSUED = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = datetime(2030, 1, 1, tzinfo=UTC)
RECIPIENT = "teacher@school.example"
VCDM = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


class TestSigner:
    """A key made from a word. Its secret is public: for tests only."""

    __test__ = False
    algorithm = "Ed25519"

    def __init__(self, word: str, controller: str = "") -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(
            hashlib.sha256(f"badgewright test key {word}".encode()).digest()
        )
        self.public = multikey.from_cryptography(self._key.public_key())
        self.multibase = multikey.encode(self.public)
        self.did = f"did:key:{self.multibase}"
        self.verification_method = f"{controller or self.did}#{self.multibase}"

    def sign(self, payload: bytes) -> bytes:
        return self._key.sign(payload)


class TestEcSigner(TestSigner):
    """As `TestSigner`, on P-256 or P-384."""

    def __init__(self, word: str, controller: str = "", algorithm: str = "P-256") -> None:
        curve, self._hash = (
            (ec.SECP256R1(), hashes.SHA256()) if algorithm == "P-256" else (ec.SECP384R1(), hashes.SHA384())
        )
        secret = int.from_bytes(hashlib.sha256(f"badgewright test key {word}".encode()).digest()) >> 1
        self._private = ec.derive_private_key(secret, curve)
        self.algorithm = algorithm
        self.public = multikey.from_cryptography(self._private.public_key())
        self.multibase = multikey.encode(self.public)
        self.did = f"did:key:{self.multibase}"
        self.verification_method = f"{controller or self.did}#{self.multibase}"

    def sign(self, payload: bytes) -> bytes:
        size = self._private.curve.key_size // 8
        numbers = decode_dss_signature(self._private.sign(payload, ec.ECDSA(self._hash)))
        return b"".join(number.to_bytes(size) for number in numbers)


class TestRsaSigner(TestSigner):
    """A new RSA key each time: RSA keys cannot be made from a word."""

    algorithm = "RSA"

    def __init__(self, controller: str, bits: int = 2048) -> None:
        self._rsa = rsa.generate_private_key(65_537, bits)
        self.verification_method = f"{controller}#rsa"

    @property
    def jwk(self) -> dict[str, str]:
        return multikey.to_jwk(multikey.from_cryptography(self._rsa.public_key()))

    def sign(self, payload: bytes) -> bytes:
        return self._rsa.sign(payload, padding.PKCS1v15(), hashes.SHA256())


@dataclass
class World:
    """Answers from `pages`, counts what was asked for, and fails for addresses that are `down`."""

    pages: dict[str, bytes] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        self.asked.append(url)
        body = self.pages.get(url.partition("#")[0])
        if body is None or url in self.down:
            raise FetchFailed("fetch_failed", f"{url} could not be reached.", details={"url": url})
        if len(body) > max_bytes:
            raise FetchFailed("response_too_large", f"{url} is too large.", details={"url": url})
        return Fetched(url=url, body=body, media_type="application/json")

    def publish(self, url: str, document: object) -> None:
        self.pages[url] = document if isinstance(document, bytes) else json.dumps(document).encode()

    def issuer(self, identifier: str) -> Issuer:
        """An issuer whose document is published; `did:key` (without more) gets its id from its key."""
        issuer = Issuer(self, identifier)
        if not issuer.id.startswith("did:key:"):
            self.publish(issuer.url, issuer.document())
        return issuer


class Issuer:
    def __init__(self, world: World, identifier: str) -> None:
        self.world = world
        self.signer = TestSigner(identifier, "" if identifier == "did:key" else identifier)
        self.id = self.signer.did if identifier == "did:key" else identifier

    @property
    def url(self) -> str:
        """Where the document is."""
        return did_web_url(self.id) if self.id.startswith("did:web:") else self.id

    @property
    def base(self) -> str:
        return "https://" + (
            self.id.removeprefix("did:web:").split("/")[0].split(":")[0] if "web" in self.id else "x.example"
        )

    def document(self, **changes: Any) -> dict[str, Any]:
        key = self.signer.verification_method
        method = {"id": key, "type": "Multikey", "controller": self.id, "publicKeyMultibase": self.signer.multibase}
        return {"id": self.id, "verificationMethod": [method], "assertionMethod": [key], **changes}

    def badge(self, **changes: Any) -> dict[str, Any]:
        """A full badge, not signed. Members of `changes` that are None are taken out."""
        base = "https://badges.example.org"
        level = [
            {"id": f"urn:uuid:00000000-0000-4000-8000-00000000000{n}", "type": ["RubricCriterionLevel"], "name": name}
            for n, name in enumerate(("Beginning", "Developing", "Proficient", "Leading"), 1)
        ]
        document: dict[str, Any] = {
            "@context": [VCDM, OPEN_BADGES],
            "id": f"{base}/credentials/7f0c",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Asking Questions That Make Students Think",
            "issuer": {"id": self.id, "type": ["Profile"], "name": "Example District", "url": base},
            "validFrom": datetimes.render(ISSUED),
            "validUntil": datetimes.render(ENDS),
            "credentialSubject": {
                "type": ["AchievementSubject"],
                "identifier": [
                    {
                        "type": "IdentityObject",
                        "hashed": True,
                        "identityHash": identity_hash.sha256(RECIPIENT, "Kosher"),
                        "identityType": "emailAddress",
                        "salt": "Kosher",
                    }
                ],
                "achievement": {
                    "id": f"{base}/achievements/questions",
                    "type": ["Achievement"],
                    "achievementType": "MicroCredential",
                    "name": "Asking Questions That Make Students Think",
                    "description": "Plans and asks questions that lead from recall to reasoning.",
                    "criteria": {"narrative": "Three lessons, each with a **question ladder** and student work."},
                    "alignment": [
                        {
                            "type": ["Alignment"],
                            "targetName": f"Standard {n}",
                            "targetUrl": f"https://standards.example.org/items/{n}",
                            "targetType": "CFItem",
                        }
                        for n in (1, 2, 3)
                    ],
                    "resultDescription": [
                        {
                            "id": "urn:uuid:00000000-0000-4000-8000-000000000000",
                            "type": ["ResultDescription"],
                            "name": "Questions invite reasoning",
                            "resultType": "RubricCriterionLevel",
                            "requiredLevel": level[2]["id"],
                            "rubricCriterionLevel": level,
                        }
                    ],
                },
                "result": [
                    {
                        "type": ["Result"],
                        "resultDescription": "urn:uuid:00000000-0000-4000-8000-000000000000",
                        "achievedLevel": level[3]["id"],
                    }
                ],
            },
            "evidence": [
                {
                    "type": ["Evidence"],
                    "id": f"{base}/e/1",
                    "name": "Lesson plan",
                    "digestSRI": "sha256-" + "A" * 43 + "=",
                },
                {"type": ["Evidence"], "name": "Reflection", "narrative": "What I would do differently."},
            ],
        }
        document = copy.deepcopy(document | changes)
        return {name: value for name, value in document.items() if value is not None}

    def sign(self, document: Mapping[str, Any], *, by: TestSigner | None = None, **options: Any) -> bytes:
        """The JSON text of `document` with an eddsa-rdfc-2022 proof."""
        return json.dumps(proofs.secure(document, by or self.signer, ISSUED, options=options or None)).encode()

    def status_entry(self, index: int, url: str = "", purpose: str = "revocation", **changes: Any) -> dict[str, Any]:
        url = url or f"{self.base}/status/1"
        return {
            "id": f"{url}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": url,
            **changes,
        }

    def status_list(
        self,
        set_indices: Iterable[int] = (),
        url: str = "",
        purpose: str = "revocation",
        entries: int = 131_072,
        **changes: Any,
    ) -> dict[str, Any]:
        """An unsigned list; publish it with `world.publish(url, issuer.sign(...))`."""
        url = url or f"{self.base}/status/1"
        bits = bitstring.empty(entries)
        for index in set_indices:
            bits = bitstring.put(bits, index, 1)
        document = {
            "@context": [VCDM],
            "id": url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": self.id,
            "validFrom": datetimes.render(ISSUED),
            "credentialSubject": {
                "id": f"{url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": purpose,
                "encodedList": bitstring.encode(bits),
            },
        }
        return {name: value for name, value in (document | changes).items() if value is not None}

    def publish_list(self, *args: Any, **kwargs: Any) -> str:
        document = self.status_list(*args, **kwargs)
        self.world.publish(document["id"], self.sign(document))
        return str(document["id"])
