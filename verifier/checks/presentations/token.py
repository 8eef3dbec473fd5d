"""Presentations that are a compact JWS: the `vp` claim of VCDM 1.1, or VC-JOSE-COSE (`typ` vp+jwt)."""

from __future__ import annotations

from verifier import canonical
from verifier.checks.jwt import REGISTERED_CLAIMS
from verifier.checks.presentations.presented import Presented, domains, without_credentials
from verifier.credential import Jws
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import datetimes, multikey
from verifier.proofs import jwt
from verifier.report import CheckId, CheckResult, Outcome
from verifier.resolvers import ResolvedKey, absolute

SECTION = "W3C VC-JOSE-COSE, section 3.2; VCDM 1.1, section 6.3.1"


def _token(presented: Presented) -> Jws:
    token = presented.run.credential.jws
    if token is None:
        raise RuntimeError("the presentation is no token")
    return token


def _find_key(presented: Presented, token: Jws) -> tuple[str, ResolvedKey]:
    """The holder, and the holder's key that `kid` names."""
    kid, issuer = token.header.get("kid"), token.payload.get("iss")
    holder = presented.holder or (issuer if isinstance(issuer, str) else "")
    method = absolute(kid, holder) if isinstance(kid, str) else None
    if method is None:
        raise VerifierError("key_not_named", "The token does not say which key it was signed with.", pointer="/kid")
    holder = holder or method.partition("#")[0]
    try:
        return holder, presented.run.keys.find(holder, method, relationship="authentication")
    except CouldNotCheck:
        raise
    except VerifierError as error:
        if error.code != "key_not_listed":
            raise
        # VC-JOSE-COSE names no relationship; a key for assertions signs presentations as well.
        return holder, presented.run.keys.find(holder, method)


def check_holder(presented: Presented) -> CheckResult:
    """Whether the holder's own document lists the key that the token names.

    Raises:
        VerifierError: it does not. CouldNotCheck: the document could not be had.
    """
    token = _token(presented)
    jwt.check_header(token)
    holder, key = _find_key(presented, token)
    presented.holder, presented.holder_found = holder, True
    return CheckResult(
        CheckId.ISSUER,
        Outcome.PASSED,
        "holder_key_listed",
        "The holder's own document lists the key that signed this presentation.",
        details={"holder": holder, "verificationMethod": key.id, "source": key.source},
        looked_at=f"the document of {holder}",
        specification="W3C Controlled Identifiers 1.0, section 3.3",
    )


def check_proof(presented: Presented) -> CheckResult:
    """The signature, the claims, and whether the token answers the caller's question (`nonce`, `aud`).

    Raises:
        VerifierError: `proof_invalid`, `jwt_claim_mismatch`, `challenge_mismatch`, `domain_mismatch`, ...
    """
    token, run = _token(presented), presented.run
    jwt.check_header(token)
    holder, key = _find_key(presented, token)
    if "iss" in token.payload and token.payload["iss"] != holder:
        raise VerifierError(
            "jwt_claim_mismatch",
            "The token says something else than the presentation in it.",
            pointer="/iss",
            details={"claim": "iss"},
        )
    request = run.request
    if request is not None:
        if request.challenge and token.payload.get("nonce") != request.challenge:
            raise VerifierError(
                "challenge_mismatch", "The presentation was not made in answer to your question.", pointer="/nonce"
            )
        if request.domain and request.domain not in domains(token.payload.get("aud")):
            raise VerifierError("domain_mismatch", "The presentation was made for somebody else.", pointer="/aud")
    jwt.verify(token, multikey.of_method(key.method))
    words = without_credentials(run.credential.document)
    words = {name: value for name, value in words.items() if name not in REGISTERED_CLAIMS}
    canonical.quads(words, limits=run.limits, inline_contexts_allowed=True)
    algorithm = token.header["alg"]
    return CheckResult(
        CheckId.PROOF,
        Outcome.PASSED,
        "presentation_proof_valid",
        "The presentation is exactly what the holder signed.",
        details={"suite": algorithm, "verificationMethod": key.id, "challenge": token.payload.get("nonce")},
        looked_at=f"the JSON Web Token ({algorithm}, typ {jwt.type_of(token)})",
        specification=SECTION,
    )


def check_validity(presented: Presented) -> CheckResult:
    """Presentations have no dates of their own; a token may have them.

    Raises:
        VerifierError: `jwt_claim_malformed`, `jwt_not_yet_valid`, `jwt_expired`.
    """
    run = presented.run
    token = run.credential.jws
    now, skew = run.now.timestamp(), run.limits.clock_skew
    for name in ("nbf", "exp") if token is not None else ():
        value = token.payload.get(name) if token is not None else None
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise VerifierError("jwt_claim_malformed", f"The claim “{name}” is not a number.", pointer=f"/{name}")
        if name == "nbf" and now + skew < value:
            raise VerifierError("jwt_not_yet_valid", "The token is not valid yet.", pointer="/nbf")
        if name == "exp" and now - skew > value:
            raise VerifierError(
                "jwt_expired", f"The token is no longer valid at {datetimes.render(run.now)}.", pointer="/exp"
            )
    return CheckResult(
        CheckId.VALIDITY,
        Outcome.PASSED,
        "in_time",
        "The presentation is in time.",
        looked_at=f"nbf and exp, against {datetimes.render(run.now)}",
        specification=SECTION,
    )
