"""Ed25519Signature2020 (vc-di-eddsa 1.0, appendix; W3C CCG 2020): older than `cryptosuite`, still met in the wild."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from verifier.formats.multikey import KeyKind
from verifier.proofs.data_integrity import RdfcSuite


class Ed25519Signature2020(RdfcSuite):
    name = "Ed25519Signature2020"
    kinds: ClassVar[frozenset[KeyKind]] = frozenset({"Ed25519"})

    def configure(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": self.name, **options}
