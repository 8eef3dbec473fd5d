"""Several proofs on one document: which one signs what (W3C Data Integrity 1.0, sections 2.1.1, 2.1.2 and 4.5).

In a set, every proof signs the document without any proofs. In a chain, a proof names earlier ones in `previousProof`
and signs the document with exactly those in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from verifier.errors import VerifierError
from verifier.limits import DEFAULT_LIMITS, Limits


def proofs_of(document: Mapping[str, Any], *, limits: Limits = DEFAULT_LIMITS) -> list[Mapping[str, Any]]:
    """The proofs of a document, in its order.

    Raises:
        VerifierError: `proof_missing`, `proof_malformed`, `too_many_proofs`.
    """
    value: Any = document.get("proof")
    found: list[Any] = value if isinstance(value, list) else [value]
    if value is None or not found:
        raise VerifierError("proof_missing", "The document carries no proof.")
    if len(found) > limits.proofs:
        raise VerifierError("too_many_proofs", f"The document has more than {limits.proofs} proofs.", pointer="/proof")
    for number, proof in enumerate(found):
        if not isinstance(proof, Mapping):
            place = f"/proof/{number}" if isinstance(value, list) else "/proof"
            raise VerifierError("proof_malformed", "A proof is not an object.", pointer=place)
    return found


def signed_documents(
    document: Mapping[str, Any], *, limits: Limits = DEFAULT_LIMITS
) -> list[tuple[Mapping[str, Any], dict[str, Any]]]:
    """Each proof with the document that it signs. A failing or missing earlier proof sinks the ones that build on it:
    that is for the caller to judge, with `previous_ids`.

    Raises:
        VerifierError: as `proofs_of`, and `previous_proof_missing` or `proof_malformed` for a chain that leads nowhere
            or round in a circle.
    """
    found = proofs_of(document, limits=limits)
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    _refuse_circles(found)
    return [(proof, document_for(unsecured, found, proof)) for proof in found]


def document_for(
    unsecured: Mapping[str, Any], proofs: Sequence[Mapping[str, Any]], proof: Mapping[str, Any]
) -> dict[str, Any]:
    """What `proof` signs: the document, and those of `proofs` that it names in `previousProof`.

    Raises:
        VerifierError: `previous_proof_missing`, `proof_malformed`.
    """
    earlier = [_named(proofs, identifier) for identifier in previous_ids(proof)]
    return {**unsecured, "proof": earlier} if earlier else dict(unsecured)


def previous_ids(proof: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the proofs that this one builds on. Raises `VerifierError` `proof_malformed`."""
    value = proof.get("previousProof", [])
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item for item in found) or len(set(found)) != len(found):
        raise VerifierError("proof_malformed", "A proof names its previous proofs wrongly.", pointer="/previousProof")
    return tuple(found)


def _named(proofs: Sequence[Mapping[str, Any]], identifier: str) -> Mapping[str, Any]:
    found = [proof for proof in proofs if proof.get("id") == identifier]
    if len(found) != 1:
        raise VerifierError(
            "previous_proof_missing",
            "A proof builds on another one that is not there, or there twice.",
            pointer="/proof",
            details={"id": identifier[:200]},
        )
    return found[0]


def _refuse_circles(proofs: Sequence[Mapping[str, Any]]) -> None:
    before = {id(proof): [_named(proofs, name) for name in previous_ids(proof)] for proof in proofs}
    settled: set[int] = set()
    while len(settled) < len(before):
        ready = {
            mark for mark, earlier in before.items() if mark not in settled and {id(e) for e in earlier} <= settled
        }
        if not ready:
            raise VerifierError("proof_malformed", "The proofs build on each other in a circle.", pointer="/proof")
        settled |= ready
