"""From what a person has in hand to the credential itself: a file, or a picture that leads to one.

A picture without a badge in it may show a QR code, and an old image may hold only an address. Both say no more than
where to look: whatever is found there is verified like anything else.
"""

from __future__ import annotations

from dataclasses import replace

from verifier import parsing
from verifier.checks import open_badges_2
from verifier.credential import Credential
from verifier.errors import VerifierError
from verifier.fetch import Fetcher
from verifier.formats import scan
from verifier.limits import Limits

_WEB = ("https://", "http://")


def take_in(data: bytes, fetcher: Fetcher, limits: Limits) -> Credential:
    """The credential in `data`, or the one to which it leads.

    Raises:
        CouldNotCheck: it leads to an address that could not be read; `scanner_missing`, `scan_stopped`.
        VerifierError: as `parsing.parse`; `picture_unreadable`, `several_codes`, `code_without_credential`.
    """
    try:
        credential = parsing.parse(data, limits=limits)
    except VerifierError as error:
        is_picture = scan.kind_of(data) is not None and len(data) <= limits.container_bytes
        if error.code != "image_without_credential" or not is_picture:
            raise
        return _from_picture(data, fetcher, limits, error)
    if parsing.ADDRESS_ONLY in credential.notes:
        return open_badges_2.follow(credential, fetcher, limits)
    return credential


def _from_picture(data: bytes, fetcher: Fetcher, limits: Limits, nothing_baked: VerifierError) -> Credential:
    found = scan.codes(data, limits=limits)
    if not found:
        raise VerifierError(
            "image_without_credential", "This picture holds no badge, and no QR code could be found in it."
        ) from nothing_baked
    if len(found) > 1:
        raise VerifierError(
            "several_codes",
            "There are several QR codes in this picture; cut out the one that you want to check.",
            details={"codes": len(found)},
        )
    text = found[0].strip()
    if text.startswith(_WEB):
        body = fetcher.get(text, max_bytes=limits.container_bytes).body
        inner = parsing.parse(body, limits=limits)
        if parsing.ADDRESS_ONLY in inner.notes:
            raise VerifierError("code_without_credential", "The QR code leads to a page that holds no credential.")
    else:
        try:
            inner = parsing.parse(text.encode("utf-8", "replace"), limits=limits)
        except VerifierError as error:
            raise VerifierError(
                "code_without_credential", "The QR code in this picture is not that of a credential."
            ) from error
    return replace(inner, raw=data, media_type=scan.kind_of(data) or inner.media_type)
