"""StatusList2021Entry (W3C CCG Status List 2021): what Bitstring Status List was before it became a standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.checks import status_lists
from verifier.checks.run import Run

KIND = status_lists.Kind(
    entry="StatusList2021Entry",
    credential="StatusList2021Credential",
    subject="StatusList2021",
    purposes=frozenset({"revocation", "suspension"}),
    multibase=False,
)


def read(run: Run, entry: Mapping[str, Any], pointer: str) -> tuple[str, Mapping[str, Any]]:
    """What the list says at the entry's index. Errors as for `status_bitstring.read`."""
    purpose = status_lists.purpose_of(entry, KIND, pointer)
    index = status_lists.whole_number(entry.get("statusListIndex"), f"{pointer}/statusListIndex")
    url = status_lists.address_of(entry, pointer)
    report = status_lists.fetch(run, url)
    subject = status_lists.subject_of(report, KIND, purpose)
    value = status_lists.value_at(run, KIND, subject, index, 1, url)
    details = {
        "type": KIND.entry,
        "url": url,
        "index": index,
        "purpose": purpose,
        "value": value,
        "listSha256": report.sha256,
    }
    status_lists.refuse_if_set(value, purpose, pointer, details)
    word = "revoked" if purpose == "revocation" else "suspended"
    return f"The issuer has not {word} this credential.", details
