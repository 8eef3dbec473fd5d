"""One plain badge, and one that uses every class and property of the Open Badges 3.0 data model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Change = Callable[[dict[str, Any]], None]

PLAIN: dict[str, Any] = json.loads((Path(__file__).parent / "plain_badge.json").read_text(encoding="utf-8"))

_ID = "https://badges.example.org/x"
_JWS = "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"
_IMAGE = {"id": "data:image/png;base64,iVBORw0KGgo=", "type": "Image", "caption": "A star"}
_ENTRY = {"type": "IdentifierEntry", "identifier": "05-0258809", "identifierType": "sourcedId"}
_ALIGNMENT = {
    "type": ["Alignment"],
    "targetName": "Asks open questions",
    "targetUrl": "https://case.example.org/uri/1",
    "targetCode": "Q.1",
    "targetDescription": "Asks questions that have more than one answer",
    "targetFramework": "State teaching standards",
    "targetType": "CFItem",
}
_ENDORSER = {"id": "https://endorser.example.org/", "type": ["Profile"], "name": "Endorser"}
_ENDORSEMENT = {
    "@context": PLAIN["@context"],
    "id": "https://endorser.example.org/e/1",
    "type": ["VerifiableCredential", "EndorsementCredential"],
    "name": "An endorsement",
    "description": "About a badge",
    "issuer": _ENDORSER,
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2027-01-01T00:00:00Z",
    "awardedDate": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": _ID, "type": ["EndorsementSubject"], "endorsementComment": "Well **made**"},
    "proof": PLAIN["proof"],
    "credentialSchema": [{"id": "https://schemas.example.org/1.json", "type": "1EdTechJsonSchemaValidator2019"}],
    "credentialStatus": PLAIN["credentialStatus"],
    "refreshService": {"id": "https://badges.example.org/refresh/1", "type": "1EdTechCredentialRefresh"},
    "termsOfUse": [{"id": "https://badges.example.org/terms", "type": "Terms"}],
}
_PROFILE = {
    "id": "https://badges.example.org/issuers/1",
    "type": ["Profile"],
    "name": "Example district",
    "url": "https://badges.example.org",
    "phone": "+1 555 0100",
    "description": "A district",
    "endorsement": [_ENDORSEMENT],
    "endorsementJwt": [_JWS],
    "image": _IMAGE,
    "email": "badges@example.org",
    "address": {
        "type": ["Address"],
        "addressCountry": "United States",
        "addressCountryCode": "US",
        "addressRegion": "UT",
        "addressLocality": "Provo",
        "streetAddress": "1 Main Street",
        "postOfficeBoxNumber": "12",
        "postalCode": "84601",
        "geo": {"type": ["GeoCoordinates"], "latitude": 40.23, "longitude": -111.66},
    },
    "otherIdentifier": [_ENTRY],
    "official": "The superintendent",
    "parentOrg": {"id": "https://state.example.org/", "type": ["Profile"]},
    "familyName": "f",
    "givenName": "g",
    "additionalName": "a",
    "patronymicName": "p",
    "honorificPrefix": "h",
    "honorificSuffix": "h",
    "familyNamePrefix": "v",
    "dateOfBirth": "1980-02-29",
}
_LEVEL = {
    "id": "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41d",
    "type": ["RubricCriterionLevel"],
    "name": "Demonstrated",
    "alignment": [_ALIGNMENT],
    "description": "Does it every time",
    "level": "3",
    "points": "3",
}
_RESULT_DESCRIPTION = {
    "id": "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c",
    "type": ["ResultDescription"],
    "name": "Questioning",
    "resultType": "RubricCriterionLevel",
    "alignment": [_ALIGNMENT],
    "allowedValue": ["Not yet", "Demonstrated"],
    "requiredLevel": _LEVEL["id"],
    "requiredValue": "Demonstrated",
    "rubricCriterionLevel": [_LEVEL],
    "valueMax": "3",
    "valueMin": "0",
}
_ACHIEVEMENT = {
    "id": "https://badges.example.org/achievements/1",
    "type": ["Achievement"],
    "name": "Open questions",
    "description": "Asks them",
    "criteria": {"id": "https://badges.example.org/achievements/1/criteria", "narrative": "Asked **three**"},
    "achievementType": "MicroCredential",
    "alignment": [_ALIGNMENT],
    "creator": _PROFILE,
    "creditsAvailable": 1.5,
    "endorsement": [_ENDORSEMENT],
    "endorsementJwt": [_JWS],
    "fieldOfStudy": "Education",
    "humanCode": "OQ1",
    "image": _IMAGE,
    "inLanguage": "en-US",
    "otherIdentifier": [_ENTRY],
    "related": [{"id": _ID, "type": ["Related"], "inLanguage": "es", "version": "1"}],
    "resultDescription": [_RESULT_DESCRIPTION],
    "specialization": "Questions",
    "tag": ["questions"],
    "version": "2",
}
FULL: dict[str, Any] = {
    **PLAIN,
    "description": "Everything that a badge can hold",
    "image": _IMAGE,
    "issuer": _PROFILE,
    "endorsement": [_ENDORSEMENT],
    "endorsementJwt": [_JWS],
    "evidence": [
        {
            "type": ["Evidence"],
            "id": "https://badges.example.org/e/1",
            "narrative": "m",
            "name": "n",
            "description": "d",
            "genre": "LessonPlan",
            "audience": "Coaches",
        }
    ],
    "credentialSchema": _ENDORSEMENT["credentialSchema"],
    "refreshService": _ENDORSEMENT["refreshService"],
    "termsOfUse": _ENDORSEMENT["termsOfUse"],
    "credentialSubject": {
        "id": "did:example:teacher",
        "type": ["AchievementSubject"],
        "achievement": _ACHIEVEMENT,
        "identifier": PLAIN["credentialSubject"]["identifier"],
        "activityStartDate": "2025-09-01T00:00:00Z",
        "activityEndDate": "2025-12-01T00:00:00Z",
        "creditsEarned": 1.5,
        "image": _IMAGE,
        "licenseNumber": "1",
        "narrative": "n",
        "result": [
            {
                "type": ["Result"],
                "achievedLevel": _LEVEL["id"],
                "alignment": [_ALIGNMENT],
                "resultDescription": _RESULT_DESCRIPTION["id"],
                "status": "Completed",
                "value": "3",
            }
        ],
        "role": "Teacher",
        "source": {"id": "https://source.example.org/", "type": ["Profile"]},
        "term": "Autumn",
    },
}


def fresh(document: Any) -> Any:
    """A copy that shares no part with the original, nor one of its parts with another (as `deepcopy` would)."""
    return json.loads(json.dumps(document))


@pytest.fixture
def plain() -> dict[str, Any]:
    return fresh(PLAIN)


@pytest.fixture
def full() -> dict[str, Any]:
    return fresh(FULL)


def at(document: Any, path: str) -> Any:
    """The value at a slash-separated path such as `credentialSubject/result/0`; "" is the document."""
    for step in path.split("/") if path else []:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document
