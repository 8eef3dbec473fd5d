"""One bad badge for each probe of the official validator; every other probe stays silent about it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.verifier.lint.conftest import ISSUER, LIST, NOW, OB, V2, Key, Look, sign, status_list, unsigned, world
from verifier.fetch import Offline
from verifier.formats import bitstring
from verifier.lint import LintReport

Document = dict[str, Any]


def said(report: LintReport) -> set[tuple[int, str, str]]:
    return {(p.number, str(m.severity), m.code) for p in report.probes for m in p.messages}


def subject(document: Document) -> Document:
    found: Document = document["credentialSubject"]
    return found


def changed(**members: Any) -> Callable[[Document], None]:
    return lambda document: document.update(members)


def in_subject(**members: Any) -> Callable[[Document], None]:
    return lambda document: subject(document).update(members)


def in_achievement(**members: Any) -> Callable[[Document], None]:
    return lambda document: subject(document)["achievement"].update(members)


def in_issuer(**members: Any) -> Callable[[Document], None]:
    return lambda document: document["issuer"].update(members)


def test_a_good_badge_passes_every_probe(look: Look) -> None:
    report = look(unsigned())
    assert said(report) == set()
    assert report.passes
    assert report.complete
    assert [(probe.number, probe.outcome) for probe in report.probes] == [
        (1, "valid"),
        (2, "valid"),
        (3, "valid"),
        (4, "valid"),
        (5, "valid"),
        (6, "not_run"),
        (7, "valid"),
        (8, "valid"),
        (9, "valid"),
        (10, "valid"),
        (11, "not_run"),
        (12, "valid"),
        (13, "valid"),
        (14, "valid"),
    ]


def test_what_is_not_at_hand_is_left_open(look: Look) -> None:
    report = look(unsigned(), fetcher=Offline())
    assert report.passes
    assert not report.complete
    assert [p.name for p in report.probes if p.outcome == "not_checked"] == ["IssuerProbe", "RevocationListProbe"]


OLDER = OB.replace("3.0.3", "3.0.2")
PROFILE = {"id": "https://state.example.org/", "type": ["Profile"]}

BAD: dict[str, tuple[Callable[[Document], None], set[tuple[int, str, str]]]] = {
    "3 an older context": (changed(**{"@context": [V2, OLDER]}), {(3, "warning", "lint_context_older")}),
    "4 not a badge": (
        changed(type=["VerifiableCredential"]),
        {(4, "fatal", "lint_type_missing"), (5, "error", "lint_schema")},
    ),
    "5 an unknown term of a list": (in_achievement(achievementType="Micro"), {(5, "error", "lint_schema")}),
    "5 loosely written": (in_achievement(type="Achievement"), {(5, "warning", "lint_schema_strict")}),
    "7 nobody named": (lambda d: subject(d).pop("id"), {(7, "error", "lint_subject_unidentified")}),
    "7 subject of no class": (
        in_subject(type=["Profile"]),
        {(7, "error", "lint_type_wrong"), (5, "error", "lint_schema")},
    ),
    "7 identifier of no class": (
        in_subject(
            identifier=[
                {
                    "type": "IdentifierEntry",
                    "hashed": False,
                    "identityHash": "a@example.org",
                    "identityType": "emailAddress",
                }
            ]
        ),
        {(7, "error", "lint_type_wrong"), (5, "error", "lint_schema")},
    ),
    "7 result of no class": (
        in_subject(result=[{"type": ["Evidence"], "value": "1"}]),
        {(7, "error", "lint_type_wrong"), (5, "error", "lint_schema")},
    ),
    "7 nothing achieved": (
        lambda d: subject(d).pop("achievement"),
        {(7, "error", "lint_achievement_missing"), (5, "error", "lint_schema")},
    ),
    "7 result description of no class": (
        in_achievement(
            resultDescription=[{"id": "urn:uuid:1", "type": ["Result"], "name": "n", "resultType": "Percent"}]
        ),
        {(7, "error", "lint_type_wrong")},
    ),
    "7 criteria without content": (in_achievement(criteria={}), {(7, "error", "lint_criteria_empty")}),
    "7 source of no class": (
        in_subject(source={**PROFILE, "type": ["Address"]}),
        {(7, "error", "lint_type_wrong")},
    ),
    "8 evidence of no class": (changed(evidence=[{"type": ["Result"]}]), {(8, "error", "lint_type_wrong")}),
    "9 issuer of no class": (
        in_issuer(type=["Address"]),
        {(9, "error", "lint_type_wrong"), (5, "error", "lint_schema")},
    ),
    "9 issuer is an address": (changed(issuer=ISSUER), {(9, "error", "lint_issuer_not_profile")}),
    "9 other identifier of no class": (
        in_issuer(otherIdentifier=[{"type": "Image", "identifier": "1", "identifierType": "name"}]),
        {(9, "error", "lint_type_wrong"), (5, "error", "lint_schema")},
    ),
    "9 parent of no class": (
        in_issuer(parentOrg={**PROFILE, "type": ["Address"]}),
        {(9, "error", "lint_type_wrong"), (5, "error", "lint_schema")},
    ),
    "9 an address that does not answer": (
        in_issuer(url="https://gone.example.org"),
        {(9, "warning", "lint_issuer_url")},
    ),
    "13 expired": (changed(validUntil="2026-05-31T23:59:59Z"), {(13, "fatal", "lint_expired")}),
    "13 expiry without zone": (
        changed(validUntil="2030-01-01T00:00:00"),
        {(13, "exception", "lint_date_unreadable"), (5, "error", "lint_schema")},
    ),
    "14 not yet valid": (changed(validFrom="2026-06-01T00:00:01Z"), {(14, "fatal", "lint_not_yet_valid")}),
    "14 begin is a day": (
        changed(validFrom="2026-01-01"),
        {(14, "exception", "lint_date_unreadable"), (5, "error", "lint_schema")},
    ),
}


#: Terms are defined inside their class, so a part of the wrong class cannot be signed: probes 2 and 10 speak too.
UNSIGNABLE = {
    "7 subject of no class",
    "7 identifier of no class",
    "7 result of no class",
    "7 result description of no class",
    "9 issuer of no class",
    "9 other identifier of no class",
}


@pytest.mark.parametrize("name", sorted(BAD.keys() - UNSIGNABLE))
def test_one_bad_badge_for_each_probe(look: Look, name: str) -> None:
    change, expected = BAD[name]
    document = unsigned()
    change(document)
    report = look(document)
    assert said(report) == expected
    assert report.passes == all(severity == "warning" for _, severity, _ in expected)


@pytest.mark.parametrize("name", sorted(UNSIGNABLE))
def test_parts_of_the_wrong_class(look: Look, name: str) -> None:
    change, expected = BAD[name]
    document = sign(unsigned())
    change(document)
    report = look(document)
    assert said(report) == expected | {(2, "error", "lint_json_ld"), (10, "fatal", "lint_proof_unreadable")}


@pytest.mark.parametrize("data", [b"", b"no badge", b"{", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"[]"])
def test_1_unreadable(look: Look, data: bytes) -> None:
    report = look(data)
    assert said(report) == {(1, "fatal", "lint_unreadable")}
    assert len(report.probes) == 1


@pytest.mark.parametrize("change", [changed(ECTS=3), in_achievement(type=["Achievement", "Own"]), changed(id="a b")])
def test_2_what_the_contexts_do_not_define(look: Look, change: Callable[[Document], None]) -> None:
    document = sign(unsigned())
    change(document)
    report = look(document)
    assert report.probes[1].outcome == "error"
    assert report.probes[1].messages[0].code == "lint_json_ld"


def test_2_terms_of_the_proof_are_read_too(look: Look) -> None:
    document = sign(unsigned())
    document["proof"][0]["mood"] = "good"
    assert look(document).probes[1].messages[0].pointer.startswith("/proof/0")


def test_2_a_context_that_is_not_at_hand(look: Look) -> None:
    document = sign(unsigned())
    document["@context"].append("https://contexts.example.org/own.json")
    assert look(document).probes[1].outcome == "not_checked"


@pytest.mark.parametrize("contexts", [[OB, V2], [V2], [V2, "https://www.w3.org/ns/credentials/examples/v2"], V2])
def test_3_contexts_out_of_order(look: Look, contexts: Any) -> None:
    document = sign(unsigned())
    document["@context"] = contexts
    assert look(document).probe("ContextPropertyProbe").outcome == "error"


def test_3_without_contexts_the_probe_does_not_run(look: Look) -> None:
    document = sign(unsigned())
    del document["@context"]
    assert look(document).probe("ContextPropertyProbe").outcome == "not_run"


def test_5_the_older_data_model_has_a_schema_of_its_own(look: Look) -> None:
    document = sign(unsigned())
    document["@context"][0] = "https://www.w3.org/2018/credentials/v1"
    document["issuanceDate"] = document.pop("validFrom")
    document["expirationDate"] = document.pop("validUntil")
    report = look(document)
    assert report.probe("JsonSchemasProbe").outcome == "valid"
    assert report.probe("ContextPropertyProbe").outcome == "warning"
    document["expirationDate"] = "2020-01-01T00:00:00Z"
    assert look(document).probe("ExpirationProbe").outcome == "fatal"


NAMED = {"id": "https://schemas.example.org/1.json", "type": "1EdTechJsonSchemaValidator2019"}
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"


@pytest.mark.parametrize(
    ("schema", "outcome", "code"),
    [
        (b'{"required": ["name"]}', "valid", None),
        (b'{"required": ["grade"]}', "error", "lint_named_schema"),
        (b"<html>", "error", "lint_named_schema_unreadable"),
        (None, "error", "lint_named_schema_unreadable"),
        (b'{"$ref": "https://schemas.example.org/2.json"}', "not_checked", None),
    ],
)
def test_6_schemas_that_the_credential_names(look: Look, schema: bytes | None, outcome: str, code: str | None) -> None:
    document = {**unsigned(), "@context": [V2, OB, EXTENSIONS], "credentialSchema": [NAMED]}
    probe = look(document, world(**({NAMED["id"]: schema} if schema else {}))).probe("InlineJsonSchemaProbe")
    assert probe.outcome == outcome
    assert [message.code for message in probe.messages] == ([code] if code else [])


def test_6_the_schema_of_the_standard_is_not_fetched(look: Look) -> None:
    url = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
    document = {**unsigned(), "@context": [V2, OB, EXTENSIONS], "credentialSchema": [{**NAMED, "id": url}]}
    assert look(document).probe("InlineJsonSchemaProbe").outcome == "not_run"


# --- 10, the proof ----------------------------------------------------------------------------------------------------


def proof_of(report: LintReport) -> tuple[str, list[str]]:
    probe = report.probe("EmbeddedProofProbe")
    return probe.outcome, [message.code for message in probe.messages]


def test_10_no_proof(look: Look) -> None:
    assert proof_of(look(json.dumps(unsigned()).encode())) == ("error", ["lint_proof_missing"])


def test_10_a_proof_that_the_validator_does_not_support(look: Look) -> None:
    document = sign(unsigned())
    document["proof"][0]["cryptosuite"] = "ecdsa-rdfc-2019"
    assert proof_of(look(document)) == ("error", ["lint_proof_unsupported"])


def test_10_only_the_first_supported_proof_is_looked_at(look: Look) -> None:
    document = sign(sign(unsigned()), Key(ISSUER, 2))
    document["proof"].insert(0, {**document["proof"][0], "cryptosuite": "ecdsa-rdfc-2019"})
    document["proof"][2]["proofValue"] = "z1"
    assert proof_of(look(document)) == ("valid", [])


def test_10_changed_after_signing(look: Look) -> None:
    document = sign(unsigned())
    document["name"] = "Closed questions"
    assert proof_of(look(document)) == ("error", ["lint_proof_invalid"])


def test_10_another_purpose(look: Look) -> None:
    document = sign(unsigned())
    document["proof"][0]["proofPurpose"] = "authentication"
    assert proof_of(look(document)) == ("error", ["lint_proof_purpose"])


def test_10_no_key_named(look: Look) -> None:
    document = sign(unsigned())
    del document["proof"][0]["verificationMethod"]
    assert proof_of(look(document)) == ("error", ["lint_proof_no_key"])


def test_10_a_key_of_somebody_else(look: Look) -> None:
    document = sign(unsigned(), Key("https://elsewhere.example.org/"))
    assert proof_of(look(document)) == ("error", ["lint_key_controller"])


def test_10_the_validator_believes_a_key_in_the_fragment(look: Look) -> None:
    """Which is why this is a lint and no verification."""
    assert proof_of(look(sign(unsigned(), Key(ISSUER, 9)))) == ("valid", [])


def test_10_a_key_at_an_address_of_its_own(look: Look) -> None:
    key = Key()
    key.verification_method = "https://badges.example.org/keys/1"
    document = sign(unsigned(), key)
    published = {"controller": ISSUER, "publicKeyMultibase": key.multibase}
    answers = world(**{key.verification_method: json.dumps(published).encode()})
    assert proof_of(look(document, answers)) == ("valid", [])
    assert proof_of(look(document)) == ("error", ["lint_key_unreadable"])
    assert proof_of(look(document, Offline())) == ("not_checked", [])
    del published["controller"]
    answers = world(**{key.verification_method: json.dumps(published).encode()})
    assert proof_of(look(document, answers)) == ("error", ["lint_key_unreadable"])


def token(header: Document, payload: Document) -> bytes:
    parts = [json.dumps(header).encode(), json.dumps(payload).encode(), b"signature"]
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "EdDSA"}, "lint_token_algorithm"),
        ({"alg": "none"}, "lint_token_algorithm"),
        ({"alg": "RS256"}, "lint_token_key"),
        ({"alg": "RS256", "kid": "did:key:z6Mk#z6Mk"}, "lint_token_key"),
        ({"alg": "ES256", "jwk": {"kty": "oct", "k": "AA"}}, "lint_token_key"),
    ],
)
def test_10_tokens_that_fail(look: Look, header: Document, code: str) -> None:
    probe = look(token(header, unsigned())).probe("ExternalProofProbe")
    assert (probe.outcome, [message.code for message in probe.messages]) == ("fatal", [code])


def test_10_tokens(look: Look) -> None:
    from jwcrypto.jwk import JWK
    from jwcrypto.jws import JWS

    key = JWK.generate(kty="EC", crv="P-256")
    payload = {**unsigned(), "iss": ISSUER, "exp": NOW.timestamp() + 60, "nbf": NOW.timestamp() - 60}

    def made(payload: Document, **header: Any) -> bytes:
        signed = JWS(json.dumps(payload))
        signed.add_signature(key, None, json.dumps({"alg": "ES256", **header}))
        return signed.serialize(compact=True).encode()

    def codes(data: bytes, **answers: bytes) -> list[str]:
        return [m.code for m in look(data, world(**answers)).probe("ExternalProofProbe").messages]

    bare = key.export_public(as_dict=True)
    good = made(payload, jwk=bare)
    assert codes(good) == []
    assert codes(good[:-8] + b"AAAAAAAA") == ["lint_token_invalid"]
    assert codes(made({**payload, "exp": NOW.timestamp() - 1}, jwk=bare)) == ["lint_token_time"]
    assert codes(made({**payload, "nbf": NOW.timestamp() + 1}, jwk=bare)) == ["lint_token_time"]
    at = "https://badges.example.org/keys/1"
    assert codes(made(payload, kid=at), **{at: json.dumps(bare).encode()}) == []
    assert codes(made(payload, kid=at), **{at: json.dumps({"keys": [bare]}).encode()}) == ["lint_token_key"]
    assert codes(made(payload, kid=at)) == ["lint_token_key"]


# --- 11, the refresh --------------------------------------------------------------------------------------------------

REFRESH = {"id": "https://badges.example.org/refresh/1", "type": "1EdTechCredentialRefresh"}


def test_11_the_newer_credential_is_judged_once(look: Look) -> None:
    document = {**unsigned(), "@context": [V2, OB, EXTENSIONS], "refreshService": REFRESH}
    newer = sign({**document, "validUntil": "2026-05-01T00:00:00Z"})
    report = look(document, world(**{REFRESH["id"]: json.dumps(newer).encode()}))
    assert report.refreshed is not None
    assert report.refreshed.probe("EmbeddedProofProbe").outcome == "valid"
    assert report.refreshed.probe("ExpirationProbe").outcome == "fatal"
    assert report.refreshed.refreshed is None
    assert not report.passes


def test_11_without_an_answer_the_credential_stands_for_itself(look: Look) -> None:
    document = {**unsigned(), "@context": [V2, OB, EXTENSIONS], "refreshService": REFRESH}
    report = look(document)
    assert report.refreshed is None
    assert report.passes
    assert not look(document, Offline()).complete


# --- 12, revocation ---------------------------------------------------------------------------------------------------


def status_of(report: LintReport) -> tuple[str, set[str]]:
    probe = report.probe("RevocationListProbe")
    return probe.outcome, {message.code for message in probe.messages}


def test_12_revoked(look: Look) -> None:
    assert status_of(look(unsigned(), world(lists=sign(status_list(7))))) == ("fatal", {"lint_revoked"})
    assert status_of(look(unsigned(), world(lists=sign(status_list(6, 8))))) == ("valid", set())


def two_contexts(document: Document) -> Document:
    return {**document, "@context": [V2, OB]}


@pytest.mark.parametrize(
    ("listed", "codes"),
    [
        (status_list(), {"lint_status_list"}),
        (sign(two_contexts(status_list())), {"lint_status_list"}),
        (sign({**status_list(), "type": ["VerifiableCredential"]}), {"lint_status_list"}),
        (sign(status_list(statusPurpose="suspension")), {"lint_status_purpose"}),
        (sign(status_list(statusPurpose=["revocation"])), {"lint_status_purpose"}),
        (sign(status_list(encodedList="uAAAA")), {"lint_status_unreadable"}),
        (sign(status_list(encodedList=bitstring.encode(b"\0" * 100))), {"lint_status_short"}),
        (unsigned(), {"lint_status_list", "lint_status_purpose"}),
        ([], {"lint_status_unreadable"}),
    ],
)
def test_12_lists_that_the_validator_does_not_take(look: Look, listed: Any, codes: set[str]) -> None:
    assert status_of(look(unsigned(), world(lists=listed))) == ("error", codes)


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        ({"statusListIndex": "x"}, "error"),
        ({"statusListIndex": 7}, "valid"),
        ({"statusListIndex": "131072"}, "error"),
        ({"statusListCredential": None}, "error"),
        ({"statusListCredential": f"{LIST}0"}, "error"),
        ({"id": None}, "error"),
        ({"statusPurpose": "suspension"}, "not_run"),
        ({"type": "StatusList2021Entry"}, "not_run"),
    ],
)
def test_12_entries(look: Look, entry: Document, outcome: str) -> None:
    document = sign(unsigned())
    document["credentialStatus"] |= entry
    assert look(document).probe("RevocationListProbe").outcome == outcome


@pytest.mark.parametrize(
    ("listed", "outcome"),
    [
        ({"revokedCredential": [{"id": "https://badges.example.org/credentials/1"}]}, "fatal"),
        ({"revokedCredentials": [{"id": "https://badges.example.org/credentials/1", "revoked": True}]}, "fatal"),
        ({"revokedCredential": [{"id": "https://badges.example.org/credentials/1", "revoked": False}]}, "valid"),
        ({"revokedCredential": [{"id": "https://badges.example.org/credentials/10"}]}, "valid"),
        (None, "warning"),
    ],
)
def test_12_the_older_list(look: Look, listed: Document | None, outcome: str) -> None:
    url = "https://badges.example.org/revoked"
    document = sign(unsigned())
    document["credentialStatus"] = {"id": url, "type": "1EdTechRevocationList"}
    answers = world(**({url: json.dumps(listed).encode()} if listed else {}))
    assert look(document, answers).probe("RevocationListProbe").outcome == outcome


# --- 15, endorsements -------------------------------------------------------------------------------------------------


def endorsement(**members: Any) -> Document:
    return {
        "@context": [V2, OB],
        "id": "https://badges.example.org/endorsements/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Well made",
        "issuer": {"id": ISSUER, "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": ISSUER, "type": ["EndorsementSubject"]},
        **members,
    }


def test_15_endorsements_at_any_depth(look: Look) -> None:
    document = unsigned()
    document["endorsement"] = [sign(endorsement())]
    document["issuer"]["endorsement"] = [
        sign(endorsement(id="https://badges.example.org/endorsements/2", validUntil="2026-02-01T00:00:00Z"))
    ]
    document["issuer"]["endorsementJwt"] = ["eyJ9"]
    report = look(document)
    found = {pointer: inner.outcome for pointer, inner in report.endorsements}
    assert found == {
        "/endorsement/0": "valid",
        "/issuer/endorsement/0": "fatal",
        "/issuer/endorsementJwt/0": "fatal",
    }
    assert not report.passes


def test_15_an_endorsement_of_another_type(look: Look) -> None:
    document = {**unsigned(), "endorsement": [sign({**unsigned(), "id": "https://badges.example.org/other"})]}
    _, inner = look(document).endorsements[0]
    assert inner.probe("TypePropertyProbe").outcome == "fatal"


def test_15_what_is_no_endorsement(look: Look) -> None:
    document = sign(unsigned())
    document["endorsement"] = [3]
    assert look(document).endorsements[0][1].outcome == "fatal"


def test_now_needs_a_zone(look: Look) -> None:
    with pytest.raises(ValueError, match="time zone"):
        look(unsigned(), now=datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test
    assert look(unsigned(), now=datetime(2026, 6, 1, tzinfo=UTC)).passes
