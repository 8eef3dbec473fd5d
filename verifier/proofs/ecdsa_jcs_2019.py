"""ecdsa-jcs-2019 (W3C Data Integrity ECDSA Cryptosuites 1.0, section 3.3): RFC 8785, P-256 or P-384."""

from __future__ import annotations

from typing import ClassVar

from verifier.formats.multikey import KeyKind
from verifier.proofs.jcs import JcsSuite


class EcdsaJcs2019(JcsSuite):
    name = "ecdsa-jcs-2019"
    kinds: ClassVar[frozenset[KeyKind]] = frozenset({"P-256", "P-384"})
