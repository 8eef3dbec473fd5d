"""From an issuer's id to its keys. A key counts only if the issuer's own document lists it in `assertionMethod`."""

from verifier.resolvers.controller import ControllerDocument, ResolvedKey, absolute
from verifier.resolvers.keys import Keys, self_asserted_key
from verifier.resolvers.web import did_web_url

__all__ = ["ControllerDocument", "Keys", "ResolvedKey", "absolute", "did_web_url", "self_asserted_key"]
