"""did:key (W3C CCG did:key 0.9): the identifier is the key, so its document is made, not fetched."""

from __future__ import annotations

from verifier.errors import VerifierError
from verifier.formats import multikey
from verifier.resolvers.controller import ControllerDocument

#: What a key that can sign is good for (did:key 0.9, section 3.1.1).
SIGNING_RELATIONSHIPS = ("authentication", "assertionMethod", "capabilityDelegation", "capabilityInvocation")


def resolve(did: str) -> ControllerDocument:
    """The document of a did:key that can sign.

    Raises:
        VerifierError: `did_malformed`.
    """
    multibase = did.removeprefix("did:key:")
    try:
        multikey.decode(multibase[:256])
    except VerifierError as error:
        raise VerifierError(
            "did_malformed", "The issuer's did:key does not hold a key that can sign.", details={"did": did[:200]}
        ) from error
    method_id = f"{did}#{multibase}"
    method = {"id": method_id, "type": "Multikey", "controller": did, "publicKeyMultibase": multibase}
    document: dict[str, object] = {"id": did, "verificationMethod": [method]}
    document |= {relationship: [method_id] for relationship in SIGNING_RELATIONSHIPS}
    return ControllerDocument(id=did, document=document, source=did)
