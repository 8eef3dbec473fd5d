"""EmbeddedProofProbe and ExternalProofProbe: the signature, judged by the rules of the official validator.

It believes a key that is written into the fragment of the verificationMethod, without asking the issuer. That is copied
here because the lint says what the validator will say; `verifier.checks.issuer` never does so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from verifier import proofs
from verifier.checks.reading import objects
from verifier.credential import Credential, Jws
from verifier.errors import VerifierError
from verifier.fetch import Fetcher, FetchRefused
from verifier.formats import multikey
from verifier.formats.multikey import PublicKey
from verifier.limits import Limits
from verifier.lint.result import Message, NotChecked, error, fatal
from verifier.proofs import chains
from verifier.resolvers import Keys, self_asserted_key, web

_CRYPTOSUITES = frozenset({"eddsa-2022", "eddsa-rdfc-2022", "ecdsa-sd-2023"})
_TOKEN_ALGORITHMS = frozenset({"RS256", "ES256"})


@dataclass(frozen=True, slots=True)
class Room:
    """What a lint may use: the moment it judges for, and its way to documents elsewhere."""

    now: datetime
    fetcher: Fetcher
    limits: Limits


def signature(credential: Credential, room: Room) -> Iterator[Message]:
    """EmbeddedProofProbe for JSON, ExternalProofProbe for a JWT."""
    if credential.jws is not None:
        yield from _external_proof(credential.jws, credential.text, room)
    else:
        yield from embedded_proof(credential.document, room)


def embedded_proof(document: Mapping[str, Any], room: Room) -> Iterator[Message]:
    """The first proof of a kind that the validator supports; the others are not looked at."""
    found = [(place, item) for place, item in objects(document.get("proof"), "/proof") if isinstance(item, Mapping)]
    if not found:
        yield error("lint_proof_missing", "There is no proof.", "/proof")
        return
    chosen = next(((place, item) for place, item in found if _supported(item)), None)
    if chosen is None:
        yield error(
            "lint_proof_unsupported",
            "The validator supports eddsa-rdfc-2022, eddsa-2022, ecdsa-sd-2023 and Ed25519Signature2020, none of which "
            "is here.",
            "/proof",
        )
        return
    place, item = chosen
    if item.get("proofPurpose") != "assertionMethod":
        yield error("lint_proof_purpose", 'The proofPurpose must be "assertionMethod".', f"{place}/proofPurpose")
        return
    method = item.get("verificationMethod")
    if not isinstance(method, str) or not method:
        yield error("lint_proof_no_key", "The proof does not say with which key.", f"{place}/verificationMethod")
        return
    try:
        key, controller = _key(method, room)
    except FetchRefused as refused:
        raise NotChecked(refused.message) from refused
    except VerifierError as problem:
        yield error(
            "lint_key_unreadable", f"The key could not be read. {problem.message}", f"{place}/verificationMethod"
        )
        return
    issuer = document.get("issuer")
    if controller != (issuer.get("id") if isinstance(issuer, Mapping) else issuer):
        yield error(
            "lint_key_controller", "The controller of the key is not the issuer.", f"{place}/verificationMethod"
        )
    yield from _signature(document, item, key, place, room)


def _supported(item: Mapping[str, Any]) -> bool:
    if item.get("type") == "Ed25519Signature2020":
        return True
    return item.get("type") == "DataIntegrityProof" and str(item.get("cryptosuite")) in _CRYPTOSUITES


def _signature(
    document: Mapping[str, Any], item: Mapping[str, Any], key: PublicKey, place: str, room: Room
) -> Iterator[Message]:
    try:
        pairs = chains.signed_documents(document, limits=room.limits)
        signed = next(signed for candidate, signed in pairs if candidate is item)
        proofs.verify(signed, item, key, limits=room.limits, inline_contexts_allowed=True)
    except VerifierError as problem:
        if problem.code == "cryptosuite_unsupported":
            raise NotChecked(f"The signature is not checked here: {problem.message}") from problem
        if problem.code in ("proof_invalid", "proof_malformed", "key_type_mismatch"):
            yield error("lint_proof_invalid", f"The signature does not hold. {problem.message}", place)
        else:
            yield fatal("lint_proof_unreadable", f"The validator stops at this proof. {problem.message}", place)


def _key(method: str, room: Room) -> tuple[PublicKey, str]:
    """The key and who controls it.

    Raises:
        VerifierError: there is no such key. FetchRefused: it could not be looked up by rule.
    """
    written_in = self_asserted_key(method)
    if written_in is not None:
        return multikey.decode(written_in), method.partition("#")[0]
    if method.startswith("did:"):
        resolved = Keys(room.fetcher, room.limits, room.now).find(method.partition("#")[0], method)
        return multikey.of_method(resolved.method), resolved.controller
    fetched = web.fetch_object(method, room.fetcher, room.limits)
    controller = fetched.get("controller")
    if not isinstance(controller, str):
        raise VerifierError("key_malformed", "The document of the key does not say who controls it.")
    return multikey.decode(fetched.get("publicKeyMultibase")), controller


def _external_proof(token: Jws, text: bytes, room: Room) -> Iterator[Message]:
    """ExternalProofProbe: RS256 or ES256, by the JWK in the header or the bare one at `kid`. No claim is compared."""
    algorithm = token.header.get("alg")
    if algorithm not in _TOKEN_ALGORITHMS:
        yield fatal("lint_token_algorithm", "The validator takes tokens signed with RS256 or ES256 only.")
        return
    try:
        jwk = _token_key(token.header, room)
        multikey.from_jwk(jwk)
        checked = JWS()
        checked.allowed_algs = [algorithm]
        checked.deserialize(text.decode("ascii"))
        checked.verify(JWK(**jwk), alg=algorithm)
    except FetchRefused as refused:
        raise NotChecked(refused.message) from refused
    except VerifierError as problem:
        yield fatal("lint_token_key", f"The key of the token could not be read. {problem.message}")
    except (JWException, ValueError, TypeError):
        yield fatal("lint_token_invalid", "The signature of the token does not hold.")
    yield from _token_times(token.payload, room.now)


def _token_key(header: Mapping[str, Any], room: Room) -> Mapping[str, Any]:
    kid, jwk = header.get("kid"), header.get("jwk")
    if isinstance(kid, str) and kid.startswith(("https://", "http://")):
        return web.fetch_object(kid, room.fetcher, room.limits)
    if isinstance(kid, str) and kid.startswith("did:"):
        method = Keys(room.fetcher, room.limits, room.now).find(kid.partition("#")[0], kid).method
        jwk = method.get("publicKeyJwk")
    if not isinstance(jwk, Mapping):
        raise VerifierError("key_malformed", "Neither jwk nor kid leads to a bare JWK.")
    return jwk


def _token_times(payload: Mapping[str, Any], now: datetime) -> Iterator[Message]:
    for name, wrong in (("exp", 1), ("nbf", -1)):
        moment = payload.get(name)
        if isinstance(moment, int | float) and (now.timestamp() - moment) * wrong > 0:
            yield fatal("lint_token_time", f"By its claim {name} the token does not hold at this moment.", f"/{name}")
