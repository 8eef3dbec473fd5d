"""QR codes in photos, screenshots and PDFs.

Pictures from strangers are decoded by native code (Pillow, PDFium, ZXing). That happens in a process of its own, with
bounds on time and memory, so that a picture made to crash or to stall a decoder costs one answer and nothing else.
"""

from __future__ import annotations

from typing import Final

from verifier import confined
from verifier.errors import CouldNotCheck, VerifierError
from verifier.limits import DEFAULT_LIMITS, Limits

_WEBP: Final = (b"RIFF", b"WEBP")
_KINDS: Final = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"%PDF-", "application/pdf"))


def kind_of(data: bytes) -> str | None:
    """The media type, if `data` is a picture or document in which codes can be looked for."""
    if data[:4] == _WEBP[0] and data[8:12] == _WEBP[1]:
        return "image/webp"
    return next((kind for start, kind in _KINDS if data.startswith(start)), None)


def codes(data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[str, ...]:
    """The texts of the QR codes in a picture or PDF, each once, in the order in which they are found.

    Raises:
        VerifierError: `picture_unreadable`.
        CouldNotCheck: `scanner_missing` where the libraries are not installed, `scan_stopped` at a bound.
    """
    try:
        answer = confined.run(
            "verifier.formats.scan_process",
            data,
            seconds=limits.scan_seconds,
            memory=limits.scan_memory_bytes,
            fresh=True,
            bounds={"pixels": limits.picture_pixels, "pages": limits.pdf_pages},
        )
    except confined.Stopped:
        answer = {}
    match answer:
        case {"codes": list(found)}:
            return tuple(dict.fromkeys(str(text) for text in found))
        case {"error": "scanner_missing"}:
            raise CouldNotCheck(
                "scanner_missing",
                "Looking for a QR code in a picture needs further parts: pip install 'badgewright[scan]'.",
            )
        case {"error": "picture_unreadable"}:
            raise VerifierError("picture_unreadable", "The picture or document is damaged or too large to be read.")
        case _:
            raise CouldNotCheck("scan_stopped", "Looking for a QR code in this file took too long and was stopped.")
