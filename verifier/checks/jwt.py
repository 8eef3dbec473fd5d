"""The issuer and proof checks of a credential that is a compact JWS (Open Badges 3.0, section 8.3; VC-JOSE-COSE).

The key has to be found with the issuer: listed in its document, or in the key set at its address. A `jwk` in the header
only says which of those keys is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier import canonical
from verifier.checks.reading import OPEN_BADGES_TYPES, many, types
from verifier.checks.run import Run
from verifier.credential import Jws
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import datetimes, multikey
from verifier.formats.multikey import PublicKey
from verifier.proofs import jwt
from verifier.report import CheckId, CheckResult, Finding, Outcome, Severity
from verifier.resolvers import absolute

_SECTION = "Open Badges 3.0, section 8.3: JSON Web Token; W3C VC-JOSE-COSE, section 3"
#: Registered claims, which stand beside the credential and need no context (RFC 7519, section 4.1; RFC 7800).
REGISTERED_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"})
_SECONDS = 1  # NumericDate has whole seconds, validFrom may have a fraction


@dataclass(frozen=True, slots=True)
class _Found:
    key: PublicKey
    method: str
    source: str


def check_issuer(run: Run, token: Jws) -> CheckResult:
    """Whether the issuer lists the key that the token names.

    Raises:
        VerifierError: it does not.
        CouldNotCheck: the issuer's documents could not be had.
    """
    jwt.check_header(token)
    issuer = run.credential.issuer_id
    if issuer is None:
        raise VerifierError("issuer_missing", "The credential does not say who issued it.", pointer="/issuer")
    try:
        found = _find_key(run, issuer, token)
    except CouldNotCheck as error:
        if "jwk" not in token.header:
            raise
        raise CouldNotCheck(
            "key_self_asserted",
            f"The credential brings its own key. Only the issuer's documents could confirm it: {error.message}",
            details={"issuer": issuer, "cause": error.code},
        ) from error
    return CheckResult(
        CheckId.ISSUER,
        Outcome.PASSED,
        "issuer_key_listed",
        "The issuer's own document lists the key that signed this.",
        details={"issuer": issuer, "verificationMethod": found.method, "source": found.source},
        looked_at=f"the document of {issuer}",
        specification=_SECTION,
    )


def check_proof(run: Run, token: Jws) -> CheckResult:
    """Whether the signature is by that key, and whether the claims say the same as the credential.

    Raises:
        VerifierError: `proof_invalid`, `jwt_claim_mismatch`, `jwt_claim_malformed`, `not_yet_valid`, `expired`, ...
        CouldNotCheck: `proof_not_checked`, `proof_by_unconfirmed_key`.
    """
    jwt.check_header(token)
    issuer = run.credential.issuer_id
    if issuer is None:
        raise VerifierError("proof_missing", "Nobody has signed this credential.")
    # What contradicts itself is wrong, whoever signed it.
    warnings = _check_claims(run, token)
    _check_words(run)
    try:
        found = _find_key(run, issuer, token)
    except CouldNotCheck as error:
        asserted = token.header.get("jwk")
        if asserted is None:
            raise CouldNotCheck(
                "proof_not_checked",
                "The signature could not be checked, because the issuer's key could not be had.",
                details={"cause": error.code},
            ) from error
        jwt.verify(token, multikey.from_jwk(asserted))
        raise CouldNotCheck(
            "proof_by_unconfirmed_key",
            "The content fits the key that the credential brings along, but nobody has confirmed that key.",
        ) from error
    except VerifierError as error:
        raise VerifierError(
            "proof_not_by_issuer", "The signature is not by a key of the issuer.", details={"cause": error.code}
        ) from error
    jwt.verify(token, found.key)
    algorithm = token.header["alg"]
    return CheckResult(
        CheckId.PROOF,
        Outcome.PASSED,
        "proof_valid",
        "The content is exactly what the issuer signed.",
        details={"suite": algorithm, "verificationMethod": found.method},
        findings=tuple(warnings),
        looked_at=f"the JSON Web Token ({algorithm}, typ {jwt.type_of(token)})",
        specification=_SECTION,
    )


def _find_key(run: Run, issuer: str, token: Jws) -> _Found:
    """By the issuer's document; for an https issuer also by its key set. One of the two is enough."""
    failure: VerifierError | None = None
    unknown: CouldNotCheck | None = None
    ways = [_in_document] + ([_in_key_set] if issuer.startswith("https://") else [])
    for way in ways:
        try:
            return way(run, issuer, token)
        except CouldNotCheck as error:
            unknown = unknown or error
        except VerifierError as error:
            # That a key is no longer good says more than that one of the two does not know it.
            failure = error if failure is None or error.code in ("key_revoked", "key_expired") else failure
    raise unknown or failure or RuntimeError("there is always one way")


def _in_document(run: Run, issuer: str, token: Jws) -> _Found:
    kid = token.header.get("kid")
    if kid is not None:
        method = absolute(kid, issuer) or kid
        listed = run.keys.find(issuer, method)
        return _Found(multikey.of_method(listed.method), listed.id, listed.source)
    wanted = multikey.from_jwk(token.header["jwk"]) if "jwk" in token.header else None
    controller = run.keys.document(issuer)
    entries = many(controller.document.get("assertionMethod"))
    if wanted is None and len(entries) != 1:
        raise VerifierError("key_not_named", "The token does not say which key it was signed with.", pointer="/kid")
    for entry in entries[:64]:
        method = absolute(entry.get("id") if isinstance(entry, Mapping) else entry, issuer) or ""
        try:
            listed = run.keys.find(issuer, method)
            key = multikey.of_method(listed.method)
        except VerifierError:
            continue  # another entry may be the one
        if wanted is None or key == wanted:
            return _Found(key, listed.id, listed.source)
    raise VerifierError(
        "key_not_listed", "The issuer's own document does not list the key that signed this for issuing credentials."
    )


def _in_key_set(run: Run, issuer: str, token: Jws) -> _Found:
    """Open Badges 3.0: `kid` is the address of a JWK, or the header has a `jwk`; the issuer's key set must hold it."""
    keys = run.keys.key_set(issuer).keys
    kid = token.header.get("kid")
    if kid is None and "jwk" not in token.header:
        raise VerifierError("key_not_named", "The token does not say which key it was signed with.", pointer="/kid")
    named = [key for key in keys if kid is not None and key.get("kid") == kid]
    if len(named) > 1:
        raise VerifierError("key_ambiguous", "The issuer's document describes two keys under one name.")
    if named:
        wanted = multikey.from_jwk(named[0])
    elif kid is not None:
        # `kid` outranks `jwk`, as in the official validator.
        wanted = multikey.from_jwk(run.keys.fetch(kid))
    else:
        wanted = multikey.from_jwk(token.header["jwk"])
    for key in keys:
        if key.get("use") == "enc":
            continue
        try:
            same = multikey.from_jwk(key) == wanted
        except VerifierError:
            continue  # a kind of key that is not known here is not the one
        if same:
            _check_against_document(run, issuer, wanted)
            return _Found(wanted, kid or str(key.get("kid", "")), f"the key set of {issuer}")
    raise VerifierError("key_not_listed", "The issuer's set of keys does not hold the key that signed this.")


def _check_against_document(run: Run, issuer: str, key: PublicKey) -> None:
    """What the issuer's own document says outranks the key set, which is that of a whole host with all its issuers:
    a key that the document calls revoked is revoked, and a set that does not name the issuer adds none to its keys.

    Raises:
        VerifierError: `key_revoked`, `key_expired`, `key_not_listed`, ...
    """
    try:
        controller = run.keys.document(issuer)
    except VerifierError:
        return  # an issuer that publishes a key set alone
    listed = many(controller.document.get("assertionMethod"))
    for entry in [*listed, *many(controller.document.get("verificationMethod"))][:128]:
        method = absolute(entry.get("id") if isinstance(entry, Mapping) else entry, issuer) or ""
        try:
            known = multikey.of_method(entry) if isinstance(entry, Mapping) else None
        except VerifierError:
            continue
        if known == key:
            run.keys.find(issuer, method)
            return
    if listed and not run.keys.key_set(issuer).names_issuer:
        raise VerifierError(
            "key_not_listed",
            "The issuer's own document does not list the key that signed this for issuing credentials.",
            details={"source": controller.source},
        )


def _check_claims(run: Run, token: Jws) -> list[Finding]:
    """Claims must not say anything else than the credential (Open Badges 3.0, section 8.3.2)."""
    payload, document = token.payload, run.credential.document
    expected = jwt.claims_for(document)
    subjects = many(document.get("credentialSubject"))
    for name in ("iss", "sub", "jti"):
        if name in payload and payload[name] != expected.get(name):
            same_by_list = name == "sub" and any(
                isinstance(subject, Mapping) and subject.get("id") == payload[name] for subject in subjects
            )
            if not same_by_list:
                raise VerifierError(
                    "jwt_claim_mismatch",
                    "The token says something else than the credential in it.",
                    pointer=f"/{name}",
                    details={"claim": name},
                )
    for name in ("nbf", "exp"):
        if name in payload:
            _check_time(run, token, name, expected.get(name))
    if jwt.is_jose_form(token):
        return []
    missing = sorted(expected.keys() - payload.keys())
    return [
        Finding("jwt_claim_missing", f"The token does not repeat “{name}” as a claim.", Severity.WARNING, f"/{name}")
        for name in missing
    ]


def _check_words(run: Run) -> None:
    """The signature covers every byte, but a word that no context defines means nothing to anybody."""
    document = {name: value for name, value in run.credential.document.items() if name not in REGISTERED_CLAIMS}
    is_badge = bool(OPEN_BADGES_TYPES & {t for t in types(document) if isinstance(t, str)})
    canonical.quads(document, limits=run.limits, inline_contexts_allowed=not is_badge)


def _check_time(run: Run, token: Jws, name: str, stated: float | None) -> None:
    value = token.payload[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise VerifierError("jwt_claim_malformed", f"The claim “{name}” is not a number.", pointer=f"/{name}")
    # In VC-JOSE-COSE these claims are about the signature and may differ from the credential's dates.
    if not jwt.is_jose_form(token) and stated is not None and abs(value - stated) > _SECONDS:
        raise VerifierError(
            "jwt_claim_mismatch",
            "The token says something else than the credential in it.",
            pointer=f"/{name}",
            details={"claim": name},
        )
    now, skew = run.now.timestamp(), run.limits.clock_skew
    if name == "nbf" and now + skew < value:
        raise VerifierError("jwt_not_yet_valid", "The token is not valid yet.", pointer="/nbf")
    if name == "exp" and now - skew > value:
        raise VerifierError(
            "jwt_expired", f"The token is no longer valid at {datetimes.render(run.now)}.", pointer="/exp"
        )
