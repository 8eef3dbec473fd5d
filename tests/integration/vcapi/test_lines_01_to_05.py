"""What W3C's suites send and expect, line by line: answers, what may be issued, keys, words, texts and dates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.vcapi.conftest import DIDS, GUARDED, TOKEN, VCDM_1, VCDM_2, Suite, older, plain
from tests.simulator import ISSUED, TestSigner
from verifier import proofs
from verifier.formats import multikey

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"

# -- line 1: 400 and JSON, never 200 with verified false, never 422, never 5xx


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"[]",
        b"null",
        b"4",
        b"\xff\xfe",
        b'{"a": 1, "a": 2}',
        b"[" * 5000,
        b'{"verifiableCredential": ' + b'{"a":' * 200 + b"1" + b"}" * 201,
        b'{"verifiableCredential": NaN}',
        b'{"verifiableCredential": "\\ud800"}',
        b"{}",
        b'{"verifiableCredential": null}',
        b'{"verifiableCredential": {}}',
        b'{"verifiableCredential": "eyJhbGciOiJub25lIn0.e30."}',
        b'{"verifiableCredential": "https://example.org"}',
        b'{"verifiableCredential": {}, "options": 4}',
        b'{"verifiablePresentation": {}, "options": {"challenge": 4}}',
        b'{"verifiablePresentation": "text"}',
        b'{"credential": []}',
        b'{"credential": {}, "options": []}',
        b'{"type": ["NonconformingDocument"]}',
    ],
)
@pytest.mark.parametrize(
    "path", ["/credentials/verify", "/presentations/verify", "/credentials/issue", "/credentials/derive"]
)
def test_line_1_malformed_input(suite: Suite, path: str, body: bytes) -> None:
    assert suite.post(path, body, suite.key).code


def _without(name: str) -> Any:
    return lambda vc: vc.pop(name)


CHANGES: dict[str, Any] = {
    "no_proof": _without("proof"),
    "proof_null": lambda vc: vc.update(proof=None),
    "proof_text": lambda vc: vc.update(proof="proof"),
    "proof_empty": lambda vc: vc.update(proof=[]),
    "no_proof_type": lambda vc: vc["proof"].pop("type"),
    "proof_type": lambda vc: vc["proof"].update(type="UnknownProofType"),
    "no_method": lambda vc: vc["proof"].pop("verificationMethod"),
    "method": lambda vc: vc["proof"].update(verificationMethod="did:key:invalidVm"),
    "no_purpose": lambda vc: vc["proof"].pop("proofPurpose"),
    "purpose": lambda vc: vc["proof"].update(proofPurpose="invalidPurpose"),
    "no_value": lambda vc: vc["proof"].pop("proofValue"),
    "value_null": lambda vc: vc["proof"].update(proofValue=None),
    "value_number": lambda vc: vc["proof"].update(proofValue=4),
    "value_not_multibase": lambda vc: vc["proof"].update(proofValue=vc["proof"]["proofValue"][1:]),
    "value_other_base": lambda vc: vc["proof"].update(proofValue="u" + vc["proof"]["proofValue"][1:]),
    "cryptosuite": lambda vc: vc["proof"].update(cryptosuite="UnknownCryptosuite"),
    "cryptosuite_number": lambda vc: vc["proof"].update(cryptosuite=4),
    "no_cryptosuite": lambda vc: vc["proof"].pop("cryptosuite"),
    "created": lambda vc: vc["proof"].update(created="invalidDate"),
    "created_no_zone": lambda vc: vc["proof"].update(created="2026-01-01T00:00:00"),
    "expires_no_zone": lambda vc: vc["proof"].update(expires="2026-01-01T00:00:00"),
    "no_subject": _without("credentialSubject"),
    "no_context": _without("@context"),
    "no_type": _without("type"),
    "no_issuer": _without("issuer"),
    "issuer": lambda vc: vc.update(issuer=GUARDED),
    "content": lambda vc: vc["credentialSubject"].update(id="did:example:another"),
    "id": lambda vc: vc.update(id="urn:uuid:0c07c1ce-57cb-41af-bef2-1b932b986873"),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("kind", DIDS)
def test_line_1_what_does_not_verify(suite: Suite, kind: str, name: str) -> None:
    vc = suite.issue(plain(), kind).vc
    CHANGES[name](vc)
    assert suite.verify(vc).code


def test_line_1_what_does_not_fit_the_options(suite: Suite) -> None:
    vc = suite.issue(plain()).vc
    assert suite.verify(vc, checks=["proof"]).status == 200
    assert suite.verify(vc, expectedProofPurpose="authentication").code == "proof_purpose"
    assert suite.verify(vc, domain="domain.example").code == "domain_mismatch"
    assert suite.verify(vc, challenge="1235abcd6789").code == "challenge_mismatch"
    named = suite.issue(plain(), domain="domain.example", challenge="1235abcd6789").vc
    assert suite.verify(named, domain="domain.example", challenge="1235abcd6789").status == 200


def test_line_1_the_answer_says_what_it_means(suite: Suite) -> None:
    found = suite.verify(suite.issue(plain()).vc).body
    assert found["verified"] is True
    assert found["problemDetails"] == []
    assert "errors" not in found
    assert "proof" in found["checks"]
    assert "Whether to trust" in found["policy"]["detail"]
    assert found["report"]["verdict"] == "verified"


def test_line_1_a_body_that_is_too_large(suite: Suite) -> None:
    got = suite.client.post("/vc-api/credentials/verify", data=b" " * 3_000_000)
    assert got.status_code == 413
    assert json.loads(got.get_data())["code"] == "too_large"


# -- line 2: plain credentials, not only Open Badges


ISSUED_AND_VERIFIED: dict[str, dict[str, Any]] = {
    "the_least": {},
    "an_id": {"id": "urn:uuid:5f2b1e6e-3b6e-4bb1-8b6e-0b8f6f1f0a11"},
    "several_subjects": {"credentialSubject": [{"id": "did:example:a"}, {"id": "did:example:b"}]},
    "subject_without_id": {"credentialSubject": {"name": "Alice"}},
    "unknown_schema": {"credentialSchema": {"id": "https://a.example/s.json", "type": "ExampleSchema"}},
    "several_schemas": {
        "credentialSchema": [
            {"id": "https://a.example/1.json", "type": "ExampleSchema"},
            {"id": "https://a.example/2.json", "type": "ExampleSchema"},
        ]
    },
    "unknown_refresh": {"refreshService": {"id": "https://a.example/r", "type": "ExampleRefresh"}},
    "several_refreshs": {"refreshService": [{"type": "ExampleRefresh"}, {"type": "ExampleRefresh"}]},
    "unknown_terms": {"termsOfUse": {"type": "ExamplePolicy", "id": "https://a.example/p"}},
    "several_terms": {"termsOfUse": [{"type": "ExamplePolicy"}, {"type": "ExamplePolicy"}]},
    "evidence": {"evidence": [{"type": "ExampleEvidence", "id": "https://a.example/e"}]},
    "another_type": {"type": ["VerifiableCredential", "ExampleCredential"]},
    "a_type_that_is_a_url": {"type": ["VerifiableCredential", "https://a.example/#Type"]},
    "types_in_another_order": {"type": ["https://a.example/#A", "VerifiableCredential", "https://a.example/#B"]},
    "in_the_past": {"validFrom": "2010-01-01T00:00:00.123Z"},
    "with_an_offset": {"validFrom": "2010-01-01T00:00:00-04:00", "validUntil": "2090-01-01T00:00:00+01:00"},
}


@pytest.mark.parametrize("name", ISSUED_AND_VERIFIED)
def test_line_2_issued_and_verified(suite: Suite, name: str) -> None:
    credential = plain(**{"@context": [VCDM_2, EXAMPLES], **ISSUED_AND_VERIFIED[name]})
    vc = suite.issue(credential).vc
    for member, value in credential.items():
        assert vc[member] == value
    assert suite.verify(vc).status == 200


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"credentialStatus": {"type": "ExampleStatus", "id": "https://a.example/s"}}, "status_type_unknown"),
        ({"validFrom": "2010-01-01T00:00:00Z", "validUntil": "2020-01-01T00:00:00Z"}, "expired"),
        ({"validFrom": "2090-01-01T00:00:00Z"}, "not_yet_valid"),
    ],
)
def test_line_2_issued_though_it_does_not_verify_now(suite: Suite, members: Any, code: str) -> None:
    vc = suite.issue(plain(**{"@context": [VCDM_2, EXAMPLES], **members})).vc
    assert suite.verify(vc).code == code


def test_line_2_the_rules_of_open_badges_are_for_open_badges(suite: Suite) -> None:
    badge = plain(
        **{"@context": [VCDM_2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]},
        type=["VerifiableCredential", "OpenBadgeCredential"],
    )
    assert suite.issue(badge).code == "id_missing"
    inline = plain(
        **{
            "@context": [
                VCDM_2,
                "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
                {"x": "https://x.example/"},
            ]
        },
        type=["VerifiableCredential", "OpenBadgeCredential"],
    )
    codes = [each["code"] for each in suite.issue(inline).body["problemDetails"]]
    assert "inline_context" in codes


@pytest.mark.parametrize("kind", DIDS)
def test_line_2_the_older_data_model(suite: Suite, kind: str) -> None:
    vc = suite.issue(older(id="urn:uuid:5f2b1e6e-3b6e-4bb1-8b6e-0b8f6f1f0a11"), kind).vc
    assert vc["@context"] == [VCDM_1, DATA_INTEGRITY]
    assert suite.verify(vc).status == 200
    again = suite.issue(older(**{"@context": [VCDM_1, DATA_INTEGRITY]}), kind).vc
    assert again["@context"] == [VCDM_1, DATA_INTEGRITY]
    assert suite.issue(older(issuanceDate=None), kind).code == "valid_from_missing"


# -- line 3: did:key issuers, one endpoint configuration for each cryptosuite and curve


@pytest.mark.parametrize(
    ("kind", "cryptosuite"),
    [
        ("Ed25519", "eddsa-rdfc-2022"),
        ("Ed25519", "eddsa-jcs-2022"),
        ("P-256", "ecdsa-rdfc-2019"),
        ("P-384", "ecdsa-rdfc-2019"),
        ("P-256", "ecdsa-jcs-2019"),
        ("P-384", "ecdsa-jcs-2019"),
    ],
)
@pytest.mark.parametrize("model", [plain, older])
def test_line_3_by_cryptosuite_and_curve(suite: Suite, kind: str, cryptosuite: str, model: Any) -> None:
    vc = suite.issue(model(), kind, cryptosuite=cryptosuite, curve=kind).vc
    assert vc["proof"]["cryptosuite"] == cryptosuite
    assert vc["proof"]["proofPurpose"] == "assertionMethod"
    assert vc["proof"]["verificationMethod"].startswith(DIDS[kind] + "#")
    assert suite.verify(vc).status == 200


def test_line_3_the_issuer_as_a_text_or_as_an_object(suite: Suite) -> None:
    named = suite.issue(plain(issuer={"id": DIDS["Ed25519"], "name": "Suite"})).vc
    assert suite.verify(named).status == 200
    assert suite.verify(suite.issue(plain(issuer=DIDS["Ed25519"])).vc).status == 200


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"cryptosuite": "ecdsa-rdfc-2019"}, "key_does_not_fit"),
        ({"curve": "P-256"}, "key_does_not_fit"),
        ({"keyType": "secp256k1"}, "option_malformed"),
        ({"cryptosuite": "none"}, "cryptosuite_unsupported"),
        ({"cryptosuite": 4}, "option_malformed"),
        ({"envelope": "cose"}, "option_malformed"),
        ({"proofPurpose": "authentication"}, "option_malformed"),
        ({"mandatoryPointers": ["/issuer"]}, "option_malformed"),
        ({"created": "yesterday"}, "option_malformed"),
        ({"status": "refresh"}, "option_malformed"),
        ({"status": "revocation"}, "status_not_available"),
        ({"previousProof": "urn:uuid:nowhere"}, "previous_proof_missing"),
    ],
)
def test_line_3_options_that_cannot_be_met(suite: Suite, options: dict[str, Any], code: str) -> None:
    assert suite.issue(plain(), **options).code == code


def test_line_3_who_may_sign(suite: Suite) -> None:
    """An identity that is not open needs its token, an organisation its API key, and a stranger gets nothing."""
    assert suite.issue(plain(issuer=GUARDED)).status == 401
    assert suite.issue(plain(issuer=GUARDED), token="another").status == 401
    assert suite.issue(plain(issuer=GUARDED), token=TOKEN).status == 201
    assert suite.issue(plain(issuer=suite.did)).status == 401
    vc = suite.issue(plain(issuer=suite.did), token=suite.key).vc
    assert suite.verify(vc).status == 200
    assert suite.issue(plain(issuer="did:example:another"), token=suite.key).code == "issuer_not_yours"


# -- line 4: undefined terms and relative types, at issue and at verification, with base null


REFUSED_WORDS: dict[str, dict[str, Any]] = {
    "undefined_term": {"inventedTerm": "x"},
    "undefined_term_inside": {"credentialSubject": {"id": "did:example:a", "inventedTerm": "x"}},
    "undefined_type": {"type": ["VerifiableCredential", "InventedType"]},
    "undefined_type_inside": {"credentialSubject": {"id": "did:example:a", "type": "InventedType"}},
    "vocab_null": {
        "@context": [VCDM_2, {"@vocab": None}],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
    },
    "vocab_taken_back": {
        "@context": [VCDM_2, EXAMPLES, {"@vocab": None}],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
    },
    "type_not_a_url": {
        "@context": [VCDM_2, {"ExampleTestCredential": "https ://not-a-url"}],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
    },
    "redefined_type": {"@context": [VCDM_2, {"VerifiableCredential": "https://a.example/#VerifiableCredential"}]},
    "redefined_term": {"@context": [VCDM_2, {"name": "https://a.example/#name"}]},
    "redefined_twice": {
        "@context": [
            VCDM_2,
            {"@protected": True, "ExampleCredential": "https://a.example/#Example"},
            {"ExampleCredential": "https://a.example/#Bad"},
        ],
        "type": ["VerifiableCredential", "ExampleCredential"],
    },
    "context_not_a_url": {"@context": [VCDM_2, "https ://not-a-url/contexts/example/v1"]},
    "base": {"@context": [VCDM_2, {"@base": "https://a.example/"}]},
    "relative_id_inside": {"credentialSubject": {"id": "subject"}},
    "status_entry": {"statusEntry": {"type": "BitstringStatusListEntry", "statusListIndex": True}},
    "unknown_context": {"@context": [VCDM_2, "https://nobody.example/context"]},
    "context_number": {"@context": [VCDM_2, 4]},
    "context_not_first": {"@context": [EXAMPLES, VCDM_2]},
    "context_alone": {"@context": 4},
    "context_false": {"@context": False},
    "types_null": {"type": [None]},
    "types_number": {"type": 4},
    "types_nested": {"type": ["VerifiableCredential", []]},
}


@pytest.mark.parametrize("name", REFUSED_WORDS)
@pytest.mark.parametrize("suite_name", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_line_4_refused_at_issue(suite: Suite, name: str, suite_name: str) -> None:
    assert suite.issue(plain(**REFUSED_WORDS[name]), cryptosuite=suite_name).code


@pytest.mark.parametrize("envelope", ["jwt", "vc+jwt"])
def test_line_4_refused_at_issue_in_an_envelope(suite: Suite, envelope: str) -> None:
    for members in REFUSED_WORDS.values():
        assert suite.issue(plain(**members), envelope=envelope).code


@pytest.mark.parametrize("name", REFUSED_WORDS)
def test_line_4_refused_at_verification_though_the_signature_is_right(suite: Suite, name: str) -> None:
    import hashlib

    from verifier.proofs.jcs import canonical_json

    signer = TestSigner("line 4")
    document = plain(issuer=signer.did, **REFUSED_WORDS[name])
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    payload = b"".join(hashlib.sha256(canonical_json(part)).digest() for part in (config, document))
    from verifier.formats import multibase

    proof = {**config, "proofValue": multibase.encode_base58(signer.sign(payload))}
    assert suite.verify({**document, "proof": proof}).code


def test_line_4_such_a_signature_counts_where_the_words_are_defined(suite: Suite) -> None:
    """The counter-test: the same construction with sound words is good."""
    signer = TestSigner("line 4")
    document = proofs.secure(plain(issuer=signer.did), signer, ISSUED, cryptosuite="eddsa-jcs-2022")
    assert suite.verify(document).status == 200


OWN_WORDS = {"ExampleTestCredential": "https://a.example/#Test", "grade": "https://a.example/#grade"}


@pytest.mark.parametrize("own", [OWN_WORDS, {"@context": OWN_WORDS}])
def test_line_4_words_of_their_own(suite: Suite, own: dict[str, Any]) -> None:
    """Contexts of a plain credential may bring definitions, also as a whole context document, which the suites' chains
    do; they are processed in the same safe mode."""
    members = {
        "@context": [VCDM_2, own],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
        "credentialSubject": {"id": "did:example:a", "grade": "A"},
    }
    vc = suite.issue(plain(**members)).vc
    assert suite.verify(vc).status == 200
    vc["credentialSubject"]["grade"] = "B"
    assert suite.verify(vc).code == "proof_invalid"


# -- line 5: texts, ids, dates


@pytest.mark.parametrize("place", ["name", "description"])
@pytest.mark.parametrize("on", ["credential", "issuer"])
def test_line_5_texts(suite: Suite, place: str, on: str) -> None:
    def issue(text: Any) -> Any:
        issuer = {"id": DIDS["Ed25519"]} | ({place: text} if on == "issuer" else {})
        return suite.issue(plain(issuer=issuer) | ({place: text} if on == "credential" else {}))

    english = {"@value": "A name", "@language": "en"}
    for good in ("A name", english, english | {"@direction": "ltr"}, [english, {"@value": "اسم", "@language": "ar"}]):
        assert suite.verify(issue(good).vc).status == 200
    for bad in (english | {"url": "did:example:x"}, 4, None, [], {"@language": "en"}):
        assert issue(bad).status == 400


@pytest.mark.parametrize("value", [None, 4, ["urn:a:1", "urn:a:2"], "not url", "relative"])
def test_line_5_ids(suite: Suite, value: Any) -> None:
    for members in (
        {"id": value} if value is not None else {},
        {"credentialSubject": {"id": value}},
        {"credentialStatus": {"type": "BitstringStatusListEntry", "id": value}},
        {"credentialSchema": {"type": "JsonSchema", "id": value}},
        {"issuer": value} if value is not None else {},
        {"issuer": {"id": value}},
    ):
        if members:
            assert suite.issue(plain(**members)).status == 400
    body = {"credential": plain(issuer=DIDS["Ed25519"]) | {"id": value}}
    assert suite.post("/credentials/issue", body).status == 400


@pytest.mark.parametrize(
    "members",
    [
        {"validFrom": "2020"},
        {"validFrom": "2020-01-01"},
        {"validFrom": "2020-01-01T00:00:00"},
        {"validUntil": "2020-13-01T00:00:00Z"},
        {"validUntil": "tomorrow"},
        {"validUntil": 4},
        {"validFrom": "2030-01-01T00:00:00Z", "validUntil": "2020-01-01T00:00:00Z"},
    ],
)
def test_line_5_dates(suite: Suite, members: Any) -> None:
    assert suite.issue(plain(**members)).status == 400
    signer = TestSigner("line 5")
    signed = proofs.secure(plain(issuer=signer.did, **members), signer, ISSUED)
    assert suite.verify(signed).code


def test_line_5_the_same_moment_twice_is_no_mistake(suite: Suite) -> None:
    moment = "2026-03-02T09:30:00Z"
    vc = suite.issue(plain(validFrom=moment, validUntil=moment)).vc
    assert suite.verify(vc).status == 200


@pytest.mark.parametrize("name", ["credentialStatus", "credentialSchema", "termsOfUse", "evidence", "refreshService"])
def test_line_5_parts_say_their_type(suite: Suite, name: str) -> None:
    assert suite.issue(plain(**{name: {"id": "https://a.example/x"}})).code == "type_missing"


@pytest.mark.parametrize("subject", [None, True, 4, [], {}, [{"id": "did:example:a"}, {}], "did:example:a"])
def test_line_5_subjects(suite: Suite, subject: Any) -> None:
    body = {"credential": plain(issuer=DIDS["Ed25519"]) | {"credentialSubject": subject}}
    assert suite.post("/credentials/issue", body).code


@pytest.mark.parametrize("issuer", [None, True, 4, [], {}, {"name": "x"}])
def test_line_5_issuers(suite: Suite, issuer: Any) -> None:
    assert suite.post("/credentials/issue", {"credential": plain() | {"issuer": issuer}}).code
    assert suite.post("/credentials/issue", {"credential": plain()}).code


def test_keys_of_the_tests_are_what_they_say() -> None:
    for kind, did in DIDS.items():
        assert multikey.decode(did.removeprefix("did:key:")).kind == kind
