"""BitstringStatusListEntry (W3C Bitstring Status List v1.0, section 3.2 "Validate Algorithm")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.checks import status_lists
from verifier.checks.reading import many
from verifier.checks.run import Run
from verifier.errors import VerifierError

KIND = status_lists.Kind(
    entry="BitstringStatusListEntry",
    credential="BitstringStatusListCredential",
    subject="BitstringStatusList",
    purposes=frozenset({"revocation", "suspension", "refresh", "message"}),
    multibase=True,
)
_MAX_SIZE = 64


def read(run: Run, entry: Mapping[str, Any], pointer: str) -> tuple[str, Mapping[str, Any]]:
    """What the list says at the entry's index.

    Raises:
        VerifierError: `revoked`, `suspended`, and `status_…` for an entry or list that is unfit.
        CouldNotCheck: as `status_lists.fetch`.
    """
    # (1) The entry
    purpose = status_lists.purpose_of(entry, KIND, pointer)
    index = status_lists.whole_number(entry.get("statusListIndex"), f"{pointer}/statusListIndex")
    size = _size(entry, pointer)
    url = status_lists.address_of(entry, pointer)
    # (2) The list, verified as a credential
    report = status_lists.fetch(run, url)
    # (3) Its subject
    subject = status_lists.subject_of(report, KIND, purpose)
    # (4) Its bits
    value = status_lists.value_at(run, KIND, subject, index, size, url)
    details = {
        "type": KIND.entry,
        "url": url,
        "index": index,
        "purpose": purpose,
        "value": value,
        "listSha256": report.sha256,
    }
    status_lists.refuse_if_set(value, purpose, pointer, details)
    return _sentence(entry, purpose, value), details


def _size(entry: Mapping[str, Any], pointer: str) -> int:
    """Bits of one status. More than one needs a message for each value (section 2.1)."""
    size = status_lists.whole_number(entry.get("statusSize", 1), f"{pointer}/statusSize")
    if not 1 <= size <= _MAX_SIZE:
        raise VerifierError(
            "status_malformed", "The size of a status is out of range.", pointer=f"{pointer}/statusSize"
        )
    messages = many(entry.get("statusMessage"))
    if size > 1 and not messages:
        raise VerifierError(
            "status_malformed",
            "The status entry does not say what its values mean.",
            pointer=f"{pointer}/statusMessage",
        )
    return size


def _sentence(entry: Mapping[str, Any], purpose: str, value: int) -> str:
    if purpose == "revocation":
        return "The issuer has not revoked this credential."
    if purpose == "suspension":
        return "The issuer has not suspended this credential."
    if purpose == "refresh":
        return "The issuer offers a newer credential." if value else "The issuer offers no newer credential."
    for message in many(entry.get("statusMessage")):
        if isinstance(message, Mapping) and str(message.get("status")).lower() in (hex(value), str(value)):
            return f"The issuer says: {message.get('message')}"
    return f"The issuer's message about this credential is number {value}."
