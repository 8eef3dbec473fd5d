"""Whether an Open Badges 2.0 assertion is what its issuer says it is: the hosted copy, or the signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from verifier.checks.open_badges_2.older_badge import OlderBadge
from verifier.checks.open_badges_2.reading import SPECIFICATION, address_of
from verifier.checks.reading import many
from verifier.errors import VerifierError
from verifier.report import CheckId, CheckResult, Outcome

#: Decided before any key is looked at. Open Badges 2.0 names RS256; the rest are its asymmetric relatives.
_KEY_TYPES: Mapping[str, str] = {"RS256": "RSA", "RS384": "RSA", "RS512": "RSA", "ES256": "EC", "ES384": "EC"}
_RSA_BITS = 2048
_PEM_BYTES = 16_384


def check_proof(badge: OlderBadge) -> CheckResult:
    return _signed(badge) if badge.is_signed else _hosted(badge)


def _hosted(badge: OlderBadge) -> CheckResult:
    section = f"{SPECIFICATION}, hosted verification"
    hosted = badge.hosted_copy
    changed = sorted(name for name in {*hosted, *badge.assertion} if hosted.get(name) != badge.assertion.get(name))
    # An issuer marks a revoked badge in the hosted copy; that is for the status check to say.
    changed = [name for name in changed if name not in ("revoked", "revocationReason")]
    looked_at = f"the copy at {hosted['id']}"
    if changed:
        return CheckResult(
            CheckId.PROOF,
            Outcome.FAILED,
            "differs_from_hosted",
            "The badge is not the one that its issuer hosts.",
            details={"members": changed[:20], "pointer": f"/{changed[0]}"},
            looked_at=looked_at,
            specification=section,
        )
    return CheckResult(
        CheckId.PROOF,
        Outcome.PASSED,
        "hosted_copy_agrees",
        "The badge is the one that its issuer hosts.",
        details={"suite": "hosted"},
        looked_at=looked_at,
        specification=section,
    )


def _signed(badge: OlderBadge) -> CheckResult:
    token = badge.run.credential.jws
    if token is None:
        raise RuntimeError("a signed badge has a token")
    algorithm = token.header["alg"]
    if algorithm not in _KEY_TYPES:
        raise VerifierError(
            "algorithm_not_allowed",
            "The badge is signed in a way that is not accepted.",
            details={"alg": str(algorithm)[:40]},
        )
    document = _key_document(badge)
    key = _public_key(document, algorithm)
    try:
        jws = JWS()
        jws.allowed_algs = [algorithm]
        jws.deserialize(badge.run.credential.text.decode("ascii"), key)
    except (JWException, ValueError) as error:
        raise VerifierError(
            "proof_invalid", "The signature does not match: the badge was changed or forged."
        ) from error
    return CheckResult(
        CheckId.PROOF,
        Outcome.PASSED,
        "signature_valid",
        "The signature is by a key that the issuer's profile lists.",
        details={"suite": algorithm, "verificationMethod": document["id"]},
        looked_at=f"the signature and the key at {document['id']}",
        specification=f"{SPECIFICATION}, signed verification",
    )


def _key_document(badge: OlderBadge) -> Mapping[str, Any]:
    """The key the assertion names, if the issuer's own profile lists it and the key names the issuer as its owner."""
    listed = [address_of(entry) for entry in many(badge.issuer.get("publicKey"))]
    verification = badge.assertion.get("verification")
    stated = address_of(verification.get("creator")) if isinstance(verification, Mapping) else None
    wanted = stated if stated is not None else next((entry for entry in listed if entry), None)
    if wanted is None or wanted not in listed:
        raise VerifierError(
            "key_not_listed",
            "The issuer's own profile does not list the key that signed this.",
            pointer="/verification/creator",
            details={"creator": str(wanted)[:200]},
        )
    document = badge.fetch(wanted, "/verification/creator")
    if document.get("owner") != badge.issuer["id"]:
        raise VerifierError(
            "key_controller_mismatch",
            "The key that signed this belongs to somebody else than the issuer.",
            details={"owner": str(document.get("owner"))[:200]},
        )
    return document


def _public_key(document: Mapping[str, Any], algorithm: str) -> JWK:
    pem = document.get("publicKeyPem")
    if not isinstance(pem, str) or len(pem) > _PEM_BYTES or "PRIVATE" in pem:
        raise VerifierError("key_malformed", "The issuer's key cannot be read.")
    try:
        key = JWK.from_pem(pem.encode("utf-8", "replace"))
        facts = key.export_public(as_dict=True)
    except (JWException, ValueError, TypeError) as error:
        raise VerifierError("key_malformed", "The issuer's key cannot be read.") from error
    if facts.get("kty") != _KEY_TYPES[algorithm]:
        raise VerifierError("key_type_mismatch", "The issuer's key is not of the kind that the signature claims.")
    if facts["kty"] == "RSA" and key.get_op_key("verify").key_size < _RSA_BITS:
        raise VerifierError("key_too_weak", f"The issuer's key has fewer than {_RSA_BITS} bits.")
    return key
