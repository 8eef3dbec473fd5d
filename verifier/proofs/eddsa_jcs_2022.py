"""eddsa-jcs-2022 (W3C Data Integrity EdDSA Cryptosuites 1.0, section 3.3): RFC 8785, SHA-256, Ed25519."""

from __future__ import annotations

from typing import ClassVar

from verifier.formats.multikey import KeyKind
from verifier.proofs.jcs import JcsSuite


class EddsaJcs2022(JcsSuite):
    name = "eddsa-jcs-2022"
    kinds: ClassVar[frozenset[KeyKind]] = frozenset({"Ed25519"})
