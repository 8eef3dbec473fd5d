"""RevocationListProbe and the probe of Bitstring status lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier import parsing
from verifier.checks.reading import VCDM_2, many, objects, types
from verifier.errors import VerifierError
from verifier.fetch import FetchRefused
from verifier.formats import bitstring, json_text
from verifier.lint.result import Message, NotChecked, NotRun, error, fatal, warning
from verifier.lint.signature import Room, signature


def revocation(document: Mapping[str, Any], room: Room) -> Iterator[Message]:
    """Both kinds of list that the validator reads; other kinds, and purposes other than revocation, it passes over."""
    ran = False
    for place, entry in objects(document.get("credentialStatus"), "/credentialStatus"):
        if not isinstance(entry, Mapping):
            continue
        kinds = types(entry)
        if "1EdTechRevocationList" in kinds:
            ran = True
            yield from _revocation_list(document, entry, place, room)
        elif "BitstringStatusListEntry" in kinds and entry.get("statusPurpose") == "revocation":
            ran = True
            if not entry.get("id"):
                yield error("lint_status_no_id", "The validator wants an id of the status.", f"{place}/id")
            yield from _bitstring(entry, place, room)
    if not ran:
        raise NotRun("The credential names no list of revocations that the validator reads.")


def _revocation_list(
    document: Mapping[str, Any], entry: Mapping[str, Any], place: str, room: Room
) -> Iterator[Message]:
    """1EdTechRevocationList: deprecated, still read."""
    url = entry.get("id")
    if not isinstance(url, str):
        yield error("lint_status_no_id", "The status has no id.", f"{place}/id")
        return
    try:
        body = room.fetcher.get(url, max_bytes=room.limits.status_list_bytes).body
        found = json_text.load_object(body, limits=room.limits, max_bytes=room.limits.status_list_bytes)
    except FetchRefused as refused:
        raise NotChecked(refused.message) from refused
    except VerifierError as problem:
        yield warning("lint_status_unreachable", f"The list of revocations was not had. {problem.message}", place)
        return
    for member in ("revokedCredential", "revokedCredentials"):
        for item in many(found.get(member)):
            if (
                isinstance(item, Mapping)
                and item.get("id") == document.get("id")
                and item.get("revoked", True) is not False
            ):
                yield fatal("lint_revoked", "The credential is revoked.", place)
                return


def _bitstring(entry: Mapping[str, Any], place: str, room: Room) -> Iterator[Message]:
    url, index = entry.get("statusListCredential"), _index(entry.get("statusListIndex"))
    if not isinstance(url, str) or index is None:
        yield error("lint_status_malformed", "The status lacks the address of its list or its index in it.", place)
        return
    at = f"{place}/statusListCredential"
    try:
        body = room.fetcher.get(url, max_bytes=room.limits.status_list_bytes).body
        listed = parsing.parse(body, limits=room.limits)
    except FetchRefused as refused:
        raise NotChecked(refused.message) from refused
    except VerifierError as problem:
        yield error("lint_status_unreadable", f"The status list could not be read. {problem.message}", at)
        return
    faults = list(_list_form(listed.document))
    faults += [message.message for message in signature(listed, room)]
    for fault in faults:
        yield error("lint_status_list", f"The status list is not valid to the validator: {fault}", at)
    subject = listed.document.get("credentialSubject")
    if not isinstance(subject, Mapping):
        return
    if subject.get("statusPurpose") != entry.get("statusPurpose"):
        yield error(
            "lint_status_purpose",
            "The purpose of the list must be the same plain text as that of the status; a list of purposes fails here.",
            at,
        )
        return
    try:
        bits = bitstring.decode(str(subject.get("encodedList")), max_bytes=room.limits.inflated_list_bytes)
        if len(bits) * 8 < bitstring.MINIMUM_ENTRIES:
            yield error("lint_status_short", f"A list must have {bitstring.MINIMUM_ENTRIES:,} entries at least.", at)
        if bitstring.get(bits, index):
            yield fatal("lint_revoked", "The credential is revoked.", place)
    except VerifierError as problem:
        yield error("lint_status_unreadable", f"The status list could not be read. {problem.message}", at)


def _list_form(document: Mapping[str, Any]) -> Iterator[str]:
    if many(document.get("@context")) != [VCDM_2]:
        yield f"its @context must be exactly {VCDM_2}."
    found = types(document)
    if "VerifiableCredential" not in found or "BitstringStatusListCredential" not in found:
        yield "its type must be VerifiableCredential and BitstringStatusListCredential."
    if "BitstringStatusList" not in types(document.get("credentialSubject")):
        yield "the type of its subject must be BitstringStatusList."


def _index(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40 else None
