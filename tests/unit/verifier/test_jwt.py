"""Credentials as compact JWS: the key is the issuer's, the claims agree, the algorithm is chosen first."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.simulator import ISSUED, NOW, Issuer, TestEcSigner, TestRsaSigner, TestSigner, World
from verifier import Report, TrustedIssuers, Verifier
from verifier.formats import multibase, multikey
from verifier.proofs.jwt import secure_jwt

HTTPS = "https://college.example/issuer"
JWKS = "https://college.example/.well-known/jwks.json"
DID = "did:web:school.example"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(DID)


@pytest.fixture(scope="module")
def rsa_signer() -> TestRsaSigner:
    return TestRsaSigner(HTTPS)


def verify(world: World, data: bytes, *trusted: str) -> Report:
    return Verifier(world).verify(data, TrustedIssuers(*(trusted or (DID, HTTPS))), now=NOW)


def answer(world: World, data: bytes) -> str:
    """The verdict, and the code of the gravest problem."""
    report = verify(world, data)
    assert all(result.code and result.message and result.specification for result in report.results)
    return f"{report.verdict}:{report.problems[0].code}" if report.problems else str(report.verdict)


def listed(issuer: Issuer, signer: TestSigner, method_id: str) -> None:
    """Publishes the issuer's document with this key as a JWK."""
    method = {
        "id": method_id,
        "type": "JsonWebKey",
        "controller": issuer.id,
        "publicKeyJwk": multikey.to_jwk(signer.public),
    }
    issuer.world.publish(issuer.url, issuer.document(verificationMethod=[method], assertionMethod=[method_id]))


def repack(token: bytes, *, header: dict[str, Any] | None = None, payload: dict[str, Any] | None = None) -> bytes:
    """A token with other parts under the same signature."""
    parts = [json.loads(multibase.base64url_decode(part.decode())) for part in token.split(b".")[:2]]
    changed = [parts[0] | (header or {}), parts[1] | (payload or {})]
    front = b".".join(multibase.base64url_encode(json.dumps(part).encode()).encode() for part in changed)
    return front + b"." + token.split(b".")[2]


@pytest.mark.parametrize("form", ["JWT", "vc+jwt"])
@pytest.mark.parametrize("algorithm", ["Ed25519", "P-256", "P-384"])
def test_each_algorithm_and_form_by_a_listed_key(world: World, school: Issuer, algorithm: str, form: Any) -> None:
    signer = TestSigner("jwt", DID) if algorithm == "Ed25519" else TestEcSigner("jwt", DID, algorithm)
    listed(school, signer, signer.verification_method)
    token = secure_jwt(school.badge(), signer, form=form)
    assert answer(world, token) == "verified"
    assert answer(world, repack(token, payload={"name": "Doctor of Everything"})) == "failed:proof_invalid"


def test_an_envelope_around_it(world: World, school: Issuer) -> None:
    token = secure_jwt(school.badge(), school.signer, form="vc+jwt")
    envelope = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token.decode()}",
    }
    assert answer(world, json.dumps(envelope).encode()) == "verified"


def test_did_key_and_did_jwk_issuers(world: World) -> None:
    key = world.issuer("did:key")
    assert verify(world, secure_jwt(key.badge(), key.signer), key.id).verified
    signer = TestEcSigner("did:jwk")
    did = "did:jwk:" + multibase.base64url_encode(json.dumps(multikey.to_jwk(signer.public)).encode())
    badge = key.badge(issuer={"id": did, "type": ["Profile"]})
    for how in ({"key_id": f"{did}#0"}, {"key_id": "#0"}, {"jwk": multikey.to_jwk(signer.public)}):
        assert verify(world, secure_jwt(badge, signer, **how), did).verified, how
    assert not verify(world, secure_jwt(badge, signer, key_id=f"{did}#1"), did).verified


class TestKeySets:
    """Open Badges 3.0: `kid` is the address of a JWK, and `/.well-known/jwks.json` says whose it is."""

    KID = "https://college.example/keys/1"

    @pytest.fixture
    def college(self, world: World, rsa_signer: TestRsaSigner) -> Issuer:
        issuer = Issuer(world, HTTPS)
        world.publish(HTTPS, b"<!doctype html><title>College</title>")
        world.publish(self.KID, rsa_signer.jwk)
        world.publish(JWKS, {"keys": [rsa_signer.jwk], "iss": HTTPS})
        return issuer

    def test_rs256_by_a_key_in_the_set(self, world: World, college: Issuer, rsa_signer: TestRsaSigner) -> None:
        assert answer(world, secure_jwt(college.badge(), rsa_signer, key_id=self.KID)) == "verified"
        assert answer(world, secure_jwt(college.badge(), rsa_signer, jwk=rsa_signer.jwk)) == "verified"
        world.publish(JWKS, {"keys": [{**rsa_signer.jwk, "kid": "k1"}, {"kty": "EC", "crv": "secp256k1"}]})
        assert answer(world, secure_jwt(college.badge(), rsa_signer, key_id="k1")) == "verified"

    def test_a_key_outside_the_set_proves_nothing(self, world: World, college: Issuer) -> None:
        thief = TestRsaSigner(HTTPS)
        by_header = secure_jwt(college.badge(), thief, jwk=thief.jwk)
        world.publish("https://thief.example/key", thief.jwk)
        by_address = secure_jwt(college.badge(), thief, key_id="https://thief.example/key")
        world.publish(HTTPS, college.document())
        assert answer(world, by_header) == "failed:key_not_listed"
        assert answer(world, by_address) == "failed:key_not_listed"

    def test_a_set_of_somebody_else(self, world: World, college: Issuer, rsa_signer: TestRsaSigner) -> None:
        world.publish(JWKS, {"keys": [rsa_signer.jwk], "iss": "https://else.example"})
        world.publish(HTTPS, college.document())
        assert answer(world, secure_jwt(college.badge(), rsa_signer, key_id=self.KID)) == "failed:key_not_listed"

    @pytest.mark.parametrize(
        "keys", [{"keys": {}}, {"keys": ["x"]}, {}, {"keys": []}, {"keys": [{"use": "enc", "kty": "RSA"}]}]
    )
    def test_bad_sets(self, world: World, college: Issuer, rsa_signer: TestRsaSigner, keys: Any) -> None:
        world.publish(JWKS, keys)
        report = verify(world, secure_jwt(college.badge(), rsa_signer, key_id=self.KID))
        assert not report.verified

    def test_a_key_for_encryption_does_not_sign(self, world: World, college: Issuer, rsa_signer: TestRsaSigner) -> None:
        world.publish(JWKS, {"keys": [{**rsa_signer.jwk, "use": "enc"}]})
        world.publish(HTTPS, college.document())
        assert answer(world, secure_jwt(college.badge(), rsa_signer, key_id=self.KID)) == "failed:key_not_listed"

    def test_a_weak_key(self, world: World, college: Issuer) -> None:
        number = (1 << 1023) + 1
        weak = {"kty": "RSA", "e": "AQAB", "n": multibase.base64url_encode(number.to_bytes(128))}
        world.publish(JWKS, {"keys": [weak]})
        world.publish(self.KID, weak)
        world.publish(HTTPS, college.document())
        token = secure_jwt(college.badge(), TestRsaSigner(HTTPS), key_id=self.KID)
        report = verify(world, token)
        assert not report.verified

    def test_everything_away_is_open_and_a_wrong_own_key_is_not(
        self, world: World, college: Issuer, rsa_signer: TestRsaSigner
    ) -> None:
        token = secure_jwt(college.badge(), rsa_signer, jwk=rsa_signer.jwk)
        world.pages.clear()
        assert answer(world, token) == "undetermined:key_self_asserted"
        assert answer(world, repack(token, payload={"name": "x"})) == "failed:proof_invalid"
        assert answer(world, secure_jwt(college.badge(), rsa_signer, key_id=self.KID)).startswith("undetermined:")


class TestAlgorithmsAreChosenBeforeKeys:
    @pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS1", "PS256", "ES256K", "ES512", "", "EdDSA "])
    def test_others_are_refused(self, world: World, school: Issuer, algorithm: str) -> None:
        token = repack(secure_jwt(school.badge(), school.signer), header={"alg": algorithm})
        assert answer(world, token) == "failed:jws_algorithm_not_allowed"
        assert world.asked == [], "no key was even looked for"

    def test_a_public_key_is_no_hmac_secret(self, world: World, school: Issuer) -> None:
        token = repack(secure_jwt(school.badge(), school.signer), header={"alg": "HS256"})
        front = token.rpartition(b".")[0]
        mac = hmac.new(school.signer.public.raw, front, hashlib.sha256).digest()
        forged = front + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")
        assert answer(world, forged) == "failed:jws_algorithm_not_allowed"

    @pytest.mark.parametrize("algorithm", ["ES256", "ES384", "RS256"])
    def test_a_key_of_another_kind(self, world: World, school: Issuer, algorithm: str) -> None:
        token = repack(secure_jwt(school.badge(), school.signer), header={"alg": algorithm})
        assert answer(world, token) == "failed:key_type_mismatch"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"typ": "at+jwt"}, "jws_type_not_allowed"),
        ({"typ": 5}, "jws_type_not_allowed"),
        ({"jku": "https://evil.example/jwks"}, "jws_header_not_allowed"),
        ({"x5c": []}, "jws_header_not_allowed"),
        ({"cty": "vc"}, "jws_header_not_allowed"),
        ({"kid": 5}, "jws_header_not_allowed"),
        ({"jwk": "x"}, "jws_header_not_allowed"),
        ({"jwk": {"kty": "OKP", "d": "x"}}, "private_key_published"),
    ],
)
def test_headers(world: World, school: Issuer, header: dict[str, Any], code: str) -> None:
    assert answer(world, repack(secure_jwt(school.badge(), school.signer), header=header)) == f"failed:{code}"


def signed_with_claims(school: Issuer, claims: dict[str, Any], typ: str = "JWT") -> bytes:
    """A token whose claims are properly signed, but may say something else than the credential."""
    badge = school.badge(credentialSubject={**school.badge()["credentialSubject"], "id": "did:example:teacher"})
    front = secure_jwt(badge, school.signer, form=typ).rpartition(b".")[0]
    changed = repack(front + b".", payload=claims).rpartition(b".")[0]
    return changed + b"." + multibase.base64url_encode(school.signer.sign(changed)).encode()


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({}, "verified"),
        ({"iat": "2026-01-01T00:00:00Z"}, "verified"),
        ({"iss": "https://else.example"}, "failed:jwt_claim_mismatch"),
        ({"sub": "did:example:other"}, "failed:jwt_claim_mismatch"),
        ({"jti": "urn:other"}, "failed:jwt_claim_mismatch"),
        ({"nbf": int(ISSUED.timestamp()) + 60}, "failed:jwt_claim_mismatch"),
        ({"nbf": int(ISSUED.timestamp()) + 0.5}, "verified"),
        ({"exp": 1}, "failed:jwt_claim_mismatch"),
        ({"nbf": "2026"}, "failed:jwt_claim_malformed"),
        ({"exp": True}, "failed:jwt_claim_malformed"),
        ({"approved": "yes"}, "failed:undefined_term"),
    ],
)
def test_claims(world: World, school: Issuer, claims: dict[str, Any], expected: str) -> None:
    assert answer(world, signed_with_claims(school, claims)) == expected


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"nbf": int(ISSUED.timestamp()) + 60, "exp": int(NOW.timestamp()) + 60}, "verified"),
        ({"exp": int(NOW.timestamp()) - 3_600}, "failed:jwt_expired"),
        ({"nbf": int(NOW.timestamp()) + 3_600}, "failed:jwt_not_yet_valid"),
        ({"iss": "https://else.example"}, "failed:jwt_claim_mismatch"),
        ({"vc": {}}, "failed:jws_claims_malformed"),
    ],
)
def test_claims_of_the_newer_form_speak_of_the_signature(
    world: World, school: Issuer, claims: dict[str, Any], expected: str
) -> None:
    assert answer(world, signed_with_claims(school, claims, "vc+jwt")) == expected


def test_missing_claims_are_a_warning(world: World, school: Issuer) -> None:
    front = secure_jwt(school.badge(), school.signer, form="vc+jwt").rpartition(b".")[0]
    parts = [json.loads(multibase.base64url_decode(part.decode())) for part in front.split(b".")]
    header = {"alg": "EdDSA", "kid": school.signer.verification_method}
    front = b".".join(multibase.base64url_encode(json.dumps(p).encode()).encode() for p in (header, parts[1]))
    report = verify(world, front + b"." + multibase.base64url_encode(school.signer.sign(front)).encode())
    assert report.verified
    assert "jwt_claim_missing" in {finding.code for result in report.results for finding in result.findings}


def test_the_older_form_with_a_vc_claim(world: World, school: Issuer) -> None:
    """VCDM 1.1: what the claims say is left out of the credential (section 6.3.1)."""
    vc = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {},
    }
    claims = {"iss": DID, "sub": "did:example:t", "jti": "urn:uuid:1", "nbf": int(ISSUED.timestamp()), "vc": vc}
    header = {"alg": "EdDSA", "typ": "JWT", "kid": school.signer.verification_method}

    def token(claims: dict[str, Any]) -> bytes:
        front = b".".join(multibase.base64url_encode(json.dumps(part).encode()).encode() for part in (header, claims))
        return front + b"." + multibase.base64url_encode(school.signer.sign(front)).encode()

    report = verify(world, token(claims))
    assert report.verified, report.problems
    assert report.credential is not None
    assert report.credential["issuanceDate"] == "2026-01-01T00:00:00Z"
    assert report.credential["credentialSubject"] == {"id": "did:example:t"}
    assert answer(world, token({**claims, "exp": int(NOW.timestamp()) - 3_600})) in (
        "failed:expired",
        "failed:jwt_expired",
    )
    assert (
        answer(world, token({**claims, "vc": {**vc, "issuer": "https://else.example"}})) == "failed:jwt_claim_mismatch"
    )


def test_secure_jwt_signs_what_it_should(school: Issuer) -> None:
    with pytest.raises(ValueError, match="JWS"):
        secure_jwt({**school.badge(), "proof": {}}, school.signer)
