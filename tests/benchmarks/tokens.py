"""Credentials as JSON Web Tokens, against what the machine needs for the bare signature."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from tests.benchmarks import badge
from tests.benchmarks.timing import Row, measure
from verifier import Verifier, policy
from verifier.formats import jws, multibase, multikey
from verifier.formats.multikey import PublicKey
from verifier.proofs import jwt
from verifier.report import Verdict


@dataclass(frozen=True)
class Token:
    """One algorithm: a badge signed with it, and the bare check of the same signature over the same bytes."""

    name: str
    text: bytes
    key: PublicKey
    issuer: str
    bare: Callable[[], object]


def _es256() -> Token:
    private = ec.derive_private_key(7, ec.SECP256R1())

    def sign(payload: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(payload, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    token = _token("P-256", private.public_key(), sign)
    parsed = jws.split(token.text)
    r, s = (int.from_bytes(half) for half in (parsed.signature[:32], parsed.signature[32:]))
    signature, public = encode_dss_signature(r, s), private.public_key()
    return _with_bare(token, lambda: public.verify(signature, parsed.signing_input, ec.ECDSA(hashes.SHA256())))


def _rs256() -> Token:
    private = rsa.generate_private_key(65537, 2048)
    token = _token(
        "RSA", private.public_key(), lambda payload: private.sign(payload, padding.PKCS1v15(), hashes.SHA256())
    )
    parsed, public = jws.split(token.text), private.public_key()
    return _with_bare(
        token, lambda: public.verify(parsed.signature, parsed.signing_input, padding.PKCS1v15(), hashes.SHA256())
    )


def _eddsa() -> Token:
    token = _token("Ed25519", badge.PRIVATE.public_key(), badge.PRIVATE.sign)
    parsed, public = jws.split(token.text), badge.PRIVATE.public_key()
    return _with_bare(token, lambda: public.verify(parsed.signature, parsed.signing_input))


def _with_bare(token: Token, bare: Callable[[], object]) -> Token:
    return Token(token.name, token.text, token.key, token.issuer, bare)


def _token(kind: str, public: object, sign: Callable[[bytes], bytes]) -> Token:
    key = multikey.from_cryptography(public)
    text = multibase.base64url_encode(json.dumps(multikey.to_jwk(key)).encode())
    issuer = f"did:jwk:{text}"
    unsigned: dict[str, Any] = badge.unsigned(issuer=issuer)
    del unsigned["credentialStatus"]

    class Signer:
        verification_method = f"{issuer}#0"
        algorithm = kind

        @staticmethod
        def sign(payload: bytes) -> bytes:
            return sign(payload)

    return Token(kind, jwt.secure_jwt(unsigned, Signer()), key, issuer, lambda: None)


def _signature_alone(token: Token) -> None:
    parsed = jws.split(token.text)
    jwt.check_header(parsed)
    jwt.verify(parsed, token.key)


def whole_verification() -> Callable[[], object]:
    """One verification of an RS256 token, with every check."""
    token, verifier = _rs256(), Verifier()
    trust = policy.TrustedIssuers(token.issuer)
    return lambda: verifier.verify(token.text, trust, now=badge.NOW)


def rows() -> list[tuple[str, Row, Row, Row]]:
    """By algorithm: the bare signature, the token's signature, and a whole verification."""
    verifier, found = Verifier(), []
    for token in (_rs256(), _es256(), _eddsa()):
        trust = policy.TrustedIssuers(token.issuer)

        def whole(token: Token = token, trust: policy.Policy = trust) -> object:
            return verifier.verify(token.text, trust, now=badge.NOW)

        report = verifier.verify(token.text, trust, now=badge.NOW)
        if report.verdict is not Verdict.VERIFIED:
            raise SystemExit(f"the token of the benchmark does not verify: {report.problems}")
        found.append(
            (
                next(name for name, kind in jwt.ALGORITHMS.items() if kind == token.name),
                measure("bare", token.bare),
                measure("token", lambda token=token: _signature_alone(token)),
                measure("whole", whole),
            )
        )
    return found
