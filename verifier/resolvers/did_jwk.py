"""did:jwk: the identifier is a public JWK in base64url, and its one verification method is `#0`."""

from __future__ import annotations

import base64
import binascii

from verifier.errors import VerifierError
from verifier.formats import json_text
from verifier.resolvers.controller import ControllerDocument
from verifier.resolvers.did_key import SIGNING_RELATIONSHIPS

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def resolve(did: str) -> ControllerDocument:
    """The document of a did:jwk.

    Raises:
        VerifierError: `did_malformed`, `private_key_published`.
    """
    text = did.removeprefix("did:jwk:")
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        jwk = json_text.load_object(raw, max_bytes=16 * 1024)
    except (binascii.Error, ValueError, VerifierError) as error:
        raise VerifierError(
            "did_malformed", "The issuer's did:jwk does not hold a key.", details={"did": did[:200]}
        ) from error
    if _PRIVATE & jwk.keys():
        raise VerifierError("private_key_published", "The issuer's did:jwk gives away a private key.")
    method_id = f"{did}#0"
    method = {"id": method_id, "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}
    signs = jwk.get("use") != "enc"
    document: dict[str, object] = {"id": did, "verificationMethod": [method]}
    document |= {relationship: [method_id] if signs else [] for relationship in SIGNING_RELATIONSHIPS}
    return ControllerDocument(id=did, document=document, source=did)
