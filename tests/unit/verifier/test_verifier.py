"""The verifier as a whole: kinds of credentials, what may not change, and that nothing but a report comes out."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator import ISSUED, NOW, OPEN_BADGES, VCDM, Issuer, World
from verifier import CheckId, NotVerified, Report, TrustedIssuers, Verdict, Verifier, proofs
from verifier.canonical import canonicalize
from verifier.errors import VerifierError
from verifier.formats import digests
from verifier.proofs.jwt import secure_jwt
from verifier.report import report_to_json

DID = "did:web:school.example"
WORLD = World()
SCHOOL = WORLD.issuer(DID)
GOOD = SCHOOL.sign(SCHOOL.badge())


def verify(data: bytes, **kwargs: Any) -> Report:
    return Verifier(WORLD).verify(data, TrustedIssuers(DID), now=kwargs.pop("now", NOW), **kwargs)


def endorsement(school: Issuer) -> dict[str, Any]:
    return {
        "@context": [VCDM, OPEN_BADGES],
        "id": "urn:uuid:00000000-0000-4000-8000-0000000000e1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsed by the agency",
        "issuer": {"id": school.id, "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "https://badges.example.org/achievements/questions",
            "type": ["EndorsementSubject"],
        },
    }


def of_data_model_1(**changes: Any) -> dict[str, Any]:
    older = SCHOOL.badge(
        validFrom=None, validUntil=None, issuanceDate="2026-01-01T00:00:00Z", expirationDate="2030-01-01T00:00:00Z"
    )
    del older["evidence"]  # digestSRI is a term of the newer data model
    older["@context"] = [
        "https://www.w3.org/2018/credentials/v1",
        OPEN_BADGES,
        "https://w3id.org/security/data-integrity/v2",
    ]
    return older | changes


class TestKinds:
    def test_a_badge_of_data_model_1(self) -> None:
        assert verify(SCHOOL.sign(of_data_model_1())).verdict is Verdict.VERIFIED
        expired = verify(SCHOOL.sign(of_data_model_1(expirationDate="2026-05-01T00:00:00Z")))
        assert [problem.code for problem in expired.problems] == ["expired"]

    def test_an_endorsement_alone_and_inside(self) -> None:
        signed = SCHOOL.sign(endorsement(SCHOOL))
        assert verify(signed).verdict is Verdict.VERIFIED
        token = secure_jwt(endorsement(SCHOOL), SCHOOL.signer).decode()
        for member, value in (("endorsement", json.loads(signed)), ("endorsementJwt", token)):
            badge = SCHOOL.badge()
            badge["credentialSubject"]["achievement"][member] = [value]
            report = verify(SCHOOL.sign(badge))
            assert report.verdict is Verdict.VERIFIED
            assert [inner.verdict for inner in report.contents] == [Verdict.VERIFIED]

    def test_a_bad_endorsement_is_told_and_sinks_nothing(self) -> None:
        changed = json.loads(SCHOOL.sign(endorsement(SCHOOL)))
        changed["name"] = "Endorsed by the king"
        about = {"id": "urn:other", "type": ["EndorsementSubject"]}
        other = {
            **endorsement(SCHOOL),
            "id": "urn:uuid:00000000-0000-4000-8000-0000000000e2",
            "credentialSubject": about,
        }
        badge = SCHOOL.badge()
        badge["credentialSubject"]["achievement"]["endorsement"] = [changed, json.loads(SCHOOL.sign(other))]
        report = verify(SCHOOL.sign(badge))
        result = report.result(CheckId.ENDORSEMENTS)
        assert report.verdict is Verdict.VERIFIED
        assert result is not None
        assert [finding.code for finding in result.findings] == ["endorsement_invalid", "endorsement_of_another"]

    def test_another_credential_may_bring_words_of_its_own_and_a_badge_may_not(self) -> None:
        plain = {
            "@context": [VCDM, {"level": "https://x.example/level"}],
            "type": ["VerifiableCredential"],
            "issuer": DID,
            "credentialSubject": {"id": "did:example:1", "level": "high"},
        }
        signed = proofs.secure(plain, SCHOOL.signer, ISSUED, inline_contexts_allowed=True)
        report = verify(json.dumps(signed).encode())
        assert report.verdict is Verdict.VERIFIED
        structure = report.result(CheckId.STRUCTURE)
        assert structure is not None
        assert "not an Open Badge" in structure.message

    def test_evidence_at_hand(self) -> None:
        piece = {"type": ["Evidence"], "name": "Plan", "digestSRI": digests.sri(b"lesson plan")}
        badge = SCHOOL.sign(SCHOOL.badge(evidence=[piece]))
        assert verify(badge, evidence=[b"lesson plan"]).verdict is Verdict.VERIFIED
        assert [p.code for p in verify(badge, evidence=[b"lesson plan", b"x"]).problems] == ["evidence_mismatch"]


class TestInterface:
    def test_require_raises_with_the_report(self) -> None:
        verifier = Verifier(WORLD)
        assert verifier.require(GOOD, TrustedIssuers(DID), now=NOW).verified
        with pytest.raises(NotVerified) as caught:
            verifier.require(GOOD, TrustedIssuers("did:web:else.example"), now=NOW)
        assert isinstance(caught.value.report, Report)
        with pytest.raises(NotVerified) as caught:
            verifier.require(b"{", TrustedIssuers(DID), now=NOW)
        assert caught.value.code == "not_json"

    def test_a_moment_needs_a_zone(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            verify(GOOD, now=datetime(2026, 1, 1))  # noqa: DTZ001  that is the fault

    @pytest.mark.parametrize(
        ("moment", "verdict"),
        [
            (datetime(2025, 12, 31, 23, 59, 30, tzinfo=UTC), Verdict.VERIFIED),
            (datetime(2025, 12, 31, 23, 58, 30, tzinfo=UTC), Verdict.FAILED),
            (datetime(2030, 1, 1, 0, 0, 30, tzinfo=UTC), Verdict.VERIFIED),
            (datetime(2030, 1, 1, 0, 1, 30, tzinfo=UTC), Verdict.FAILED),
        ],
    )
    def test_a_minute_of_grace_because_clocks_differ(self, moment: datetime, verdict: Verdict) -> None:
        assert verify(GOOD, now=moment).verdict is verdict

    def test_every_result_says_what_why_and_where(self) -> None:
        for data in (GOOD, GOOD.replace(b"reasoning", b"recall"), b"{}", b"<svg/>"):
            for result in verify(data).results:
                assert result.code
                assert result.message.endswith((".", "!", "?"))
                assert result.specification
                assert result.looked_at or result.outcome == "not_applicable" or result.check == "policy"


words = st.sampled_from(
    ["type", "id", "@id", "@type", "@context", "@graph", "@included", "issuer", "name", "x", "@value"]
)
scalars = (
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "x", "urn:x", "_:b", DID, VCDM, "Profile"])
)
values = st.recursive(scalars, lambda v: st.lists(v, max_size=2) | st.dictionaries(words, v, max_size=2), max_leaves=4)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [path, *(found for key in keys for found in places(value[key], (*path, key)))]


DOCUMENT = json.loads(GOOD)
PLACES = [path for path in places(DOCUMENT) if path and path[0] != "proof"]
MEANING = canonicalize({name: value for name, value in DOCUMENT.items() if name != "proof"})


@given(st.sampled_from(PLACES), st.sampled_from(["put", "drop", "add"]), words, values)
def test_a_change_either_means_the_same_or_is_noticed(path: tuple[Any, ...], how: str, word: str, value: Any) -> None:
    document = copy.deepcopy(DOCUMENT)
    inside = document
    for key in path[:-1]:
        inside = inside[key]
    if how == "put":
        inside[path[-1]] = value
    elif how == "drop":
        del inside[path[-1]]
    elif isinstance(inside[path[-1]], dict):
        inside[path[-1]][word] = value
    report = verify(json.dumps(document).encode())
    assert json.dumps(report_to_json(report))
    if report.verdict is Verdict.VERIFIED:
        unsigned = {name: part for name, part in document.items() if name != "proof"}
        assert canonicalize(unsigned) == MEANING
    elif document == DOCUMENT:
        pytest.fail("the untouched badge must verify")


@given(st.sampled_from([p for p in places(DOCUMENT) if p and p[0] == "proof"]), values)
def test_a_changed_proof_is_noticed(path: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(DOCUMENT)
    inside = document
    for key in path[:-1]:
        inside = inside[key]
    before = inside[path[-1]]
    inside[path[-1]] = value
    if value != before:
        assert verify(json.dumps(document).encode()).verdict is not Verdict.VERIFIED


@given(values)
def test_any_json_gets_a_report(value: Any) -> None:
    report = verify(json.dumps(value).encode())
    assert report.verdict in (Verdict.FAILED, Verdict.UNDETERMINED)
    assert json.dumps(report_to_json(report))


@given(st.dictionaries(st.sampled_from(sorted(DOCUMENT)), values))
def test_any_members_get_a_report(changes: dict[str, Any]) -> None:
    try:
        report = verify(json.dumps({**DOCUMENT, **changes}).encode())
    except VerifierError as error:
        pytest.fail(f"an error came out instead of a report: {error}")
    assert json.dumps(report_to_json(report))
