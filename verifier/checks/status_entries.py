"""Status entries as an issuer has to write them (W3C Bitstring Status List v1.0, section 2.1).

Verifying is more lenient: an index that is a number is met, and read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.reading import many, objects, types
from verifier.formats import uris
from verifier.report import Finding


def status_entry_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with entries of type BitstringStatusListEntry. Other types are their inventors' business."""
    for place, item in objects(document.get("credentialStatus"), "/credentialStatus"):
        if isinstance(item, Mapping) and "BitstringStatusListEntry" in types(item):
            yield from _entry_findings(item, place)


def _entry_findings(item: Mapping[str, Any], place: str) -> Iterator[Finding]:
    def wrong(name: str, message: str) -> Finding:
        return Finding("status_malformed", message, pointer=f"{place}/{name}")

    if not isinstance(item.get("statusPurpose"), str) or not item["statusPurpose"]:
        yield wrong("statusPurpose", "The status entry has no known purpose.")
    index = item.get("statusListIndex")
    if not (isinstance(index, str) and index.isascii() and index.isdigit()):
        yield wrong("statusListIndex", "The index of a status is a whole number, written as a text.")
    address = item.get("statusListCredential")
    if not (isinstance(address, str) and uris.is_absolute(address)):
        yield wrong("statusListCredential", "The status entry does not say where its list is.")
    elif item.get("id") == address:
        yield wrong("id", "The id of a status entry is not the address of its list.")
    size = item.get("statusSize", 1)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        yield wrong("statusSize", "The size of a status is a whole number from 1.")
        return
    messages = item.get("statusMessage")
    if size > 1 and messages is None:
        yield wrong("statusMessage", "A status of several bits needs a message for each value.")
    for message in many(messages):
        good = isinstance(message, Mapping) and all(isinstance(message.get(n), str) for n in ("status", "message"))
        if not good:
            yield wrong("statusMessage", "A message of a status has a value and a text.")
