"""How a credential names its recipient: by a DID the teacher gave, or by a salted hash of an e-mail address; and beside
it by the name of the issuer's record, which people can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.formats import identity_hash

#: Of a stranger's text that a page shows as a name.
_LONGEST_NAME = 500


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


@dataclass(frozen=True, slots=True)
class Person:
    """What the issuer has on record. The name is stated as it is, because it is for people to read.

    The educator id is hashed, so that it is not read in passing. That hides it from nobody who has the badge and time:
    such numbers are short, and all of them can be tried. `salt` is random for each credential.
    """

    name: str
    educator_id: str = ""
    salt: str = ""


def members(recipient: Recipient, person: Person | None = None) -> Mapping[str, Any]:
    """The members of an AchievementSubject that identify the recipient.

    An address is hashed in lower case: the standard defines no normal form, and lower case is what verifiers try.
    """
    found: dict[str, Any] = {}
    identifiers: list[dict[str, Any]] = []
    match recipient:
        case Did(did):
            found["id"] = did
        case HashedEmail(email, salt):
            identifiers.append(_hashed(email.strip().lower(), "emailAddress", salt))
    if person is not None:
        identifiers.append(
            {"type": "IdentityObject", "hashed": False, "identityHash": person.name, "identityType": "name"}
        )
        if person.educator_id:
            identifiers.append(_hashed(person.educator_id, "sisSourcedId", person.salt))
    if identifiers:
        found["identifier"] = identifiers
    return found


def _hashed(value: str, kind: str, salt: str) -> dict[str, Any]:
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": identity_hash.sha256(value, salt),
        "identityType": kind,
        "salt": salt,
    }


def stated_name(credential: Mapping[str, Any]) -> str:
    """The person's name as a signed credential states it in the clear; "" if it states none, or is about several.

    What stands beside “Verified” is read here alone.
    """
    subjects = _objects(credential.get("credentialSubject"))
    if len(subjects) != 1:
        return ""
    for each in _objects(subjects[0].get("identifier")):
        name = each.get("identityHash")
        if (
            each.get("identityType") == "name"
            and each.get("hashed") is False
            and isinstance(name, str)
            and name.strip()
        ):
            return name[:_LONGEST_NAME]
    return ""


def _objects(value: object) -> list[Mapping[str, Any]]:
    """JSON-LD writes one thing alone and several as a list."""
    many = value if isinstance(value, list) else [value]
    return [each for each in many if isinstance(each, Mapping)]
