"""JSON Web Tokens: algorithms, headers and claims that a careless reader falls for."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from tests.attacks.asset import Asset
from tests.simulator import Issuer, TestSigner, World
from verifier.formats import multibase, multikey
from verifier.proofs.jwt import claims_for, secure_jwt


def assets(world: World, school: Issuer) -> Iterator[Asset]:
    kid = school.signer.verification_method
    good = {"alg": "EdDSA", "typ": "JWT", "kid": kid}
    badge = school.badge()
    payload = {**badge, **claims_for(badge)}

    def token(header: dict[str, Any], body: dict[str, Any] = payload, signature: bytes | None = None) -> bytes:
        parts = [multibase.base64url_encode(json.dumps(part).encode()) for part in (header, body)]
        signing_input = ".".join(parts).encode()
        signature = school.signer.sign(signing_input) if signature is None else signature
        return signing_input + b"." + multibase.base64url_encode(signature).encode()

    def bad(name: str, data: bytes, code: str, check: str = "issuer") -> Asset:
        return Asset(f"token_{name}.jws", data, "failed", check, code)

    yield Asset("good_token.jws", token(good))
    yield Asset("good_token_of_joses_form.jws", secure_jwt(badge, school.signer, form="vc+jwt"))
    for name, algorithm in (
        ("none", "none"),
        ("none_upper_case", "NONE"),
        ("rsa_with_sha1", "RS1"),
        ("es256k", "ES256K"),
    ):
        yield bad(f"alg_{name}", token({**good, "alg": algorithm}, signature=b""), "jws_algorithm_not_allowed")
    secret = school.signer.public.raw
    text = token({**good, "alg": "HS256"}, signature=b"").rstrip(b".")
    mac = hmac.digest(secret, text, hashlib.sha256)
    yield bad("hmac_with_the_public_key", token({**good, "alg": "HS256"}, signature=mac), "jws_algorithm_not_allowed")
    for algorithm in ("ES256", "ES384", "RS256"):
        yield bad(f"alg_confused_{algorithm.lower()}", token({**good, "alg": algorithm}), "key_type_mismatch", "proof")
    yield bad("alg_missing", token({k: v for k, v in good.items() if k != "alg"}), "jws_malformed", "structure")
    yield bad("b64_false", token({**good, "b64": False, "crit": ["b64"]}), "jws_critical_header", "structure")
    for name in ("jku", "x5u", "x5c", "x5t", "zip", "cty"):
        yield bad(f"header_{name}", token({**good, name: "https://evil.example/key"}), "jws_header_not_allowed")
    yield bad("typ_of_access_token", token({**good, "typ": "at+jwt"}), "jws_type_not_allowed")
    thief = TestSigner("thief")
    own_key = {"jwk": multikey.to_jwk(thief.public)}
    yield bad("key_in_header", secure_jwt(badge, thief, **own_key), "key_not_listed")
    yield bad("key_private", token({**good, "jwk": {**own_key["jwk"], "d": "AAAA"}}), "private_key_published")
    yield bad("kid_of_another", secure_jwt(badge, thief), "key_not_listed")
    yield bad("kid_in_fragment", secure_jwt(badge, TestSigner("thief", school.id)), "key_not_listed")
    yield bad("kid_not_text", token({**good, "kid": {"x": 1}}), "jws_header_not_allowed")
    yield bad("kid_as_path", token({**good, "kid": "../../../../etc/passwd"}), "key_not_listed")
    yield bad("signature_empty", token(good, signature=b""), "proof_malformed", "proof")
    yield bad("signature_of_zeros", token(good, signature=bytes(64)), "proof_invalid", "proof")
    padded = token(good) + b"=="
    yield bad("padded", padded, "not_json", "structure")
    yield bad("four_parts", token(good) + b".e30", "not_json", "structure")
    changed = {**payload, "name": "Doctor"}
    yield bad(
        "changed",
        token(good, changed, signature=multibase.base64url_decode(token(good).decode().rpartition(".")[2])),
        "proof_invalid",
        "proof",
    )
    for name, claim in (
        ("iss", "did:web:evil.example"),
        ("sub", "did:example:else"),
        ("jti", "urn:else"),
        ("nbf", 5),
        ("exp", 5),
    ):
        yield bad(f"claim_{name}_of_another", token(good, {**payload, name: claim}), "jwt_claim_mismatch", "proof")
    yield bad("claim_exp_as_text", token(good, {**payload, "exp": "2030"}), "jwt_claim_malformed", "proof")
    vc = token({**good, "typ": "vc+jwt"}, {"vc": badge, "iss": school.id})
    yield bad("vc_claim_under_new_type", vc, "jws_claims_malformed", "structure")
    yield bad("vc_claim_not_an_object", token(good, {"vc": "x", "iss": school.id}), "jws_claims_malformed", "structure")
    yield bad("word_without_context", token(good, {**payload, "approved": True}), "undefined_term", "proof")
    both = {**badge, "issuer": {**badge["issuer"], "id": "did:web:evil.example"}}
    inner = {"vc": both, **claims_for(badge)}
    yield Asset("token_vc_of_another_issuer.jws", token(good, inner), "failed", "proof", "jwt_claim_mismatch")
    world.publish("https://evil.example/key", multikey.to_jwk(thief.public))
    yield bad("kid_leads_to_a_key", secure_jwt(badge, thief, key_id="https://evil.example/key"), "key_not_listed")
