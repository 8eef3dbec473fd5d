"""The status list credential (W3C Bitstring Status List v1.0, section 2.2) and the entry that points into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.credentials.moments import timestamp
from verifier.formats import bitstring

#: Entries of one list: the least the specification allows, so that nobody learns which credential is being checked.
LENGTH = bitstring.MINIMUM_ENTRIES


@dataclass(frozen=True, slots=True)
class StatusPointer:
    """One place in one list. `id` is the entry's own id, `list_id` the list's address."""

    id: str
    list_id: str
    index: int
    purpose: str = "revocation"


def entry(pointer: StatusPointer) -> dict[str, Any]:
    """BitstringStatusListEntry; the index is a string, as section 2.1 asks."""
    return {
        "id": pointer.id,
        "type": "BitstringStatusListEntry",
        "statusPurpose": pointer.purpose,
        "statusListIndex": str(pointer.index),
        "statusListCredential": pointer.list_id,
    }


def status_list(
    list_id: str, issuer_id: str, purpose: str, set_positions: Iterable[int], now: datetime, *, length: int = LENGTH
) -> dict[str, Any]:
    """The unsigned list of `length` entries in which exactly `set_positions` are 1."""
    bits = bytearray(bitstring.empty(length))
    for position in set_positions:
        if not 0 <= position < length:
            raise ValueError(f"a list of {length} entries has no entry {position}")
        bits[position // 8] |= 0x80 >> position % 8
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": list_id,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_id,
        "validFrom": timestamp(now),
        "credentialSubject": {
            "id": f"{list_id}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": bitstring.encode(bytes(bits)),
        },
    }
