"""The registry file of the Digital Credentials Consortium: `{"meta": …, "registry": {DID: {name, location, url}}}`.

It says who is known, without times or achievements. Its members beyond `name` are not about trust and are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.policy import TrustedIssuer
from verifier.trust.listed import Listed, issuer_id, malformed, text

FORMAT = "dcc"


def is_dcc(document: Mapping[str, Any]) -> bool:
    return "type" not in document and isinstance(document.get("registry"), Mapping)


def read(document: Mapping[str, Any]) -> Listed:
    """Raises `VerifierError` `trust_registry_malformed`."""
    meta = document.get("meta", {})
    if not isinstance(meta, Mapping):
        raise malformed("“meta” must be an object.", "/meta")
    issuers = []
    for identifier, entry in document["registry"].items():
        place = "/registry/" + identifier.replace("~", "~0").replace("/", "~1")
        if not isinstance(entry, Mapping):
            raise malformed("An issuer must be an object.", place)
        issuers.append(TrustedIssuer(issuer_id(identifier, place), text(entry, "name", place)))
    updated = text(meta, "updated", "/meta")
    name = text(meta, "name", "/meta") or "a registry in the DCC format"
    return Listed(FORMAT, name, "", updated, tuple(issuers))
