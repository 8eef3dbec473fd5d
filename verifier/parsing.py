"""Bytes to a `Credential`. Limits come first; what the bytes are is decided by their content, never by a name.

Only `VerifierError` leaves this module, whatever is handed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes

from verifier.credential import Credential, Jws
from verifier.errors import VerifierError
from verifier.formats import datetimes, json_text, jws, png, scan, svg
from verifier.limits import DEFAULT_LIMITS, Limits

JSON = "application/vc+ld+json"
JWT = "application/vc+jwt"
PNG = "image/png"
SVG = "image/svg+xml"
#: A note on a `Credential` whose document is not at hand: `document["id"]` says where it is.
ADDRESS_ONLY = "address_only"
_ADDRESS = re.compile(rb"\s*https?://[!-~]{1,2000}\s*")
#: VC-JOSE-COSE says vc+jwt and vp+jwt; the other names are met.
_ENVELOPE = re.compile(r"data:application/(?:v[cp](?:[+-]ld)?\+jwt|jwt)(?:;[a-z0-9=-]{1,20})?,", re.IGNORECASE)
_JOSE_TYPE = re.compile(r"(?:application/)?v[cp](?:\+ld)?\+jwt", re.IGNORECASE)
_ENVELOPED = ("EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation")
_ENVELOPE_MEMBERS = frozenset({"@context", "id", "type"})
_VCDM_2 = "https://www.w3.org/ns/credentials/v2"


def parse(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Credential:
    """The credential in `data`: JSON, a compact JWS, or a PNG or SVG image with one of them baked in.

    Raises:
        VerifierError: the codes of `verifier.formats`, and `empty`, `unknown_format`,
            `envelope_malformed`, `jws_claims_malformed`.
    """
    if scan.kind_of(data) not in (None, PNG):
        raise VerifierError("image_without_credential", "A badge cannot be baked into a file of this kind.")
    if data.startswith(png.SIGNATURE):
        baked_png = png.extract(data, limits=limits)
        if baked_png.keyword == png.OPEN_BADGES_2 and _ADDRESS.fullmatch(baked_png.text):
            return _address_only(data, baked_png.text, PNG)
        return _credential(data, baked_png.text, PNG, limits)
    text = data.removeprefix(b"\xef\xbb\xbf").strip() if len(data) <= limits.container_bytes else data
    if text.startswith(b"<"):
        baked_svg = svg.extract(data, limits=limits)
        if baked_svg.namespace == svg.OPEN_BADGES_2 and _ADDRESS.fullmatch(baked_svg.text):
            return _address_only(data, baked_svg.text, SVG)
        return _credential(data, baked_svg.text, SVG, limits)
    if len(data) > limits.credential_bytes:
        raise VerifierError(
            "too_large",
            f"The file is {len(data)} bytes long; a credential has at most {limits.credential_bytes}.",
            details={"max_bytes": limits.credential_bytes},
        )
    return _credential(data, text, "", limits)


def _address_only(raw: bytes, text: bytes, media_type: str) -> Credential:
    """An Open Badges 2.0 image may hold only the address of its badge (Open Badges 2.0, section on baking)."""
    document = {"type": "Assertion", "id": text.strip().decode("ascii")}
    return Credential(raw=raw, document=document, text=text, media_type=media_type, notes=(ADDRESS_ONLY,))


def _credential(raw: bytes, text: bytes, media_type: str, limits: Limits) -> Credential:
    text = text.strip()
    if not text:
        raise VerifierError("empty", "There is nothing in this file.")
    if text[:1] != b"{" and jws.looks_like(text):
        return _from_jws(raw, text, media_type or JWT, limits)
    if text[:1] not in b'{["' and text[:1] != b"\xef":
        json_text.loads(text, limits=limits)  # says what is wrong, if the text is not JSON at all
    document = json_text.load_object(text, limits=limits)
    if _is_enveloped(document):
        found = _from_jws(raw, _unwrap(document), media_type or JWT, limits)
        return _as_promised(found, document)
    if "@context" not in document and not any(_is_known(name) for name in _listed(document.get("type"))):
        raise VerifierError("unknown_format", "The file is JSON, but nothing in it says that it is a credential.")
    return Credential(raw=raw, document=document, text=text, media_type=media_type or JSON)


def _is_known(name: object) -> bool:
    """Whether a type is that of something to verify, whatever else may be missing from it."""
    return isinstance(name, str) and name.endswith(("Credential", "Presentation", "Assertion"))


def _is_enveloped(document: Mapping[str, Any]) -> bool:
    return any(name in _listed(document.get("type")) for name in _ENVELOPED)


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _as_promised(found: Credential, envelope: Mapping[str, Any]) -> Credential:
    """A credential out of an envelope for credentials, a presentation out of one for presentations."""
    promised = _ENVELOPED[1] in _listed(envelope.get("type"))
    if promised is not ("VerifiablePresentation" in _listed(found.document.get("type"))):
        raise VerifierError("envelope_malformed", "The envelope holds something else than it says.", pointer="/type")
    return found


def _unwrap(document: Mapping[str, Any]) -> bytes:
    """The JWS inside an EnvelopedVerifiableCredential or -Presentation (VCDM 2.0, sections 4.13.1 and 4.13.2)."""
    unknown = sorted(document.keys() - _ENVELOPE_MEMBERS)
    if unknown:
        raise VerifierError(
            "envelope_malformed",
            "The envelope has a member that nobody signed.",
            pointer="/" + unknown[0].replace("~", "~0").replace("/", "~1"),
        )
    if _VCDM_2 not in _listed(document.get("@context")):
        raise VerifierError("envelope_malformed", "The envelope does not name its vocabulary.", pointer="/@context")
    url = document.get("id")
    envelope = _ENVELOPE.match(url) if isinstance(url, str) else None
    if envelope is None:
        raise VerifierError("envelope_malformed", "The envelope holds no credential that can be read.", pointer="/id")
    # Test suites write a newline at the end of the id; nothing but white space is taken off.
    return unquote_to_bytes(envelope.string[envelope.end() :]).strip()


def _from_jws(raw: bytes, text: bytes, media_type: str, limits: Limits) -> Credential:
    token = jws.split(text, limits=limits)
    return Credential(raw=raw, document=_document(token), text=text, media_type=media_type, jws=token)


def _document(token: Jws) -> Mapping[str, Any]:
    """The document: the `vc` or `vp` claim of the older form (VCDM 1.1, section 6.3.1), else the whole payload."""
    claims = [name for name in ("vc", "vp") if token.payload.get(name) is not None]
    if not claims:
        return token.payload
    typ = token.header.get("typ")
    if len(claims) > 1 or (isinstance(typ, str) and _JOSE_TYPE.fullmatch(typ)):
        raise VerifierError(
            "jws_claims_malformed",
            "A token of type vc+jwt or vp+jwt is itself the document; it must not have a vc or vp claim.",
            pointer=f"/{claims[0]}",
        )
    inner = token.payload[claims[0]]
    if not isinstance(inner, dict):
        raise VerifierError(
            "jws_claims_malformed",
            f"The {claims[0]} claim of the token is not an object.",
            pointer=f"/{claims[0]}",
        )
    return _with_claims(inner, token.payload) if claims == ["vc"] else _with_holder(inner, token.payload)


def _with_holder(inner: Mapping[str, Any], payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same for a presentation: `iss` is its holder, `jti` its id."""
    stated = {"id": payload.get("jti"), "holder": payload.get("iss")}
    return {name: value for name, value in stated.items() if isinstance(value, str)} | dict(inner)


def _with_claims(inner: Mapping[str, Any], payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the older form leaves out of the credential because a claim says it (VCDM 1.1, section 6.3.1, decoding)."""
    document = dict(inner)
    for name, claim in (("id", "jti"), ("issuer", "iss")):
        if name not in document and isinstance(payload.get(claim), str):
            document[name] = payload[claim]
    for name, claim in (("issuanceDate", "nbf"), ("expirationDate", "exp")):
        if name not in document and "validFrom" not in document:
            moment = _moment(payload.get(claim))
            if moment is not None:
                document[name] = moment
    subject = document.get("credentialSubject")
    if isinstance(subject, dict) and "id" not in subject and isinstance(payload.get("sub"), str):
        document["credentialSubject"] = {"id": payload["sub"], **subject}
    return document


def _moment(value: object) -> str | None:
    """A NumericDate as a date of a credential, None if it is none: the checks say what is wrong with it."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetimes.render(datetime.fromtimestamp(value, UTC))
    except (OverflowError, ValueError, OSError):
        return None
