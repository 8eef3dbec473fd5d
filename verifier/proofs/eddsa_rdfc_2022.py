"""eddsa-rdfc-2022 (W3C Data Integrity EdDSA Cryptosuites 1.0, section 3.2): RDFC-1.0, SHA-256, Ed25519."""

from __future__ import annotations

from typing import ClassVar

from verifier.formats.multikey import KeyKind
from verifier.proofs.data_integrity import RdfcSuite


class EddsaRdfc2022(RdfcSuite):
    name = "eddsa-rdfc-2022"
    kinds: ClassVar[frozenset[KeyKind]] = frozenset({"Ed25519"})
