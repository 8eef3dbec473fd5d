from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from issuer.credentials.builder import Award, build, plain_number
from issuer.credentials.recipient import Did, HashedEmail, members
from schemas import validation


def test_the_whole_credential_passes_the_strict_schema(award: Award) -> None:
    document = build(award)
    document["proof"] = [{"type": "DataIntegrityProof"}]
    problems = validation.validate(document, "AchievementCredential", strict=True)
    assert problems == []


def test_it_says_what_was_reached_in_every_criterion(award: Award) -> None:
    subject = build(award)["credentialSubject"]
    described = {each["id"]: each for each in subject["achievement"]["resultDescription"]}
    assert len(subject["result"]) == len(award.achievement.rubric.criteria) == len(described)
    for result in subject["result"]:
        levels = {level["id"] for level in described[result["resultDescription"]]["rubricCriterionLevel"]}
        assert result["achievedLevel"] in levels


def test_it_carries_alignments_hours_times_and_where_its_status_stands(award: Award) -> None:
    document = build(replace(award, achievement=replace(award.achievement, expires_after_months=1, hours=12.5)))
    subject = document["credentialSubject"]
    assert {a["targetType"] for a in subject["achievement"]["alignment"]} == {"CFItem"}
    assert subject["achievement"]["creditsAvailable"] == subject["creditsEarned"] == 12.5
    assert (document["validFrom"], document["validUntil"]) == ("2026-01-31T12:00:00Z", "2026-02-28T12:00:00Z")
    assert (subject["activityStartDate"], subject["activityEndDate"]) == (
        "2025-11-01T08:00:00Z",
        "2026-01-20T08:00:00Z",
    )
    assert document["credentialStatus"] == {
        "id": "https://badges.example.org/status/s1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://badges.example.org/status/s1",
    }
    assert document["issuer"]["type"] == ["Profile"]


def test_a_private_file_shows_its_digest_and_nothing_that_leads_to_it(award: Award) -> None:
    private, shared = build(award)["evidence"]
    assert private == {
        "type": ["Evidence"],
        "name": "Unit plan",
        "description": "Three lessons",
        "genre": "Lesson plan",
        "digestSRI": "sha256-" + base64.b64encode(bytes.fromhex("ab" * 32)).decode(),
        "mediaType": "application/pdf",
    }
    assert shared["id"] == "https://badges.example.org/evidence/e2"


def test_nothing_in_it_is_null_or_empty(award: Award) -> None:
    def walk(value: object) -> None:
        assert value not in (None, "", [], {})
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    walk(build(replace(award, evidence=(), started_at=None, submitted_at=None)))


def test_an_award_without_a_level_for_a_criterion_is_a_bug(award: Award) -> None:
    first = award.achievement.rubric.criteria[0].id
    with pytest.raises(ValueError, match="no level"):
        build(replace(award, levels={key: value for key, value in award.levels.items() if key != first}))


def test_recipients_by_did_and_by_the_published_hash_vector() -> None:
    assert members(Did("did:key:z6MkTeacher")) == {"id": "did:key:z6MkTeacher"}
    # Open Badges 3.0, IdentityHash: sha256("a@example.comKosher").
    identity = members(HashedEmail(" A@Example.com", "Kosher"))["identifier"][0]
    assert identity["identityHash"] == "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    assert identity["identityType"] == "emailAddress"
    assert "example.com" not in json.dumps(identity).lower()


def test_whole_numbers_lose_their_point() -> None:
    assert json.dumps([plain_number(5.0), plain_number(2.5)]) == "[5, 2.5]"
