"""Compact JWS (RFC 7515, section 3.1) as a carrier of credentials: split and joined, never verified here."""

from __future__ import annotations

import base64
import binascii
import re

from verifier.credential import Jws
from verifier.errors import VerifierError
from verifier.formats import json_text
from verifier.limits import DEFAULT_LIMITS, Limits

_COMPACT = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


def looks_like(text: bytes) -> bool:
    """Whether `text` has the outer form of a compact JWS."""
    return _COMPACT.fullmatch(text) is not None


def _part(part: bytes) -> bytes:
    try:
        decoded = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error as error:
        raise VerifierError("jws_malformed", "The token is not base64url text.") from error
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != part:
        raise VerifierError("jws_malformed", "The token is not written in the one allowed way.")
    return decoded


def split(text: bytes, *, limits: Limits = DEFAULT_LIMITS) -> Jws:
    """The parts of a compact JWS whose payload is a JSON object.

    Raises:
        VerifierError: `jws_malformed`, `jws_critical_header`, and those of `json_text`.
    """
    if len(text) > limits.credential_bytes:
        raise VerifierError("too_large", f"The token is larger than {limits.credential_bytes} bytes.")
    if not looks_like(text):
        raise VerifierError("jws_malformed", "The text is not a compact JWS (three parts with dots between).")
    signing_input, _, signature = text.rpartition(b".")
    header_part, _, payload_part = signing_input.partition(b".")
    header = json_text.load_object(_part(header_part), limits=limits)
    if not isinstance(header.get("alg"), str):
        raise VerifierError("jws_malformed", "The token does not say how it is signed.", pointer="/alg")
    if "crit" in header or "b64" in header:
        raise VerifierError(
            "jws_critical_header", "The token asks for extensions that are not supported.", pointer="/crit"
        )
    payload = json_text.load_object(_part(payload_part), limits=limits)
    return Jws(header=header, payload=payload, signing_input=signing_input, signature=_part(signature))


def join(signing_input: bytes, signature: bytes) -> bytes:
    """The compact JWS made of `header.payload` and the raw signature."""
    return signing_input + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")
