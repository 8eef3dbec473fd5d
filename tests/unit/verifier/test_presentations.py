"""Presentations: signed by their holder, for this occasion, each credential inside good by itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.simulator import ISSUED, NOW, RECIPIENT, VCDM, Issuer, TestEcSigner, TestSigner, World
from verifier import CheckId, Holder, PresentationRequest, TrustedIssuers, UnsafeAnyIssuer, Verifier, cli, proofs
from verifier.endpoint import create_blueprint
from verifier.formats import digests
from verifier.proofs.jwt import secure_jwt

SCHOOL = "did:web:school.example"
AT = "2026-06-01T12:00:00Z"
ASKED = PresentationRequest("u-random", "verifier.example")
ANSWER = {"challenge": "u-random", "domain": "verifier.example"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(SCHOOL)


HOLDER = TestSigner("holder")


def presentation(*credentials: Any, **members: Any) -> dict[str, Any]:
    document = {"@context": [VCDM], "type": ["VerifiablePresentation"], **members}
    return document | ({"verifiableCredential": list(credentials)} if credentials else {})


def signed(
    document: dict[str, Any], by: Any = HOLDER, purpose: str = "authentication", **options: Any
) -> dict[str, Any]:
    return proofs.secure(document, by, ISSUED, purpose=purpose, options=options or None, inline_contexts_allowed=True)


def answer(world: World, document: Any, request: PresentationRequest | None = ASKED, policy: Any = None) -> str:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    report = Verifier(world).verify(data, policy or UnsafeAnyIssuer(), now=NOW, request=request)
    assert all(result.code and result.message and result.specification for result in report.results)
    return f"{report.verdict}:{report.problems[0].code}" if report.problems else str(report.verdict)


def badge(school: Issuer, holder: TestSigner = HOLDER) -> dict[str, Any]:
    """About whoever holds the key of `holder`."""
    found: dict[str, Any] = json.loads(school.sign(unsigned_badge(school, holder)))
    return found


def unsigned_badge(school: Issuer, holder: TestSigner = HOLDER, **changes: Any) -> dict[str, Any]:
    document = school.badge(**changes)
    document["credentialSubject"]["id"] = holder.did
    return document


@pytest.mark.parametrize("holder", [None, HOLDER.did, {"id": HOLDER.did}])
def test_a_holder_may_be_left_out_or_named_in_two_ways(world: World, school: Issuer, holder: Any) -> None:
    members = {} if holder is None else {"holder": holder}
    assert answer(world, signed(presentation(badge(school), **members), **ANSWER)) == "verified"


@pytest.mark.parametrize("signer", [TestEcSigner("holder"), TestEcSigner("holder", algorithm="P-384")])
def test_on_a_curve(world: World, school: Issuer, signer: TestEcSigner) -> None:
    assert answer(world, signed(presentation(badge(school, signer)), signer, **ANSWER)) == "verified"


def test_the_proof_answers_the_question(world: World, school: Issuer) -> None:
    shown = signed(presentation(badge(school)), **ANSWER)
    assert answer(world, shown, PresentationRequest("another", "verifier.example")) == "failed:challenge_mismatch"
    assert answer(world, shown, PresentationRequest("u-random", "other.example")) == "failed:domain_mismatch"
    assert answer(world, shown, PresentationRequest()) == "verified"
    assert answer(world, shown, None) == "verified"
    several = signed(presentation(badge(school)), challenge="u-random", domain=["a.example", "verifier.example"])
    assert answer(world, several) == "verified"
    none = signed(presentation(badge(school)))
    assert answer(world, none) == "failed:challenge_mismatch"


def test_a_proof_for_issuing_answers_no_question(world: World, school: Issuer) -> None:
    shown = signed(presentation(badge(school)), purpose="assertionMethod", **ANSWER)
    assert answer(world, shown) == "failed:proof_purpose"
    assert answer(world, shown, PresentationRequest()) == "verified"


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "context_order": lambda d: d.update({"@context": ["https://www.w3.org/ns/credentials/examples/v2", VCDM]}),
    "context_order:number": lambda d: d.update({"@context": 4}),
    "context_malformed": lambda d: d["@context"].append("no url"),
    "context_malformed:number": lambda d: d["@context"].append(4),
    "context_missing": lambda d: d.pop("@context"),
    "type_missing": lambda d: d.update(type=["Presentation", "VerifiableCredential"]),
    "id_malformed": lambda d: d.update(id=["urn:a:1", "urn:a:2"]),
    "holder_malformed": lambda d: d.update(holder={"name": "nobody"}),
    "holder_malformed:list": lambda d: d.update(holder=[HOLDER.did]),
    "inner_not_credential": lambda d: d.update(verifiableCredential=["https://example.org/credential"]),
    "inner_not_credential:number": lambda d: d.update(verifiableCredential=4),
    "context_not_bundled": lambda d: d["@context"].append("https://nobody.example/context"),
    "proof_invalid": lambda d: d["verifiableCredential"][0].update(name="Another"),
    "proof_missing": lambda d: d.pop("proof"),
    "proof_malformed": lambda d: d["proof"][0].pop("verificationMethod"),
    "proof_malformed:value": lambda d: d["proof"][0].update(proofValue="z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh"),
    "proof_malformed:null": lambda d: d["proof"][0].update(proofValue=None),
    "key_not_listed": lambda d: d.update(holder=TestSigner("somebody else").did),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_refused(world: World, school: Issuer, name: str) -> None:
    shown = signed(presentation(badge(school)), **ANSWER)
    CHANGES[name](shown)
    code = answer(world, shown).removeprefix("failed:")
    expected = name.partition(":")[0]
    assert code == expected or (name == "type_missing" and code == "presentation_expected")


def test_a_credential_is_no_presentation(world: World, school: Issuer) -> None:
    assert answer(world, badge(school)) == "failed:presentation_expected"


def test_each_credential_inside_is_judged(world: World, school: Issuer) -> None:
    good, bad = badge(school), badge(school)
    bad["name"] = "Doctor of Everything"
    assert answer(world, signed(presentation(good, bad), **ANSWER)) == "failed:inner_invalid"
    other = world.issuer("did:web:other.example")
    both = signed(presentation(good, badge(other)), **ANSWER)
    assert answer(world, both) == "verified"
    assert answer(world, both, policy=TrustedIssuers(SCHOOL)) == "unrecognised:inner_issuer_not_recognised"
    assert answer(world, both, policy=TrustedIssuers(SCHOOL, other.id)) == "verified"
    world.down.add(other.url)
    assert answer(world, both) == "undetermined:inner_not_checked"


def test_recognising_the_holder_is_not_recognising_the_issuer(world: World, school: Issuer) -> None:
    shown = signed(presentation(badge(school)), **ANSWER)
    assert answer(world, shown, policy=TrustedIssuers(HOLDER.did)) == "unrecognised:inner_issuer_not_recognised"


def test_an_empty_presentation_says_only_who_holds_the_key(world: World) -> None:
    shown = signed(presentation(holder=HOLDER.did), **ANSWER)
    for policy in (UnsafeAnyIssuer(), TrustedIssuers(SCHOOL), TrustedIssuers(HOLDER.did)):
        report = Verifier(world).verify(json.dumps(shown).encode(), policy, now=NOW, request=ASKED)
        assert report.verdict == "undetermined"
        assert report.authentic
        assert report.holder == Holder(HOLDER.did, proven=True)


def claim(issuer: str) -> dict[str, Any]:
    return {
        "@context": [VCDM],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": HOLDER.did},
    }


@pytest.mark.parametrize(
    ("issuer", "holder", "expected"),
    [
        (HOLDER.did, HOLDER.did, "unrecognised:inner_issuer_not_recognised"),
        (HOLDER.did, None, "failed:inner_not_signed"),
        ("did:example:acme", HOLDER.did, "failed:inner_not_signed"),
        (HOLDER.did, TestSigner("somebody else").did, "failed:key_not_listed"),
    ],
)
def test_what_the_holder_says_of_themselves(world: World, issuer: str, holder: str | None, expected: str) -> None:
    members = {} if holder is None else {"holder": holder}
    assert answer(world, signed(presentation(claim(issuer), **members), **ANSWER)) == expected


def test_the_holders_own_word_under_a_forged_signature(world: World) -> None:
    shown = signed(presentation(claim(HOLDER.did), holder=HOLDER.did), **ANSWER)
    shown["verifiableCredential"][0]["credentialSubject"]["id"] = "did:example:another"
    assert answer(world, shown).startswith("failed:proof_invalid")
    assert answer(world, shown, policy=TrustedIssuers(HOLDER.did)).startswith("failed:")


def test_the_holders_own_word_is_nobody_elses(world: World) -> None:
    shown = signed(presentation(claim(HOLDER.did), holder=HOLDER.did), **ANSWER)
    for policy in (TrustedIssuers(SCHOOL), TrustedIssuers(HOLDER.did)):
        assert answer(world, shown, policy=policy) == "unrecognised:inner_issuer_not_recognised"


def test_the_issuer_cannot_be_played_by_a_presentation_inside(world: World, school: Issuer) -> None:
    inner = signed(presentation(badge(school)), **ANSWER)
    assert answer(world, signed(presentation(inner), **ANSWER)) == "failed:inner_not_credential"


def token(payload: dict[str, Any], form: str, signer: Any = HOLDER, **header: Any) -> bytes:
    from verifier.formats import jws, multibase

    head = {"alg": "EdDSA", "typ": form, "kid": signer.verification_method, **header}
    parts = (multibase.base64url_encode(json.dumps(part).encode()) for part in (head, payload))
    text = ".".join(parts).encode()
    return jws.join(text, signer.sign(text))


def enveloped(data: bytes, kind: str = "Credential", media_type: str = "vc+jwt") -> dict[str, Any]:
    return {
        "@context": VCDM,
        "type": f"EnvelopedVerifiable{kind}",
        "id": f"data:application/{media_type},{data.decode()}",
    }


@pytest.mark.parametrize("form", ["vp+jwt", "application/vp+jwt"])
def test_a_token_that_is_the_presentation(world: World, school: Issuer, form: str) -> None:
    inner = enveloped(secure_jwt(unsigned_badge(school), school.signer, form="vc+jwt"))
    claims = {"nonce": "u-random", "aud": ["verifier.example"], "iss": HOLDER.did}
    shown = token(presentation(inner, holder=HOLDER.did) | claims, form)
    assert answer(world, shown) == "verified"
    assert answer(world, enveloped(shown, "Presentation", "vp+jwt")) == "verified"
    assert answer(world, shown, PresentationRequest("other")) == "failed:challenge_mismatch"
    assert answer(world, shown, PresentationRequest("", "other")) == "failed:domain_mismatch"
    assert answer(world, shown[:-8] + b"AAAAAAA" + shown[-1:]).startswith("failed:")


def test_a_token_with_a_vp_claim(world: World, school: Issuer) -> None:
    """As VCDM 1.1 writes it, with a credential that is a text; arrays in arrays are met in test suites."""
    inner = secure_jwt(unsigned_badge(school), school.signer).decode()
    claims = {"iss": HOLDER.did, "nonce": "u-random", "aud": "verifier.example"}
    assert answer(world, token(claims | {"vp": presentation(inner)}, "JWT")) == "verified"
    nested = presentation([enveloped(inner.encode(), media_type="jwt")])
    assert answer(world, token(claims | {"vp": nested}, "JWT")) == "verified"
    refused = token(claims | {"vp": presentation(inner)}, "vp+jwt")
    assert answer(world, refused) == "failed:jws_claims_malformed"
    other = token(claims | {"iss": TestSigner("other").did, "vp": presentation(inner)}, "JWT")
    assert answer(world, other) == "failed:key_not_listed"
    late = token(claims | {"exp": 10, "vp": presentation(inner)}, "JWT")
    assert answer(world, late) == "failed:jwt_expired"


ENVELOPES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no_context": lambda d: d.update({"@context": []}),
    "other_context": lambda d: d.update({"@context": "https://www.w3.org/ns/credentials/examples/v2"}),
    "no_data_url": lambda d: d.update(id=d["id"].partition(",")[2]),
    "no_type": lambda d: d.pop("type"),
    "other_type": lambda d: d.update(type="VerifiableCredential"),
    "for_presentations": lambda d: d.update(type="EnvelopedVerifiablePresentation"),
    "unsigned_member": lambda d: d.update(name="Doctor of Everything"),
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_an_envelope_that_says_something_else(world: World, school: Issuer, name: str) -> None:
    document = enveloped(secure_jwt(unsigned_badge(school), school.signer, form="vc+jwt"))
    assert answer(world, document, None) == "verified"
    assert answer(world, {**document, "id": document["id"] + "\n"}, None) == "verified"
    changed = copy.deepcopy(document)
    ENVELOPES[name](changed)
    assert answer(world, changed, None).startswith("failed:")


def test_the_person_and_the_files_that_the_caller_named(world: World, school: Issuer) -> None:
    """What is asked of a credential is asked of those in a presentation as well, and never passed over."""
    from verifier import ExpectedRecipient

    file = b"lesson plan"
    unsigned = unsigned_badge(school, evidence=[{"type": ["Evidence"], "name": "Plan", "digestSRI": digests.sri(file)}])
    good = json.loads(school.sign(unsigned))
    shown = json.dumps(signed(presentation(good), **ANSWER)).encode()
    empty = json.dumps(signed(presentation(), **ANSWER)).encode()

    def verdict(data: bytes, email: str, *files: bytes) -> str:
        report = Verifier(world).verify(
            data,
            UnsafeAnyIssuer(),
            now=NOW,
            recipient=ExpectedRecipient(email=email) if email else None,
            evidence=files,
        )
        assert [result.check for result in report.results] == sorted(
            (result.check for result in report.results), key=list(CheckId).index
        )
        return f"{report.verdict}:{report.problems[0].code}" if report.problems else str(report.verdict)

    assert verdict(shown, RECIPIENT, file) == "verified"
    assert verdict(shown, "somebody@else.example").startswith("failed:recipient_mismatch")
    assert verdict(shown, "", b"another file") == "failed:evidence_mismatch"
    assert verdict(empty, RECIPIENT) == "failed:recipient_missing"
    assert verdict(empty, "", file) == "failed:evidence_mismatch"
    assert verdict(empty, "") == "undetermined"


def test_on_the_command_line_and_at_the_endpoint(tmp_path: Path, world: World, school: Issuer) -> None:
    shown = json.dumps(signed(presentation(badge(school)), **ANSWER)).encode()
    path, document = tmp_path / "shown.json", tmp_path / "did.json"
    path.write_bytes(shown)
    document.write_bytes(world.pages[school.url])
    args = ["verify", str(path), "--offline", "--issuer", SCHOOL, "--did-document", str(document), "--at", AT]

    def exit_code(*more: str) -> int:
        return CliRunner().invoke(cli.badgewright, [*args, *more]).exit_code

    assert exit_code() == 0
    assert exit_code("--challenge", "u-random", "--domain", "verifier.example") == 0
    assert exit_code("--challenge", "another") == 1
    assert exit_code("--domain", "another.example") == 1
    app = Flask(__name__)
    app.register_blueprint(create_blueprint(lambda: Verifier(world), UnsafeAnyIssuer))

    def verdict(query: str) -> str:
        got = app.test_client().post(f"/api/v1/verify?at={AT}&{query}", data=shown)
        return str(json.loads(got.get_data())["verdict"])

    assert verdict("challenge=u-random&domain=verifier.example") == "verified"
    assert verdict("challenge=another") == "failed"
    assert verdict("domain=another.example") == "failed"
