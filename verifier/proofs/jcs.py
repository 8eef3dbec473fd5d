"""What the JCS suites have in common (vc-di-eddsa 1.0, section 3.3; vc-di-ecdsa 1.0, section 3.3): RFC 8785, no RDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rfc8785

from verifier.canonical import Algorithm, quads
from verifier.errors import VerifierError
from verifier.proofs.data_integrity import SignatureSuite
from verifier.proofs.suite import Reading


class JcsSuite(SignatureSuite):
    """Signs the JSON itself. What its words mean still comes from the contexts, so safe mode holds here as well.

    The proof's own `@context` is signed with it (vc-di-eddsa 1.0, section 3.3.1): one added later breaks the signature.
    """

    def configure(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "DataIntegrityProof", "cryptosuite": self.name, **options}
        if "@context" in document:
            found["@context"] = document["@context"]
        return found

    def transform(
        self,
        document: Mapping[str, Any],
        proof_config: Mapping[str, Any],
        hashed_by: Algorithm,
        reading: Reading,
    ) -> tuple[bytes, bytes]:
        if "@context" in proof_config:
            document = {**document, "@context": _shared_context(document, proof_config["@context"])}
        quads(document, limits=reading.limits, inline_contexts_allowed=reading.inline_contexts_allowed)
        return canonical_json(proof_config), canonical_json(document)


def _shared_context(document: Mapping[str, Any], signed: object) -> object:
    """The contexts that were signed; a holder may have added others after them, nothing before or between."""
    current = document.get("@context")
    current_list = current if isinstance(current, list) else [current]
    signed_list = signed if isinstance(signed, list) else [signed]
    if not signed_list or current_list[: len(signed_list)] != signed_list:
        raise VerifierError(
            "proof_context_mismatch",
            "The contexts of the document are not the ones that were signed.",
            pointer="/@context",
        )
    return signed


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """RFC 8785. Raises `VerifierError` `invalid_json_value`."""
    try:
        return rfc8785.dumps(dict(value))
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as cause:
        raise VerifierError("invalid_json_value", "The document has no canonical JSON form (RFC 8785).") from cause
