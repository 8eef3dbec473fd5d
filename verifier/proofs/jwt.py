"""Credentials secured as a compact JWS: the VC-JWT form of Open Badges 3.0 and that of VC-JOSE-COSE.

    Open Badges 3.0, section 8.3: the payload is the credential with `iss`, `sub`, `jti`, `nbf` and `exp`; `typ` JWT.
    W3C Securing Verifiable Credentials using JOSE and COSE, section 3: the payload is the credential; `typ` vc+jwt.

To check one, with a key that the caller found in the issuer's own documents:

    check_header(token)
    verify(token, key)

To make one: `secure_jwt(document, signer)`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from verifier.credential import Jws
from verifier.errors import VerifierError
from verifier.formats import datetimes, jws, multibase
from verifier.formats.multikey import KeyKind, PublicKey
from verifier.proofs import signatures
from verifier.proofs.suite import Signer

Form = Literal["JWT", "vc+jwt"]

#: What may sign, and the only kind of key that it may be tried with. `none` and HMAC are not here, so they never are.
ALGORITHMS: Mapping[str, KeyKind] = MappingProxyType(
    {"RS256": "RSA", "ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519", "Ed25519": "Ed25519"}
)
_BY_KIND: Mapping[str, str] = {"RSA": "RS256", "P-256": "ES256", "P-384": "ES384", "Ed25519": "EdDSA"}
#: Open Badges 3.0, section 8.3.1: no other headers. VC-JOSE-COSE adds `cty` and may name the issuer.
_HEADERS = frozenset({"alg", "kid", "jwk", "typ"})
_JOSE_HEADERS = _HEADERS | {"cty", "iss"}
_JOSE_TYPES = frozenset({"vc+jwt", "vc+ld+jwt", "vp+jwt", "vp+ld+jwt"})
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def type_of(token: Jws) -> str:
    """`typ` in lower case without `application/`; "jwt" if there is none."""
    typ = token.header.get("typ", "JWT")
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else ""


def is_jose_form(token: Jws) -> bool:
    """Whether the payload is itself the credential, and `nbf` and `exp` speak of the signature (VC-JOSE-COSE)."""
    return type_of(token) in _JOSE_TYPES


def check_header(token: Jws) -> None:
    """The header, before any key is looked for.

    Raises:
        VerifierError: `jws_algorithm_not_allowed`, `jws_type_not_allowed`, `jws_header_not_allowed`,
            `private_key_published`.
    """
    header = token.header
    if header.get("alg") not in ALGORITHMS:
        raise VerifierError(
            "jws_algorithm_not_allowed",
            "The token is signed in a way that is not accepted.",
            pointer="/alg",
            details={"alg": str(header.get("alg"))[:40]},
        )
    if type_of(token) != "jwt" and not is_jose_form(token):
        raise VerifierError("jws_type_not_allowed", "The token is of a type that holds no credential.", pointer="/typ")
    unknown = sorted(header.keys() - (_JOSE_HEADERS if is_jose_form(token) else _HEADERS))
    if unknown:
        raise VerifierError(
            "jws_header_not_allowed",
            f"The token has a header “{unknown[0][:40]}” that a credential must not have.",
            pointer=f"/{unknown[0]}",
        )
    for name in ("kid", "cty", "iss"):
        if name in header and not isinstance(header[name], str):
            raise VerifierError("jws_header_not_allowed", f"The header “{name}” is not a text.", pointer=f"/{name}")
    key = header.get("jwk")
    if key is not None and not isinstance(key, Mapping):
        raise VerifierError("jws_header_not_allowed", "The header “jwk” is not a key.", pointer="/jwk")
    if isinstance(key, Mapping) and _PRIVATE & key.keys():
        raise VerifierError("private_key_published", "The token gives away a private key.", pointer="/jwk")


def verify(token: Jws, key: PublicKey) -> None:
    """Nothing, if the signature is one by `key` with exactly the algorithm that the header names.

    Raises:
        VerifierError: `jws_algorithm_not_allowed`, `key_type_mismatch`, `proof_invalid`, `proof_malformed`.
    """
    kind = ALGORITHMS.get(token.header["alg"])
    if kind is None:
        raise VerifierError("jws_algorithm_not_allowed", "The token is signed in a way that is not accepted.")
    if key.kind != kind:
        raise VerifierError(
            "key_type_mismatch",
            "The key is not of the kind that this signature needs.",
            details={"alg": token.header["alg"], "key": key.kind},
        )
    found = key.key
    if not isinstance(found, rsa.RSAPublicKey):
        signatures.check(key, token.signing_input, token.signature)
        return
    try:
        found.verify(token.signature, token.signing_input, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as cause:
        raise VerifierError("proof_invalid", "The signature does not belong to this content and this key.") from cause


def claims_for(document: Mapping[str, Any]) -> dict[str, Any]:
    """The registered claims that say the same as the credential (Open Badges 3.0, section 8.3.2).

    Raises:
        VerifierError: `date_malformed`, `date_without_zone`.
    """
    issuer, subject = document.get("issuer"), document.get("credentialSubject")
    claims: dict[str, Any] = {
        "iss": issuer.get("id") if isinstance(issuer, Mapping) else issuer,
        "sub": subject.get("id") if isinstance(subject, Mapping) else None,
        "jti": document.get("id"),
    }
    for claim, names in (("nbf", ("validFrom", "issuanceDate")), ("exp", ("validUntil", "expirationDate"))):
        stated = next((document[name] for name in names if name in document), None)
        if stated is not None:
            claims[claim] = int(datetimes.parse(stated).timestamp())
    return {name: value for name, value in claims.items() if value is not None}


def secure_jwt(
    document: Mapping[str, Any],
    signer: Signer,
    *,
    form: Form = "JWT",
    key_id: str | None = None,
    jwk: Mapping[str, str] | None = None,
) -> bytes:
    """`document` as a compact JWS.

    Args:
        document: a credential without proof.
        signer: an RSA `signer` (`algorithm` "RSA") makes RSASSA-PKCS1-v1_5 with SHA-256.
        form: "JWT" for Open Badges 3.0, with claims beside the credential; "vc+jwt" for VC-JOSE-COSE.
        key_id: `kid`: the verification method by default.
        jwk: the public key, written into the header instead of `kid`.

    Raises:
        VerifierError: a date of the credential is malformed.
        ValueError: the signer's kind of key makes no JWS, or the document has a proof.
    """
    algorithm = _BY_KIND.get(str(signer.algorithm))
    if algorithm is None or "proof" in document:
        raise ValueError("no JWS can be made of this")
    header: dict[str, Any] = {"alg": algorithm, "typ": form}
    if form == "vc+jwt":
        header["cty"] = "vc"
    header |= {"jwk": dict(jwk)} if jwk is not None else {"kid": key_id or signer.verification_method}
    payload = {**document, **claims_for(document)} if form == "JWT" else dict(document)
    parts = (json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode() for part in (header, payload))
    signing_input = ".".join(multibase.base64url_encode(part) for part in parts).encode("ascii")
    return jws.join(signing_input, signer.sign(signing_input))
