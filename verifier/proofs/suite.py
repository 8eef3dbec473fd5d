"""What every cryptosuite offers, and what all of them ask of a proof (W3C Data Integrity 1.0, section 2.1 and 4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from verifier.errors import VerifierError
from verifier.formats import datetimes
from verifier.formats.multikey import KeyKind, PublicKey
from verifier.limits import DEFAULT_LIMITS, Limits


@dataclass(frozen=True, slots=True)
class Reading:
    """How a document is read: see the arguments of `verifier.canonical.canonicalize`, where they are used."""

    limits: Limits = DEFAULT_LIMITS
    inline_contexts_allowed: bool = False


class Signer(Protocol):
    """What `secure` needs of a key. `sign` returns raw bytes: 64 for Ed25519, `r || s` for a curve, with SHA-256 for
    P-256 and SHA-384 for P-384."""

    @property
    def verification_method(self) -> str: ...

    @property
    def algorithm(self) -> str:
        """The kind of key, as `KeyKind`."""
        ...

    def sign(self, payload: bytes) -> bytes: ...


class Suite(Protocol):
    """One cryptosuite. `name` is the `cryptosuite` of its proofs, or their `type` for suites older than that member."""

    @property
    def name(self) -> str: ...

    @property
    def kinds(self) -> frozenset[KeyKind]: ...

    def configure(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        """The proof for `document` before it has a `proofValue`."""
        ...

    def prove(
        self,
        document: Mapping[str, Any],
        proof_config: Mapping[str, Any],
        sign: Callable[[bytes], bytes],
        kind: KeyKind,
        reading: Reading,
        *,
        mandatory_pointers: Sequence[str] = (),
    ) -> str:
        """The `proofValue`. `proof_config` is the proof without it; pointers matter to selective disclosure alone."""
        ...

    def verify(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, reading: Reading
    ) -> None: ...


def check_proof(proof: Mapping[str, Any], purpose: str) -> None:
    """The members that mean the same in every suite.

    Raises:
        VerifierError: `proof_malformed`, `proof_purpose`.
    """
    for name in ("verificationMethod", "proofPurpose", "proofValue"):
        value = proof.get(name)
        if not isinstance(value, str) or not value:
            raise VerifierError("proof_malformed", f"The proof has no proper {name}.", pointer=f"/{name}")
    if proof["proofPurpose"] != purpose:
        raise VerifierError(
            "proof_purpose",
            "The proof was made for another purpose.",
            pointer="/proofPurpose",
            details={"expected": purpose, "found": proof["proofPurpose"]},
        )
    for name in ("created", "expires"):
        if name in proof:
            try:
                datetimes.parse(proof[name])
            except VerifierError as cause:
                raise VerifierError(
                    "proof_malformed", f"The proof's {name} is not a date and time with its zone.", pointer=f"/{name}"
                ) from cause


def check_context(document: Mapping[str, Any], proof: Mapping[str, Any]) -> None:
    """For suites that read the proof with the document's contexts, whatever context the proof itself has.

    One that is not the document's would stand in the file without being signed, and others would read the proof by it.

    Raises:
        VerifierError: `proof_context_unsigned`.
    """
    if "@context" not in proof:
        return
    own, signed = (
        value if isinstance(value, list) else [value] for value in (proof["@context"], document.get("@context"))
    )
    if own != signed:
        raise VerifierError(
            "proof_context_unsigned", "The proof has a context of its own, which is not the one that was signed."
        )


def without(mapping: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in names}
