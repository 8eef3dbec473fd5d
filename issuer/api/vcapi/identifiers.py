"""`GET /vc-api/identifiers/<DID>`: DID resolution over HTTP (W3C DID Resolution, section on HTTP binding; did:key 0.9).

did:key and did:jwk are read off themselves; did:web is fetched, with the guards of the verifier. The names of errors
are those of the did:key specification and its test suite; each also carries the type that DID Resolution defines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, Response, current_app, request

from issuer.api.vcapi.answers import answer
from issuer.runtime import Runtime
from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Fetcher
from verifier.formats import multibase
from verifier.limits import DEFAULT_LIMITS
from verifier.resolvers import Keys

_RESULT_TYPE = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_DID_TYPE = "application/did+ld+json"
_CONTEXT = "https://w3id.org/did-resolution/v1"
_CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
_DID = re.compile(r"did:([a-z0-9]+):([A-Za-z0-9._:%-]*[A-Za-z0-9._%-])", re.ASCII)
#: A path, query or fragment of a DID URL (RFC 3986).
_REST = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?(#[A-Za-z0-9._~:@%/?-]*)?")
_METHODS = ("key", "jwk", "web")
#: Forms of keys that the specifications know and that are not written here.
_OTHER_FORMATS = (
    "JsonWebKey",
    "JsonWebKey2020",
    "Ed25519VerificationKey2018",
    "Ed25519VerificationKey2020",
    "EcdsaSecp256k1VerificationKey2019",
    "X25519KeyAgreementKey2019",
    "X25519KeyAgreementKey2020",
)
#: Raw bytes behind the multicodec prefix of public keys, for telling a wrong length from no key at all.
_LENGTHS: Mapping[bytes, int] = {b"\xed\x01": 32, b"\x80\x24": 33, b"\x81\x24": 49, b"\xec\x01": 32}


class _Unresolved(Exception):
    """`error` as the did:key specification names it; `kind` as DID Resolution does."""

    def __init__(self, error: str, kind: str, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.error, self.kind, self.detail, self.status = error, kind, detail, status


def add_to(blueprint: Blueprint) -> None:
    blueprint.get("/identifiers/<path:identifier>")(resolve)


def resolve(identifier: str) -> Response:
    """A resolution result; the bare document for who accepts only that; the part that a DID URL names."""
    if request.query_string and not _asks_by_query():
        identifier += "?" + request.query_string.decode("ascii", "replace")
    dereferencing = bool(set(identifier) & set("/?#"))
    metadata_name = "didDereferencingMetadata" if dereferencing else "didResolutionMetadata"
    try:
        did, fragment = _parts(identifier)
        document = _document(did)
        _check_format()
        found = _part(document, did, fragment) if fragment else document
    except _Unresolved as error:
        problem = {
            "type": f"https://www.w3.org/ns/did#{error.kind}",
            "title": error.kind.replace("_", " ").capitalize(),
            "detail": error.detail,
        }
        result = {
            "@context": _CONTEXT,
            # "Empty", as DID Resolution asks; the did:key suite wants it to be there all the same.
            "didDocument": {},
            "didDocumentMetadata": {},
            metadata_name: {"error": error.error, "problemDetails": problem},
        }
        return answer(result, error.status, _RESULT_TYPE)
    accepted = request.accept_mimetypes
    if (
        not dereferencing
        and accepted.best_match([_RESULT_TYPE.partition(";")[0], _DID_TYPE, "application/json"]) == _DID_TYPE
    ):
        return answer(found, 200, _DID_TYPE)
    result = {
        "@context": _CONTEXT,
        "didDocument": found,
        "didDocumentMetadata": {},
        metadata_name: {"contentType": _DID_TYPE},
    }
    return answer(result, 200, _RESULT_TYPE)


def _asks_by_query() -> bool:
    """Whether the query is about the resolution and no part of a DID URL."""
    return request.args.keys() <= {"publicKeyFormat", "enableExperimentalPublicKeyTypes", "accept"}


def _parts(identifier: str) -> tuple[str, str]:
    """The DID and the fragment, "" if there is none."""
    match = re.match(r"[^/?#]*", identifier)
    did = match[0] if match else ""
    rest = identifier[len(did) :]
    found = _DID.fullmatch(did)
    if found is None or len(did) > 4096:
        raise _Unresolved("invalidDid", "INVALID_DID", "This is no DID.")
    if found[1] not in _METHODS:
        # The did:key specification knows no method but its own, so its suite expects this name.
        raise _Unresolved("invalidDid", "METHOD_NOT_SUPPORTED", f"DIDs of the method {found[1][:40]} are not resolved.")
    if not _REST.fullmatch(rest):
        raise _Unresolved("invalidDidUrl", "INVALID_DID_URL", "What follows the DID is no part of a URL.")
    return did, rest.partition("#")[2]


def _document(did: str) -> dict[str, Any]:
    if did.startswith("did:key:"):
        _check_did_key(did.removeprefix("did:key:"))
    runtime = cast(Runtime, current_app.extensions["badgewright"])
    fetcher = cast(Fetcher, current_app.extensions["badgewright_fetcher"])
    try:
        document = dict(Keys(fetcher, DEFAULT_LIMITS, runtime.clock()).document(did).document)
    except CouldNotCheck as error:
        raise _Unresolved("notFound", "NOT_FOUND", error.message, 404) from error
    except VerifierError as error:
        if error.code == "did_malformed":
            raise _Unresolved("invalidDid", "INVALID_DID", error.message) from error
        raise _Unresolved("invalidDidDocument", "INVALID_DID_DOCUMENT", error.message) from error
    if did.startswith("did:jwk:") and not isinstance(document["verificationMethod"][0]["publicKeyJwk"].get("kty"), str):
        raise _Unresolved("invalidDid", "INVALID_DID", "The did:jwk does not hold a key.")
    return document if "@context" in document else {"@context": _CONTEXTS, **document}


def _check_did_key(text: str) -> None:
    if not text.startswith("z"):
        raise _Unresolved("invalidDid", "INVALID_DID", "A did:key is written in base58btc.")
    try:
        data = multibase.decode(text[:256])
    except VerifierError as error:
        raise _Unresolved("invalidDid", "INVALID_DID", "A did:key is written in base58btc.") from error
    length = _LENGTHS.get(data[:2])
    if length is None:
        # Whatever is too short for every kind of key has the wrong length, whichever was meant.
        if len(data) < 2 + min(_LENGTHS.values()):
            raise _Unresolved("invalidPublicKeyLength", "INVALID_PUBLIC_KEY_LENGTH", "The key has the wrong length.")
        raise _Unresolved("unsupportedPublicKeyType", "UNSUPPORTED_PUBLIC_KEY_TYPE", "This kind of key is not known.")
    if len(data) != 2 + length:
        raise _Unresolved("invalidPublicKeyLength", "INVALID_PUBLIC_KEY_LENGTH", "The key has the wrong length.")


def _check_format() -> None:
    """did:key documents write their key as Multikey; other forms are refused, by the names of the specification."""
    wanted = request.args.get("publicKeyFormat", "Multikey")
    if wanted in _OTHER_FORMATS:
        raise _Unresolved("invalidPublicKeyType", "INVALID_PUBLIC_KEY_TYPE", "Keys are not written in this form here.")
    if wanted != "Multikey":
        raise _Unresolved("unsupportedPublicKeyType", "UNSUPPORTED_PUBLIC_KEY_TYPE", "This form of keys is not known.")


def _part(document: Mapping[str, Any], did: str, fragment: str) -> dict[str, Any]:
    """The verification method that the fragment names, with the document's context."""
    for method in document.get("verificationMethod") or []:
        if isinstance(method, Mapping) and method.get("id") in (f"{did}#{fragment}", f"#{fragment}"):
            return {"@context": document["@context"], **method}
    raise _Unresolved("notFound", "NOT_FOUND", "The document has no such part.", 404)
