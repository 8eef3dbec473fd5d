"""A complete Open Badge without its proof, whose canonical form other implementations agree on."""

from __future__ import annotations

from typing import Any

import pytest

CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]


@pytest.fixture
def badge() -> dict[str, Any]:
    home = "https://badges.example.org"
    score = "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c"
    return {
        "@context": list(CONTEXTS),
        "id": f"{home}/credentials/7f0c",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Python II",
        "issuer": {
            "id": f"{home}/issuers/1",
            "type": ["Profile"],
            "name": "Example Org",
            "url": home,
            "email": "badges@example.org",
            "image": {"id": f"{home}/logo.png", "type": "Image"},
            "otherIdentifier": [
                {"type": "IdentifierEntry", "identifier": "05-0258809", "identifierType": "identifier"}
            ],
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
            "achievement": {
                "id": f"{home}/achievements/py2",
                "type": ["Achievement"],
                "achievementType": "Course",
                "name": "Python II",
                "description": "d",
                "criteria": {"id": f"{home}/achievements/py2/criteria", "narrative": "Did **it**"},
                "image": {"id": f"{home}/py2.png", "type": "Image"},
                "tag": ["python"],
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": "X",
                        "targetUrl": "https://example.org/x",
                        "targetType": "ceasn:Competency",
                    }
                ],
                "resultDescription": [
                    {
                        "id": score,
                        "type": ["ResultDescription"],
                        "name": "Score",
                        "resultType": "Percent",
                        "valueMax": "100",
                        "valueMin": "0",
                    }
                ],
            },
            "result": [{"type": ["Result"], "resultDescription": score, "value": "92"}],
        },
        "evidence": [{"type": ["Evidence"], "id": f"{home}/e/1", "name": "n", "narrative": "m"}],
        "credentialStatus": {
            "id": f"{home}/status/1#94567",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "94567",
            "statusListCredential": f"{home}/status/1",
        },
    }
