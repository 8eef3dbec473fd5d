"""How a credential names its recipient: by a DID the teacher gave, or by a salted hash of an e-mail address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.formats import identity_hash


@dataclass(frozen=True, slots=True)
class Did:
    """The teacher's own DID: credentialSubject.id."""

    did: str


@dataclass(frozen=True, slots=True)
class HashedEmail:
    """An IdentityObject with `hashed: true`. `salt` is random for each credential, so that two of them do not match."""

    email: str
    salt: str


Recipient = Did | HashedEmail


def members(recipient: Recipient) -> Mapping[str, Any]:
    """The members of an AchievementSubject that identify the recipient.

    An address is hashed in lower case: the standard defines no normal form, and lower case is what verifiers try.
    """
    match recipient:
        case Did(did):
            return {"id": did}
        case HashedEmail(email, salt):
            return {
                "identifier": [
                    {
                        "type": "IdentityObject",
                        "hashed": True,
                        "identityHash": identity_hash.sha256(email.strip().lower(), salt),
                        "identityType": "emailAddress",
                        "salt": salt,
                    }
                ]
            }
