"""A credential may offer a newer one; nobody may slip in another one that way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator import NOW, Issuer, TestSigner, World
from verifier import Report, TrustedIssuers, Verdict, Verifier
from verifier.report import report_to_json

DID = "did:web:school.example"
URL = "https://school.example/refresh/1"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(DID)


def badge(school: Issuer, **changes: Any) -> dict[str, Any]:
    contexts = [*school.badge()["@context"], EXTENSIONS]
    service = {"id": URL, "type": "1EdTechCredentialRefresh"}
    return school.badge(**{"@context": contexts, "refreshService": service, **changes})


def verify(world: World, data: bytes) -> Report:
    return Verifier(world).verify(data, TrustedIssuers(DID), now=NOW)


def test_an_expired_badge_is_renewed(world: World, school: Issuer) -> None:
    old = school.sign(badge(school, validUntil="2026-05-01T00:00:00Z"))
    assert verify(world, old).verdict is Verdict.FAILED
    world.publish(URL, school.sign(badge(school, validFrom="2026-05-01T00:00:00Z", name="Renewed")))
    report = verify(world, old)
    assert report.verdict is Verdict.VERIFIED
    assert report.refreshed_from == URL
    assert report_to_json(report)["refreshedFrom"] == URL
    assert report.credential is not None
    assert report.credential["name"] == "Renewed"
    assert world.asked.count(URL) == 2, "once a verification, though the newer one offers a refresh as well"


def test_a_newer_one_may_be_revoked(world: World, school: Issuer) -> None:
    school.publish_list([7])
    world.publish(URL, school.sign(badge(school, credentialStatus=school.status_entry(7))))
    report = verify(world, school.sign(badge(school)))
    assert [problem.code for problem in report.problems] == ["revoked"]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "https://badges.example.org/credentials/other"},
        {"id": None},
        {"validFrom": "2025-01-01T00:00:00Z"},
        {"issuer": {"id": "https://else.example", "type": ["Profile"]}},
    ],
)
def test_another_credential_is_not_taken(world: World, school: Issuer, changes: dict[str, Any]) -> None:
    world.publish(URL, school.sign(badge(school, **changes, validUntil="2026-05-01T00:00:00Z")))
    report = verify(world, school.sign(badge(school)))
    assert (report.verdict, report.refreshed_from) == (Verdict.VERIFIED, "")


@pytest.mark.parametrize("page", [b"", b"<html>", b"{}", b"[]"])
def test_a_page_that_is_none_changes_nothing(world: World, school: Issuer, page: bytes) -> None:
    world.publish(URL, page)
    assert verify(world, school.sign(badge(school))).verdict is Verdict.VERIFIED


def test_a_forged_newer_one_changes_nothing(world: World, school: Issuer) -> None:
    thief = TestSigner("thief", DID)
    world.publish(URL, school.sign(badge(school, name="Forged"), by=thief))
    report = verify(world, school.sign(badge(school)))
    assert (report.verdict, report.refreshed_from) == (Verdict.VERIFIED, "")


def test_a_credential_that_is_not_proven_sends_us_nowhere(world: World, school: Issuer) -> None:
    world.publish(URL, school.sign(badge(school)))
    changed = json.loads(school.sign(badge(school))) | {"name": "Forged"}
    assert verify(world, json.dumps(changed).encode()).verdict is Verdict.FAILED
    assert URL not in world.asked


def test_without_a_network_the_original_counts(world: World, school: Issuer) -> None:
    assert verify(world, school.sign(badge(school))).verdict is Verdict.VERIFIED
