"""A DID counts for badges once whoever gave it has proved to control it."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import DidChallenge, User
from issuer.services import dids
from issuer.services.access import Actor
from tests.factories import NOW, actor
from tests.integration.conftest import District
from tests.simulator import TestEcSigner, TestSigner, World
from verifier import proofs
from verifier.formats import multikey
from verifier.verifier import Verifier

DOMAIN = "badges.example.org"
WALLET = TestSigner("wallet of Tara")
OTHER = TestSigner("wallet of somebody else")


def by_jwk() -> TestSigner:
    """The same key as a did:jwk."""
    signer = TestSigner("wallet of Tara")
    jwk = json.dumps(multikey.to_jwk(signer.public), separators=(",", ":")).encode()
    signer.did = "did:jwk:" + base64.urlsafe_b64encode(jwk).rstrip(b"=").decode()
    signer.verification_method = f"{signer.did}#0"
    return signer


def by_web(world: World) -> TestSigner:
    """The same key as a did:web."""
    did = "did:web:tara.example.org"
    signer = TestSigner("wallet of Tara", did)
    signer.did = did
    method = {
        "id": signer.verification_method,
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": signer.multibase,
    }
    world.publish(
        "https://tara.example.org/.well-known/did.json",
        {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": did,
            "verificationMethod": [method],
            "authentication": [signer.verification_method],
        },
    )
    return signer


def signed(
    challenge: DidChallenge, signer: TestSigner = WALLET, purpose: str = "authentication", **other: str
) -> bytes:
    """What a wallet makes of it; `other` replaces nonce, domain or holder."""
    asked = dids.what_to_sign(challenge, other.get("domain", DOMAIN))
    presentation = {**asked["presentation"], "holder": other.get("holder", challenge.did)}
    options = {"challenge": other.get("nonce", challenge.challenge), "domain": asked["options"]["domain"]}
    return json.dumps(proofs.secure(presentation, signer, NOW, purpose=purpose, options=options)).encode()


def token(challenge: DidChallenge, signer: TestSigner = WALLET, **other: str) -> bytes:
    """The same as a compact JWS."""
    claims = {**dids.what_to_sign(challenge, DOMAIN)["claims"], **other}
    header = {"alg": "EdDSA", "typ": "JWT", "kid": signer.verification_method}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    text = ".".join(parts)
    return f"{text}.{base64.urlsafe_b64encode(signer.sign(text.encode())).rstrip(b'=').decode()}".encode()


def check(data: bytes, challenge: DidChallenge, world: World | None = None) -> dids.Proof:
    return dids.check_proof(
        Verifier(world or World()),
        data,
        did=challenge.did,
        challenge=challenge.challenge,
        domain=DOMAIN,
        now=NOW + timedelta(minutes=5),
    )


def begun(session: Session, user: User, did: str = WALLET.did) -> DidChallenge:
    return dids.begin(session, did=did, actor=actor(user), now=NOW)


@pytest.mark.parametrize("kind", ["key", "key P-256", "jwk", "web", "token"])
def test_a_proved_did_is_used(session: Session, district: District, kind: str) -> None:
    world = World()
    signer = {
        "key": lambda: WALLET,
        "key P-256": lambda: TestEcSigner("wallet of Tara"),
        "jwk": by_jwk,
        "web": lambda: by_web(world),
        "token": lambda: WALLET,
    }[kind]()
    challenge = begun(session, district.teacher, signer.did)
    data = token(challenge) if kind == "token" else signed(challenge, signer)
    proof = check(data, challenge, world)
    user = dids.prove(session, proof=proof, actor=actor(district.teacher), now=NOW)
    assert (user.did, user.did_proved_at) == (signer.did, NOW)
    with pytest.raises(Invalid) as again:
        dids.prove(session, proof=proof, actor=actor(district.teacher), now=NOW)
    assert again.value.code == "did_challenge_over"
    dids.remove(session, actor=actor(district.teacher), now=NOW)
    assert (user.did, user.did_proved_at) == ("", None)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda c: signed(c, nonce="another"), "challenge_mismatch"),
        (lambda c: signed(c, domain="other.example"), "domain_mismatch"),
        (lambda c: signed(c, purpose="assertionMethod"), "proof_purpose"),
        (lambda c: signed(c, OTHER), None),
        (lambda c: signed(c, OTHER, holder=OTHER.did), "did_proof_other_holder"),
        (lambda c: signed(c).replace(b'"holder"', b'"Holder"'), None),
        (lambda c: json.dumps(dids.what_to_sign(c, DOMAIN)["presentation"]).encode(), "proof_missing"),
        (lambda c: token(c, nonce="another"), "challenge_mismatch"),
        (lambda c: token(c, aud="other.example"), "domain_mismatch"),
        (lambda c: token(c, OTHER), None),
        (lambda _: b"", None),
        (lambda _: b"{}", None),
        (lambda _: b"x" * (dids.MAX_BYTES + 1), "did_proof_too_large"),
    ],
)
def test_what_proves_nothing_is_refused(session: Session, district: District, make: Any, code: str | None) -> None:
    challenge = begun(session, district.teacher)
    with pytest.raises(Invalid) as refused:
        check(make(challenge), challenge)
    assert refused.value.code
    if code is not None:
        assert refused.value.code == code


def test_a_credential_is_no_proof(session: Session, district: District) -> None:
    challenge = begun(session, district.teacher)
    badge = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": WALLET.did,
        "credentialSubject": {"id": WALLET.did},
    }
    options = {"challenge": challenge.challenge, "domain": DOMAIN}
    data = json.dumps(proofs.secure(badge, WALLET, NOW, options=options)).encode()
    with pytest.raises(Invalid):
        check(data, challenge)


def test_the_answer_of_another_account_is_refused(session: Session, district: District) -> None:
    """Somebody's wallet was talked into signing for another account, or their answer was overheard."""
    theirs, mine = begun(session, district.coach), begun(session, district.teacher)
    with pytest.raises(Invalid) as refused:
        check(signed(theirs), mine)
    assert refused.value.code == "challenge_mismatch"
    with pytest.raises(Invalid) as late:
        dids.prove(session, proof=check(signed(theirs), theirs), actor=actor(district.teacher), now=NOW)
    assert late.value.code == "did_challenge_over"


def test_a_challenge_ends_and_a_new_one_replaces_it(session: Session, district: District) -> None:
    first = begun(session, district.teacher)
    proof = check(signed(first), first)
    with pytest.raises(Invalid) as refused:
        dids.prove(session, proof=proof, actor=actor(district.teacher), now=NOW + dids.PROVE_WITHIN)
    assert refused.value.code == "did_challenge_over"
    with pytest.raises(NotFound):
        dids.open_challenge(session, actor=actor(district.teacher), now=NOW + dids.PROVE_WITHIN)
    begun(session, district.teacher)
    with pytest.raises(Invalid):
        dids.prove(session, proof=proof, actor=actor(district.teacher), now=NOW)


def test_a_did_belongs_to_one_account(session: Session, district: District) -> None:
    district.admin.did = WALLET.did  # from before: never proved, so that it holds up nobody
    for user in (district.teacher, district.coach):
        challenge = begun(session, user)
        proof = check(signed(challenge), challenge)
        if user is district.teacher:
            dids.prove(session, proof=proof, actor=actor(user), now=NOW)
            continue
        with pytest.raises(Conflict) as refused:
            dids.prove(session, proof=proof, actor=actor(user), now=NOW)
        assert refused.value.code == "did_not_available"
        assert "account" not in refused.value.message


@pytest.mark.parametrize(
    ("did", "code"),
    [
        ("did:", "did_invalid"),
        ("key:z6Mk", "did_invalid"),
        ("did:web:x.example/path", "did_invalid"),
        ("did:key:z6Mk#key", "did_invalid"),
        ("did:web:", "did_invalid"),
        ("did:key:" + "z" * 500, "did_invalid"),
        ("did:example:1", "did_method_unsupported"),
    ],
)
def test_a_did_has_the_form_of_one(session: Session, district: District, did: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        begun(session, district.teacher, did)
    assert refused.value.code == code


def test_no_key_changes_a_did(session: Session, district: District) -> None:
    through = Actor("user", user_id=district.teacher.id, organisation_id=district.organisation.id, via="x")
    for change in (
        lambda: dids.begin(session, did=WALLET.did, actor=through, now=NOW),
        lambda: dids.remove(session, actor=through, now=NOW),
    ):
        with pytest.raises(Forbidden):
            change()
