"""Trust registries: files in which somebody says which issuers they recognise, and for what.

A registry counts because the caller handed it in. A digest or a signer that the caller names makes sure that it is the
registry they mean, wherever the file came from; nothing in the file itself can add to that.
"""

from verifier.trust.registry import Registry, read_registry
from verifier.trust.signing import sign_registry

__all__ = ["Registry", "read_registry", "sign_registry"]
