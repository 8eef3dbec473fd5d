"""ecdsa-rdfc-2019 (W3C Data Integrity ECDSA Cryptosuites 1.0, section 3.2): RDFC-1.0, P-256 or P-384."""

from __future__ import annotations

from typing import ClassVar

from verifier.formats.multikey import KeyKind
from verifier.proofs.data_integrity import RdfcSuite


class EcdsaRdfc2019(RdfcSuite):
    name = "ecdsa-rdfc-2019"
    kinds: ClassVar[frozenset[KeyKind]] = frozenset({"P-256", "P-384"})
