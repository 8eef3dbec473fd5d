"""Embedded proofs (W3C Data Integrity 1.0): one cryptosuite a file, the same code for whoever signs and whoever checks.

To check one proof, with a key that the caller found in the issuer's own document:

    for proof, signed in chains.signed_documents(document):
        verify(signed, proof, key)                  # returns None or raises VerifierError

To make one:

    secured = secure(unsigned, signer, now)         # eddsa-rdfc-2022 or ecdsa-rdfc-2019, by the kind of key
    secured = secure(unsigned, signer, now, cryptosuite="eddsa-jcs-2022")

`signing_input(document, proof_config, kind)` is what both sides hash and sign. A document handed to these functions has
no `proof`, unless it is one that an earlier proof in a chain belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, get_args

from verifier.errors import VerifierError
from verifier.formats import datetimes
from verifier.formats.multikey import KeyKind, PublicKey
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.proofs import chains
from verifier.proofs.data_integrity import SignatureSuite
from verifier.proofs.ecdsa_jcs_2019 import EcdsaJcs2019
from verifier.proofs.ecdsa_rdfc_2019 import EcdsaRdfc2019
from verifier.proofs.ecdsa_sd_2023 import EcdsaSd2023
from verifier.proofs.ed25519_signature_2020 import Ed25519Signature2020
from verifier.proofs.eddsa_jcs_2022 import EddsaJcs2022
from verifier.proofs.eddsa_rdfc_2022 import EddsaRdfc2022
from verifier.proofs.suite import Reading, Signer, Suite, check_proof

__all__ = [
    "SUITES",
    "Reading",
    "Signer",
    "Suite",
    "chains",
    "derive",
    "secure",
    "signing_input",
    "suite_of",
    "verify",
    "verify_base",
]

_SELECTIVE = EcdsaSd2023()
_SUITES: tuple[Suite, ...] = (
    EddsaRdfc2022(),
    EcdsaRdfc2019(),
    EddsaJcs2022(),
    EcdsaJcs2019(),
    Ed25519Signature2020(),
    _SELECTIVE,
)
#: Every suite by the `cryptosuite` of its proofs, or by their `type` where they have none. Nothing outside this list
#: ever reaches a key.
SUITES: Mapping[str, Suite] = MappingProxyType({suite.name: suite for suite in _SUITES})
#: Proofs that name their suite by their type.
_BY_TYPE = frozenset({"Ed25519Signature2020"})

_DEFAULT_SUITES: Mapping[str, str] = {
    "Ed25519": "eddsa-rdfc-2022",
    "P-256": "ecdsa-rdfc-2019",
    "P-384": "ecdsa-rdfc-2019",
}


def suite_of(proof: Mapping[str, Any]) -> Suite:
    """The suite of a proof. Raises `VerifierError` `cryptosuite_unsupported` or `proof_malformed`."""
    kind, name = proof.get("type"), proof.get("cryptosuite")
    if isinstance(kind, str) and kind in _BY_TYPE and name is None:
        return SUITES[kind]
    if kind != "DataIntegrityProof":
        raise VerifierError(
            "cryptosuite_unsupported",
            "The proof is of a type that is not supported.",
            details={"type": str(kind)[:100]},
        )
    if not isinstance(name, str):
        raise VerifierError("proof_malformed", "The proof does not name its cryptosuite.", pointer="/cryptosuite")
    suite = SUITES.get(name)
    if suite is None or name in _BY_TYPE:
        raise VerifierError(
            "cryptosuite_unsupported",
            "The proof is of a cryptosuite that is not supported.",
            pointer="/cryptosuite",
            details={"cryptosuite": name[:100]},
        )
    return suite


def signing_input(
    document: Mapping[str, Any],
    proof_config: Mapping[str, Any],
    kind: KeyKind,
    *,
    limits: Limits = DEFAULT_LIMITS,
    inline_contexts_allowed: bool = False,
) -> bytes:
    """The bytes that a key of `kind` signs for this document and this proof without its `proofValue`.

    Raises:
        VerifierError: `cryptosuite_unsupported`, `key_type_mismatch`, and what `verifier.canonical` raises.
    """
    suite = suite_of(proof_config)
    if not isinstance(suite, SignatureSuite):
        raise VerifierError("key_type_mismatch", f"A proof by {suite.name} is more than one signature.")
    return suite.signing_input(document, proof_config, kind, Reading(limits, inline_contexts_allowed))


def verify(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    key: PublicKey,
    *,
    purpose: str = "assertionMethod",
    limits: Limits = DEFAULT_LIMITS,
    inline_contexts_allowed: bool = False,
) -> None:
    """Nothing, if `proof` is one by `key` over `document`.

    Args:
        document: without its proofs, but with those that `proof` builds on; see `chains.signed_documents`.
        key: found in the document of whoever is said to have signed, never in this one.

    Raises:
        VerifierError: `proof_invalid`, `proof_malformed`, `proof_purpose`, `cryptosuite_unsupported`,
            `key_type_mismatch`, `key_malformed`, and what `verifier.canonical` raises.
    """
    suite = suite_of(proof)
    check_proof(proof, purpose)
    if key.kind not in suite.kinds:
        raise VerifierError(
            "key_type_mismatch",
            "The key is not of the kind that this proof needs.",
            details={"cryptosuite": suite.name, "key": key.kind},
        )
    suite.verify(document, proof, key, Reading(limits, inline_contexts_allowed))


def secure(
    document: Mapping[str, Any],
    signer: Signer,
    created: datetime,
    *,
    cryptosuite: str | None = None,
    purpose: str = "assertionMethod",
    options: Mapping[str, Any] | None = None,
    mandatory_pointers: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
    inline_contexts_allowed: bool = False,
) -> dict[str, Any]:
    """`document` with one more proof at the end of its `proof` array.

    Args:
        document: what to secure; proofs that it has already are kept beside the new one (a proof set), unless
            `options` names them in `previousProof` (a chain).
        signer: the issuer's key; see `Signer`.
        created: aware.
        cryptosuite: by default the RDFC suite of the signer's kind of key.
        options: further members of the proof, such as `challenge`, `domain` or `expires`.
        mandatory_pointers: for ecdsa-sd-2023, JSON Pointers to what every derived proof has to show. Issuer, dates and
            status are always among it.

    Raises:
        VerifierError: the document cannot be canonicalized, or suite and key do not fit.
        ValueError: `created` has no time zone, or the signer names an unknown kind of key.
    """
    kind = next((known for known in get_args(KeyKind) if known == str(signer.algorithm)), None)
    if kind is None:
        raise ValueError(f"no such kind of key: {signer.algorithm}")
    name = cryptosuite or _DEFAULT_SUITES.get(kind, "")
    suite = suite_of({"type": name} if name in _BY_TYPE else {"type": "DataIntegrityProof", "cryptosuite": name})
    existing = document.get("proof", [])
    proofs = list(existing) if isinstance(existing, list) else [existing]
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    config = suite.configure(
        unsecured,
        {
            "created": datetimes.render(created),
            "verificationMethod": signer.verification_method,
            "proofPurpose": purpose,
            **(options or {}),
        },
    )
    signed = chains.document_for(unsecured, proofs, config)
    reading = Reading(limits, inline_contexts_allowed)
    value = suite.prove(signed, config, signer.sign, kind, reading, mandatory_pointers=mandatory_pointers)
    return {**unsecured, "proof": [*proofs, {**config, "proofValue": value}]}


def derive(
    document: Mapping[str, Any],
    pointers: Sequence[str],
    *,
    limits: Limits = DEFAULT_LIMITS,
    inline_contexts_allowed: bool = False,
) -> dict[str, Any]:
    """What a holder shows of a credential: the parts that JSON `pointers` choose, and those the issuer made mandatory.

    Args:
        document: with a base proof by ecdsa-sd-2023; its other proofs are left out.

    Raises:
        VerifierError: `no_base_proof`, `proof_malformed`, `pointer_malformed`, `pointer_leads_nowhere`,
            `selection_splits_list`, `nothing_selected`, and what `verifier.canonical` raises.
    """
    suite = _SELECTIVE
    for proof in chains.proofs_of(document, limits=limits):
        if proof.get("type") == "DataIntegrityProof" and proof.get("cryptosuite") == suite.name:
            unsecured = {name: value for name, value in document.items() if name != "proof"}
            check_proof(proof, str(proof.get("proofPurpose")))
            return suite.derive(unsecured, proof, pointers, Reading(limits, inline_contexts_allowed))
    raise VerifierError(
        "no_base_proof", "The credential has no proof that parts could be shown with.", pointer="/proof"
    )


def verify_base(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    key: PublicKey,
    *,
    purpose: str = "assertionMethod",
    limits: Limits = DEFAULT_LIMITS,
    inline_contexts_allowed: bool = False,
) -> None:
    """As `verify`, for a base proof by ecdsa-sd-2023: for whoever made it and for the holder who received it."""
    check_proof(proof, purpose)
    if suite_of(proof) is not _SELECTIVE or key.kind not in _SELECTIVE.kinds:
        raise VerifierError(
            "key_type_mismatch", "This is no base proof by ecdsa-sd-2023, or the key is of another kind."
        )
    _SELECTIVE.verify_base(document, proof, key, Reading(limits, inline_contexts_allowed))
