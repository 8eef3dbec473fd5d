"""Keys that sign. The one room that ever sees a private key; the verifier has no part in it.

A signer is chosen by the URI of its key (`encrypted:` and others), so that a key may move into a device without any
other code noticing.
"""

from issuer.signing.keyring import Keyring
from issuer.signing.securing import OwnOutput, OwnOutputNotVerified, encode, secure, secure_and_self_verify
from issuer.signing.signer import Algorithm, KeyUnavailable, NewKey, Signer, StoredKey

__all__ = [
    "Algorithm",
    "KeyUnavailable",
    "Keyring",
    "NewKey",
    "OwnOutput",
    "OwnOutputNotVerified",
    "Signer",
    "StoredKey",
    "encode",
    "secure",
    "secure_and_self_verify",
]
