"""Where the time of one verification goes."""

from __future__ import annotations

import json
from typing import Any

from tests.benchmarks import badge
from tests.benchmarks.timing import Row, measure
from verifier import canonical, parsing, proofs
from verifier.canonical import contexts, rdfc
from verifier.canonical.statements import statements
from verifier.limits import DEFAULT_LIMITS
from verifier.proofs import chains, signatures


def rows() -> list[Row]:
    """Each stage alone, on the same badge, in the order in which verification goes through them."""
    document = badge.secured()
    data = json.dumps(document).encode()
    ((proof, signed),) = chains.signed_documents(document)
    config: dict[str, Any] = {name: value for name, value in proof.items() if name != "proofValue"}
    config["@context"] = document["@context"]
    scope = contexts.root()
    quads = canonical.quads(signed)
    payload = badge.PUBLIC.raw * 2
    signature = badge.PRIVATE.sign(payload)
    return [
        measure("read the JSON", lambda: parsing.parse(data)),
        measure(
            "document to statements", lambda: statements(signed, scope, inline_allowed=False, limits=DEFAULT_LIMITS)
        ),
        measure("statements to canonical form", lambda: rdfc.canonical_lines(quads, "sha256", 5000)),
        measure("proof configuration, canonical", lambda: canonical.canonicalize(config)),
        measure("Ed25519 check", lambda: signatures.check(badge.PUBLIC, payload, signature)),
        measure("these together: proofs.verify", lambda: proofs.verify(signed, proof, badge.PUBLIC)),
    ]
