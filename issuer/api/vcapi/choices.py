"""The `options` of issuing: cryptosuite, curve, envelope, status, and what stands in the proof.

Options that are not known here are passed over: test suites send those of other implementations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from issuer.api.vcapi.answers import Refused, text_option
from issuer.services.plain_credentials import Form
from verifier import proofs
from verifier.errors import VerifierError
from verifier.formats import datetimes

_CURVES = ("Ed25519", "P-256", "P-384")
_ENVELOPES: Mapping[str, Literal["", "JWT", "vc+jwt"]] = {
    "": "",
    "jwt": "JWT",
    "vc+jwt": "vc+jwt",
    "application/vc+jwt": "vc+jwt",
    "application/jwt": "JWT",
}
_MAX_POINTERS = 256
#: Whether the issuer adds a status of its own; "" leaves it to the issuer.
Status = Literal["", "none", "revocation"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a request asks of the signature. `curve` is "" for whatever key the issuer has."""

    form: Form
    curve: str
    status: Status


def read(options: Mapping[str, Any]) -> Choices:
    """The choices in `options`.

    Raises:
        Refused: `option_malformed`, `cryptosuite_unsupported`.
    """
    cryptosuite = text_option(options, "cryptosuite") or _older_suite(options)
    if cryptosuite and cryptosuite not in proofs.SUITES:
        raise Refused(
            "cryptosuite_unsupported", "Signing by this cryptosuite is not offered.", pointer="/options/cryptosuite"
        )
    curve = text_option(options, "curve") or text_option(options, "keyType")
    if curve and curve not in _CURVES:
        raise Refused("option_malformed", "The option “curve” is none of ours.", pointer="/options/curve")
    envelope = _ENVELOPES.get(text_option(options, "envelope").lower())
    if envelope is None or (envelope and cryptosuite):
        raise Refused("option_malformed", "The option “envelope” is none of ours.", pointer="/options/envelope")
    purpose = text_option(options, "proofPurpose")
    if purpose not in ("", "assertionMethod"):
        raise Refused("option_malformed", "Credentials are signed for assertion only.", pointer="/options/proofPurpose")
    pointers = options.get("mandatoryPointers") or []
    if not _are_texts(pointers) or (pointers and cryptosuite != "ecdsa-sd-2023"):
        raise Refused(
            "option_malformed",
            "Mandatory pointers are a list of texts, and for ecdsa-sd-2023 alone.",
            pointer="/options/mandatoryPointers",
        )
    form = Form(cryptosuite, envelope, tuple(pointers), _proof_members(options))
    return Choices(form, curve, _status(options))


def pointers_of(options: Mapping[str, Any]) -> list[str]:
    """`selectivePointers` of a derivation. Raises `Refused` `option_malformed`."""
    pointers = options.get("selectivePointers") or []
    if not _are_texts(pointers):
        raise Refused(
            "option_malformed", "Selective pointers are a list of texts.", pointer="/options/selectivePointers"
        )
    return list(pointers)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MAX_POINTERS and all(isinstance(item, str) for item in value)


def _older_suite(options: Mapping[str, Any]) -> str:
    kind = text_option(options, "type")
    return kind if kind in proofs.SUITES else ""


def _proof_members(options: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("challenge", "domain", "nonce"):
        if value := text_option(options, name):
            found[name] = value
    for name in ("created", "expires"):
        if value := text_option(options, name):
            try:
                datetimes.parse(value)
            except VerifierError as error:
                raise Refused("option_malformed", error.message, pointer=f"/options/{name}") from error
            found[name] = value
    previous = options.get("previousProof")
    if previous is not None:
        texts = previous if isinstance(previous, list) else [previous]
        if not texts or not _are_texts(texts):
            raise Refused("option_malformed", "A previous proof is named by its id.", pointer="/options/previousProof")
        found["previousProof"] = previous
    return found


def _status(options: Mapping[str, Any]) -> Status:
    value = options.get("status", options.get("credentialStatus"))
    if isinstance(value, Mapping):
        kind, value = value.get("type", "BitstringStatusListEntry"), value.get("statusPurpose", "revocation")
        if kind != "BitstringStatusListEntry":
            raise Refused(
                "option_malformed", "This kind of status is not offered.", pointer="/options/credentialStatus"
            )
    if value is None:
        return ""
    if value is False or value == "none":
        return "none"
    if value is True or value == "revocation":
        return "revocation"
    raise Refused("option_malformed", "The option “status” is none or revocation.", pointer="/options/status")
