"""Whom the caller recognises: nothing passes by being absent, and nothing in a document decides."""

import json
from datetime import UTC, datetime

import pytest

from verifier import policy
from verifier.checks.recipient import ExpectedRecipient
from verifier.credential import Credential
from verifier.errors import VerifierError
from verifier.policy import (
    AcceptedProofs,
    AllOf,
    AnyOf,
    StatusPublisher,
    TrustedIssuer,
    TrustedIssuers,
    UnsafeAnyIssuer,
)
from verifier.report import CheckId, CheckResult, Outcome
from verifier.trust import read_registry

ISSUER = "did:web:district.example"
PROVEN = (
    CheckResult(CheckId.ISSUER, Outcome.PASSED),
    CheckResult(CheckId.PROOF, Outcome.PASSED, details={"suite": "eddsa-rdfc-2022"}),
)


def credential(issuer: object = ISSUER, **more: object) -> Credential:
    document = {"@context": ["https://www.w3.org/ns/credentials/v2"], "issuer": issuer, **more}
    return Credential(raw=b"", document=document, text=b"", media_type="")


def judge(rule: policy.Policy, about: Credential | None = None, results: tuple[CheckResult, ...] = PROVEN) -> str:
    answer = rule.judge(about or credential(), results)
    assert answer.check is CheckId.POLICY
    return f"{answer.outcome}:{answer.code}"


def test_a_named_issuer_is_recognised_and_another_is_not() -> None:
    assert judge(TrustedIssuers(ISSUER)) == "passed:issuer_recognised"
    assert judge(TrustedIssuers(ISSUER), credential({"id": ISSUER})) == "passed:issuer_recognised"
    assert judge(TrustedIssuers(ISSUER), credential(ISSUER + ".evil.example")) == "failed:issuer_not_recognised"
    assert judge(TrustedIssuers(ISSUER), credential({"id": [ISSUER]})) == "failed:issuer_not_recognised"
    assert judge(TrustedIssuers()) == "failed:issuer_not_recognised"


@pytest.mark.parametrize("rule", [TrustedIssuers(ISSUER), UnsafeAnyIssuer(), AcceptedProofs("eddsa-rdfc-2022")])
@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNDETERMINED, Outcome.NOT_APPLICABLE])
@pytest.mark.parametrize("check", [CheckId.ISSUER, CheckId.PROOF])
def test_an_issuer_that_is_not_proven_is_not_judged(rule: policy.Policy, outcome: Outcome, check: CheckId) -> None:
    results = tuple(r for r in PROVEN if r.check is not check)
    assert judge(rule, results=(*results, CheckResult(check, outcome))) == "undetermined:issuer_not_proven"
    assert judge(rule, results=results) == "undetermined:issuer_not_proven"


def test_empty_rules_fail() -> None:
    assert judge(AllOf()) == "failed:policy_empty"
    assert judge(AnyOf()) == "failed:policy_empty"
    assert judge(AnyOf(AllOf())) == "failed:policy_empty"


def test_all_and_any() -> None:
    good, bad = TrustedIssuers(ISSUER), TrustedIssuers("did:web:other.example")
    assert judge(AllOf(good, AcceptedProofs("eddsa-rdfc-2022"))).startswith("passed")
    assert judge(AllOf(good, bad)) == "failed:issuer_not_recognised"
    assert judge(AllOf(good, AcceptedProofs("ecdsa-sd-2023"))) == "failed:proof_kind_not_accepted"
    assert judge(AnyOf(bad, good)) == "passed:issuer_recognised"
    assert judge(AnyOf(bad, AllOf())) == "failed:issuer_not_recognised"


def test_recognised_for_a_time_only() -> None:
    rule = TrustedIssuers(
        TrustedIssuer(
            ISSUER, valid_from=datetime(2026, 1, 1, tzinfo=UTC), valid_until=datetime(2026, 12, 31, tzinfo=UTC)
        )
    )
    assert judge(rule, credential(validFrom="2026-06-01T00:00:00Z")).startswith("passed")
    for moment in ("2025-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2026-06-01", None):
        assert judge(rule, credential(validFrom=moment)) == "failed:issuer_not_recognised_then"
    assert judge(rule) == "failed:issuer_not_recognised_then"


def test_recognised_for_some_achievements_only() -> None:
    rule = TrustedIssuers(TrustedIssuer(ISSUER, achievements=frozenset({"urn:a", "urn:b"})))

    def about(*ids: object) -> Credential:
        return credential(credentialSubject={"achievement": [{"id": i} for i in ids]})

    assert judge(rule, about("urn:a")).startswith("passed")
    assert judge(rule, about("urn:a", "urn:c")) == "failed:achievement_not_recognised"
    assert judge(rule, about("urn:a", None)) == "failed:achievement_not_recognised"
    assert judge(rule, about()) == "failed:achievement_not_recognised"


def test_a_list_by_the_same_issuer_or_by_one_whom_the_caller_knows() -> None:
    assert judge(StatusPublisher(ISSUER, TrustedIssuers())).startswith("passed")
    assert judge(StatusPublisher("did:web:badge.example", TrustedIssuers())) == "failed:issuer_not_recognised"
    assert judge(StatusPublisher("did:web:badge.example", TrustedIssuers(ISSUER))).startswith("passed")
    assert judge(StatusPublisher(None, TrustedIssuers()), credential(None)) == "failed:issuer_not_recognised"


def registry(**changes: object) -> bytes:
    document = {
        "type": "BadgewrightTrustRegistry",
        "version": 1,
        "name": "State of Example",
        "issuers": [
            {"id": ISSUER, "name": "Example District", "validFrom": "2020-01-01T00:00:00Z", "achievements": ["urn:a"]},
            {"id": "https://college.example/issuer"},
        ],
    }
    return json.dumps(document | changes).encode()


def test_a_registry_is_read() -> None:
    rule = read_registry(registry(), now=datetime(2026, 6, 1, tzinfo=UTC)).policy
    assert len(rule) == 2
    about = credential(validFrom="2026-01-01T00:00:00Z", credentialSubject={"achievement": {"id": "urn:a"}})
    answer = rule.judge(about, PROVEN)
    assert answer.message == "The issuer, Example District, is recognised by State of Example."
    assert judge(rule, credential("https://college.example/issuer")) == "passed:issuer_recognised"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"type": "Other"}, "trust_registry_malformed", "/type"),
        ({"version": 2}, "trust_registry_version", "/version"),
        ({"issuers": {}}, "trust_registry_malformed", "/issuers"),
        ({"issuers": ["did:web:a.example"]}, "trust_registry_malformed", "/issuers/0"),
        ({"issuers": [{"id": "district"}]}, "trust_registry_malformed", "/issuers/0/id"),
        ({"issuers": [{"id": ISSUER, "validuntil": "x"}]}, "trust_registry_malformed", "/issuers/0/validuntil"),
        ({"issuers": [{"id": ISSUER, "validUntil": "2026-01-01"}]}, "date_malformed", "/issuers/0/validUntil"),
        ({"issuers": [{"id": ISSUER, "achievements": []}]}, "trust_registry_malformed", "/issuers/0/achievements"),
        ({"issuers": [{"id": ISSUER, "achievements": [1]}]}, "trust_registry_malformed", "/issuers/0/achievements"),
        ({"name": 5}, "trust_registry_malformed", "/name"),
        ({"revoked": []}, "trust_registry_malformed", "/revoked"),
    ],
)
def test_a_bad_registry_is_refused(changes: dict[str, object], code: str, pointer: str) -> None:
    with pytest.raises(VerifierError) as caught:
        read_registry(registry(**changes), now=datetime(2026, 6, 1, tzinfo=UTC))
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


#: sha256("a@example.comKosher"), published with Open Badges.
VECTOR = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"


def identity(**changes: object) -> dict[str, object]:
    hashed = {"type": "IdentityObject", "hashed": True, "identityHash": VECTOR, "identityType": "emailAddress"}
    return {"identifier": [{**hashed, "salt": "Kosher", **changes}]}


@pytest.mark.parametrize(
    ("who", "subject", "matches"),
    [
        ("a@example.com", identity(), True),
        ("A@Example.com ", identity(), True),
        ("a@example.com", identity(identityHash="sha256$" + VECTOR[7:].upper()), True),
        ("b@example.com", identity(), False),
        ("a@example.com", identity(salt="kosher"), False),
        ("a@example.com", identity(salt=5), False),
        ("a@example.com", identity(identityType="sourcedId"), False),
        ("a@example.com", identity(identityHash=VECTOR.replace("sha256", "sha512")), False),
        ("a@example.com", identity(hashed="true"), False),
        ("a@example.com", identity(hashed=False), False),
        ("a@example.com", identity(hashed=False, identityHash="A@example.com"), True),
        ("a@example.com", identity(identityHash="md5$" + "0" * 32), False),
        ("a@example.com", {"id": "mailto:a@example.com"}, True),
        ("sisSourcedId=T-4711", identity(hashed=False, identityHash="T-4711", identityType="sisSourcedId"), True),
        ("sisSourcedId=T-4711", identity(hashed=False, identityHash="t-4711", identityType="sisSourcedId"), False),
        ("sisSourcedId=T-4711", identity(hashed=False, identityHash="T-4711", identityType="userName"), False),
        ("did:example:1", {"id": "did:example:1"}, True),
        ("did:example:1", {"id": "did:example:2"}, False),
        ("did:example:1", {}, False),
        ("a@example.com", {"identifier": "a@example.com"}, False),
    ],
)
def test_recipients(who: str, subject: dict[str, object], matches: bool) -> None:
    assert ExpectedRecipient.parse(who).matches(subject) is matches


def test_an_empty_expectation_is_the_callers_bug() -> None:
    with pytest.raises(ValueError, match="needs"):
        ExpectedRecipient()
