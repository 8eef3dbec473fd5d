"""Learner records: the publisher's signature, and every credential inside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator import NOW, OPEN_BADGES, VCDM, Issuer, World
from verifier import DEFAULT_LIMITS, CheckId, Limits, Report, TrustedIssuers, Verdict, Verifier
from verifier.proofs.jwt import secure_jwt

CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
DISTRICT = "did:web:district.example"
SCHOOL = "did:web:school.example"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def district(world: World) -> Issuer:
    return world.issuer(DISTRICT)


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(SCHOOL)


def badge(school: Issuer, number: int, **changes: Any) -> dict[str, Any]:
    """A signed badge with an id of its own."""
    document = school.badge(id=f"https://badges.example.org/credentials/{number}", **changes)
    return dict(json.loads(school.sign(document)))


def record(district: Issuer, *inner: Any, **changes: Any) -> dict[str, Any]:
    return {
        "@context": [VCDM, CLR, OPEN_BADGES],
        "id": "https://district.example/records/1",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Learner record",
        "issuer": {"id": district.id, "type": ["Profile"], "name": "District"},
        "validFrom": "2026-02-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:teacher",
            "type": ["ClrSubject"],
            "verifiableCredential": list(inner),
        },
        **changes,
    }


def verify(world: World, data: bytes, *trusted: str, limits: Limits = DEFAULT_LIMITS) -> Report:
    return Verifier(world, limits=limits).verify(data, TrustedIssuers(*(trusted or (DISTRICT, SCHOOL))), now=NOW)


def contents(report: Report) -> str:
    result = report.result(CheckId.CONTENTS)
    assert result is not None
    assert result.specification
    return f"{report.verdict}:{result.code}"


def test_a_record_of_two(world: World, district: Issuer, school: Issuer) -> None:
    report = verify(world, district.sign(record(district, badge(school, 1), badge(school, 2))))
    assert contents(report) == "verified:contents_good", report.problems
    assert [inner.verdict for inner in report.contents] == [Verdict.VERIFIED] * 2


def test_two_badges_may_share_an_endorsement_and_a_piece_of_evidence(
    world: World, district: Issuer, school: Issuer
) -> None:
    endorsement = {
        "@context": [VCDM, OPEN_BADGES],
        "id": "urn:uuid:00000000-0000-4000-8000-0000000000e1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Accredited",
        "issuer": {"id": DISTRICT, "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": SCHOOL, "type": ["EndorsementSubject"]},
    }
    signed = json.loads(district.sign(endorsement))
    issuer = {"id": SCHOOL, "type": ["Profile"], "name": "School", "endorsement": [signed]}
    report = verify(
        world, district.sign(record(district, badge(school, 1, issuer=issuer), badge(school, 2, issuer=issuer)))
    )
    assert contents(report) == "verified:contents_good", report.problems


def test_one_that_was_changed_fails_the_record_even_if_the_publisher_signed_it(
    world: World, district: Issuer, school: Issuer
) -> None:
    changed = badge(school, 2) | {"name": "Doctor of Everything"}
    report = verify(world, district.sign(record(district, badge(school, 1), changed)))
    assert contents(report) == "failed:inner_invalid"
    proof = report.result(CheckId.PROOF)
    assert proof is not None
    assert proof.outcome == "passed"
    result = report.result(CheckId.CONTENTS)
    assert result is not None
    assert result.details["pointer"] == "/credentialSubject/verifiableCredential/1"


def test_a_revoked_one_and_one_that_nobody_can_check(world: World, district: Issuer, school: Issuer) -> None:
    school.publish_list([7])
    revoked = badge(school, 1, credentialStatus=school.status_entry(7))
    away = Issuer(world, "https://away.example/issuer")
    assert contents(verify(world, district.sign(record(district, revoked)))) == "failed:inner_invalid"
    open_one = verify(world, district.sign(record(district, badge(away, 2))))
    assert contents(open_one) == "undetermined:inner_not_checked"
    both = verify(world, district.sign(record(district, badge(away, 2), revoked)))
    assert contents(both) == "failed:inner_invalid"


def test_an_issuer_inside_whom_nobody_named_is_told(world: World, district: Issuer, school: Issuer) -> None:
    report = verify(world, district.sign(record(district, badge(school, 1))), DISTRICT)
    assert contents(report) == "verified:contents_good"
    result = report.result(CheckId.CONTENTS)
    assert result is not None
    assert [finding.code for finding in result.findings] == ["inner_unrecognised"]
    assert report.contents[0].verdict is Verdict.UNRECOGNISED


def test_a_trusted_badge_does_not_lend_its_trust_to_the_record(world: World, school: Issuer) -> None:
    stranger = world.issuer("https://stranger.example/issuer")
    report = verify(world, stranger.sign(record(stranger, badge(school, 1))), SCHOOL)
    assert report.verdict is Verdict.UNRECOGNISED


def test_a_record_changed_after_signing(world: World, district: Issuer, school: Issuer) -> None:
    signed = json.loads(district.sign(record(district, badge(school, 1))))
    signed["credentialSubject"]["verifiableCredential"].append(badge(school, 2))
    report = verify(world, json.dumps(signed).encode())
    assert report.verdict is Verdict.FAILED
    assert "proof_invalid" in {problem.code for problem in report.problems}


def test_a_record_as_a_token(world: World, district: Issuer, school: Issuer) -> None:
    token = secure_jwt(record(district, badge(school, 1)), district.signer)
    assert contents(verify(world, token)) == "verified:contents_good"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": ""}, "record_without_name"),
        ({"credentialSubject": {"id": "urn:x", "type": ["ClrSubject"]}}, "record_empty"),
        ({"credentialSubject": {"id": "urn:x", "type": ["Person"], "verifiableCredential": [{}]}}, "subject_type"),
        ({"credentialSubject": {"type": ["ClrSubject"], "verifiableCredential": [{}]}}, "subject_not_identified"),
        ({"@context": [VCDM, OPEN_BADGES, CLR]}, "context_order"),
        ({"@context": [VCDM, CLR]}, "context_order"),
    ],
)
def test_records_that_are_none(world: World, district: Issuer, changes: dict[str, Any], code: str) -> None:
    document = {**record(district, {}, **changes), "proof": [{"type": "DataIntegrityProof"}]}
    report = verify(world, json.dumps(document).encode())
    structure = report.result(CheckId.STRUCTURE)
    assert structure is not None
    assert (structure.outcome, structure.code) == ("failed", code)


@pytest.mark.parametrize("inner", [5, None, "not a token", {}, {"type": "x"}, [[]]])
def test_anything_inside(world: World, district: Issuer, inner: Any) -> None:
    document = {**record(district, inner), "proof": [{"type": "DataIntegrityProof"}]}
    assert verify(world, json.dumps(document).encode()).verdict is Verdict.FAILED


def test_records_in_records_come_to_an_end(world: World, district: Issuer) -> None:
    inner: Any = {"type": "x"}
    for _ in range(12):
        inner = {**record(district, inner), "proof": [{"type": "DataIntegrityProof"}]}
    report = verify(world, json.dumps(inner).encode())
    assert report.verdict is Verdict.FAILED
    depth = 0
    while report.contents:
        report, depth = report.contents[0], depth + 1
    assert depth <= 3


def test_too_many_inside(world: World, district: Issuer) -> None:
    document = {**record(district, *[{}] * 5), "proof": [{"type": "DataIntegrityProof"}]}
    report = verify(world, json.dumps(document).encode(), limits=Limits(nested_credentials=4))
    assert contents(report) == "failed:too_many_inner_credentials"
