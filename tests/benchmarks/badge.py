"""The badge that is measured: three alignments, two pieces of evidence, a rubric of four levels with a result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import proofs
from verifier.formats import multikey

HOME = "https://badges.example.org"
ISSUER = "did:web:badges.example.org"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = multikey.from_cryptography(PRIVATE.public_key())
_LEVELS = ("Beginning", "Developing", "Proficient", "Exemplary")


@dataclass(frozen=True)
class Signer:
    verification_method: str = f"{ISSUER}#{multikey.encode(PUBLIC)}"
    algorithm: str = "Ed25519"

    @staticmethod
    def sign(payload: bytes) -> bytes:
        return PRIVATE.sign(payload)


def unsigned(number: int = 1, issuer: str = ISSUER) -> dict[str, Any]:
    """One badge; `number` makes its ids different from those of others."""
    rubric = f"{HOME}/achievements/feedback/rubric"
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": f"{HOME}/credentials/{number}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Giving feedback that moves learning forward",
        "issuer": {
            "id": issuer,
            "type": ["Profile"],
            "name": "Example District",
            "url": HOME,
            "email": "badges@example.org",
            "image": {"id": f"{HOME}/logo.png", "type": "Image"},
        },
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z",
        "awardedDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
                    "identityType": "emailAddress",
                    "salt": "Kosher",
                }
            ],
            "activityStartDate": "2025-09-01T00:00:00Z",
            "activityEndDate": "2025-12-15T00:00:00Z",
            "creditsEarned": 15,
            "achievement": {
                "id": f"{HOME}/achievements/feedback",
                "type": ["Achievement"],
                "achievementType": "MicroCredential",
                "name": "Giving feedback that moves learning forward",
                "description": "Plans, gives and follows up feedback on work in progress.",
                "criteria": {"id": f"{HOME}/achievements/feedback/criteria", "narrative": "Two rounds of feedback."},
                "image": {"id": f"{HOME}/achievements/feedback.png", "type": "Image"},
                "tag": ["feedback", "formative assessment"],
                "creditsAvailable": 15,
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": f"Competency {letter}",
                        "targetUrl": f"https://frameworks.example.org/competencies/{letter}",
                        "targetCode": f"4.{letter}",
                        "targetFramework": "Teaching competencies",
                        "targetType": "CFItem",
                    }
                    for letter in "abc"
                ],
                "resultDescription": [
                    {
                        "id": rubric,
                        "type": ["ResultDescription"],
                        "name": "Quality of feedback",
                        "resultType": "RubricCriterionLevel",
                        "requiredLevel": f"{rubric}/3",
                        "allowedValue": list(_LEVELS),
                        "rubricCriterionLevel": [
                            {
                                "id": f"{rubric}/{points}",
                                "type": ["RubricCriterionLevel"],
                                "name": name,
                                "level": str(points),
                                "points": str(points),
                                "description": f"The feedback is {name.lower()}.",
                            }
                            for points, name in enumerate(_LEVELS, start=1)
                        ],
                    }
                ],
            },
            "result": [{"type": ["Result"], "resultDescription": rubric, "achievedLevel": f"{rubric}/4"}],
        },
        "evidence": [
            {
                "type": ["Evidence"],
                "id": f"{HOME}/evidence/{number}-{piece}",
                "name": f"Piece {piece}",
                "description": "Pupils' drafts with comments",
                "genre": "Artifact",
            }
            for piece in (1, 2)
        ],
        "credentialStatus": {
            "id": f"{HOME}/status/1#{number}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(number),
            "statusListCredential": f"{HOME}/status/1",
        },
    }


def secured(number: int = 1, issuer: str = ISSUER) -> dict[str, Any]:
    return proofs.secure(unsigned(number, issuer), Signer(), NOW)


def did_document() -> bytes:
    method = {
        "id": Signer().verification_method,
        "type": "Multikey",
        "controller": ISSUER,
        "publicKeyMultibase": multikey.encode(PUBLIC),
    }
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": ISSUER,
        "verificationMethod": [method],
        "assertionMethod": [method["id"]],
    }
    return json.dumps(document).encode()


def status_list() -> bytes:
    """The status list that the badge names, with nobody revoked, signed by the same key."""
    from verifier.formats import bitstring

    unsecured = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": f"{HOME}/status/1",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{HOME}/status/1#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": bitstring.encode(bitstring.empty()),
        },
    }
    return json.dumps(proofs.secure(unsecured, Signer(), NOW)).encode()
