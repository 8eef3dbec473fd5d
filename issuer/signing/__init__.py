"""Keys that sign. The one room that ever sees a private key; the verifier has no part in it.

A signer is chosen by the URI of its key (`encrypted:` and others), so that a key may move into a device without any
other code noticing.
"""

from issuer.signing.signer import Algorithm, KeyUnavailable, Signer

__all__ = ["Algorithm", "KeyUnavailable", "Signer"]
