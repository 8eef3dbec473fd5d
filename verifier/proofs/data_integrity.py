"""What the suites of type `DataIntegrityProof` with one raw signature have in common."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from verifier.canonical import Algorithm, canonicalize
from verifier.errors import VerifierError
from verifier.formats import multibase
from verifier.formats.multikey import KeyKind, PublicKey
from verifier.proofs import signatures
from verifier.proofs.suite import Reading, check_context, without

#: ECDSA on P-384 uses SHA-384 throughout, inside RDFC-1.0 too (vc-di-ecdsa 1.0, section 3.2.3).
HASHES: Mapping[KeyKind, Algorithm] = {"Ed25519": "sha256", "P-256": "sha256", "P-384": "sha384"}


class SignatureSuite(ABC):
    """`proofValue` is base58btc of one signature over hash(proof configuration) || hash(document)."""

    name: ClassVar[str]
    kinds: ClassVar[frozenset[KeyKind]]

    def configure(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "DataIntegrityProof", "cryptosuite": self.name, **options}

    @abstractmethod
    def transform(
        self, document: Mapping[str, Any], proof_config: Mapping[str, Any], hashed_by: Algorithm, reading: Reading
    ) -> tuple[bytes, bytes]:
        """The canonical proof configuration and the canonical document."""

    def signing_input(
        self, document: Mapping[str, Any], proof_config: Mapping[str, Any], kind: KeyKind, reading: Reading
    ) -> bytes:
        if kind not in self.kinds:
            raise VerifierError(
                "key_type_mismatch",
                f"A proof by {self.name} cannot be made with this kind of key.",
                details={"cryptosuite": self.name, "key": kind},
            )
        hashed_by = HASHES[kind]
        config, content = self.transform(document, proof_config, hashed_by, reading)
        return hashlib.new(hashed_by, config).digest() + hashlib.new(hashed_by, content).digest()

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
        if mandatory_pointers:
            raise VerifierError("selection_not_supported", f"With {self.name}, everything is always shown.")
        return multibase.encode_base58(sign(self.signing_input(document, proof_config, kind, reading)))

    def verify(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, reading: Reading) -> None:
        value = proof["proofValue"]
        if not (isinstance(value, str) and value.startswith("z")):
            raise VerifierError("proof_malformed", "The signature is not written in base58btc.", pointer="/proofValue")
        try:
            signature = multibase.decode(value)
        except VerifierError as cause:
            raise VerifierError("proof_malformed", cause.message, pointer="/proofValue") from cause
        payload = self.signing_input(document, without(proof, "proofValue"), key.kind, reading)
        signatures.check(key, payload, signature)


class RdfcSuite(SignatureSuite):
    """Canonicalized by RDFC-1.0; the proof configuration is read with the document's contexts."""

    def transform(
        self, document: Mapping[str, Any], proof_config: Mapping[str, Any], hashed_by: Algorithm, reading: Reading
    ) -> tuple[bytes, bytes]:
        check_context(document, proof_config)
        config = {**proof_config, "@context": document.get("@context")}
        return _rdfc(config, hashed_by, reading), _rdfc(document, hashed_by, reading)


def _rdfc(document: Mapping[str, Any], hashed_by: Algorithm, reading: Reading) -> bytes:
    return canonicalize(
        document,
        algorithm=hashed_by,
        limits=reading.limits,
        inline_contexts_allowed=reading.inline_contexts_allowed,
    ).encode()
