"""From what a person has in hand to the credential itself: a file, or a picture that leads to one.

A picture without a badge in it may show a QR code, and an old image may hold only an address. Both say no more than
where to look: whatever is found there is verified like anything else.
"""

from __future__ import annotations

import re
from dataclasses import replace

from verifier import parsing
from verifier.checks import open_badges_2
from verifier.credential import Credential
from verifier.errors import VerifierError
from verifier.fetch import Fetcher
from verifier.formats import png, scan
from verifier.limits import Limits

_WEB = ("https://", "http://")
#: How whatever can hold a badge begins: a picture, JSON, and JSON or a token that is refused for a reason worth saying.
_BEGINNINGS = (png.SIGNATURE, b"{", b"[", b'"', b"//", b"/*", b"\xff\xfe", b"\xfe\xff", b"eyJ")
_WEB_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
#: Read as they should be, and there is none inside.
_NOTHING_INSIDE = frozenset({"image_without_credential", "unknown_format"})


def take_in(data: bytes, fetcher: Fetcher, limits: Limits) -> Credential:
    """The credential in `data`, or the one to which it leads.

    Raises:
        CouldNotCheck: it leads to an address that could not be read; `scanner_missing`, `scan_stopped`.
        VerifierError: `no_badge` where there is nothing that could be one, else as `parsing.parse`;
            `picture_unreadable`, `several_codes`, `code_without_credential`.
    """
    try:
        credential = parsing.parse(data, limits=limits)
    except VerifierError as error:
        is_picture = scan.kind_of(data) is not None and len(data) <= limits.container_bytes
        if error.code != "image_without_credential" or not is_picture:
            if error.code in _NOTHING_INSIDE or not _could_hold_one(data):
                raise _no_badge(error) from error
            raise
        return _from_picture(data, fetcher, limits, error)
    if parsing.ADDRESS_ONLY in credential.notes:
        return open_badges_2.follow(credential, fetcher, limits)
    return credential


def _from_picture(data: bytes, fetcher: Fetcher, limits: Limits, nothing_baked: VerifierError) -> Credential:
    found = scan.codes(data, limits=limits)
    if not found:
        raise _no_badge(nothing_baked) from nothing_baked
    if len(found) > 1:
        raise VerifierError(
            "several_codes",
            "There are several QR codes in this picture; cut out the one that you want to check.",
            details={"codes": len(found)},
        )
    text = found[0].strip()
    if text.startswith(_WEB):
        body = fetcher.get(text, max_bytes=limits.container_bytes).body
        leads_nowhere = VerifierError(
            "code_without_credential", "The QR code leads to a page that holds no credential."
        )
        try:
            inner = parsing.parse(body, limits=limits)
        except VerifierError as error:
            if error.code in _NOTHING_INSIDE or not _could_hold_one(body):
                raise leads_nowhere from error
            raise
        if parsing.ADDRESS_ONLY in inner.notes:
            raise leads_nowhere
    else:
        try:
            inner = parsing.parse(text.encode("utf-8", "replace"), limits=limits)
        except VerifierError as error:
            raise VerifierError(
                "code_without_credential", "The QR code in this picture is not that of a credential."
            ) from error
    return replace(inner, raw=data, media_type=scan.kind_of(data) or inner.media_type)


def _could_hold_one(data: bytes) -> bool:
    """Whether what is wrong with `data` says more to a person than that there is no badge in it."""
    text = data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<"):
        return _WEB_PAGE.search(text) is None
    return not text or text.startswith(_BEGINNINGS)


def _no_badge(cause: VerifierError) -> VerifierError:
    return VerifierError("no_badge", "There is no badge in this file.", details={"cause": cause.code})
