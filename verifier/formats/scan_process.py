"""Decoding pictures and looking for QR codes in them. Runs only in the process of `verifier.confined`."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image


def _pictures(data: bytes, limits: dict[str, Any]) -> Iterator[Image]:
    from PIL import Image

    # A warning at the bound and an error at twice the bound is Pillow's way; here the bound is the bound.
    Image.MAX_IMAGE_PIXELS = int(limits["pixels"])
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if not data.startswith(b"%PDF-"):
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            yield picture.convert("L")
        return
    import pypdfium2

    with pypdfium2.PdfDocument(data) as document:
        for number in range(min(len(document), int(limits["pages"]))):
            page = document[number]
            # 200 dots an inch reads a code of 2 cm; a huge page is drawn smaller instead of not at all.
            width, height = page.get_size()
            scale = min(200 / 72, (limits["pixels"] / max(width * height, 1)) ** 0.5)
            yield page.render(scale=scale, grayscale=True).to_pil()


def run(data: bytes, limits: dict[str, Any]) -> dict[str, Any]:
    try:
        import zxingcpp
        from PIL import UnidentifiedImageError
        from PIL.Image import DecompressionBombError, DecompressionBombWarning
        from pypdfium2 import PdfiumError
    except ModuleNotFoundError:
        return {"error": "scanner_missing"}
    found: list[str] = []
    try:
        for picture in _pictures(data, limits):
            found += [
                code.text
                for code in zxingcpp.read_barcodes(
                    picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
                )
            ]
    except (
        UnidentifiedImageError,
        DecompressionBombError,
        DecompressionBombWarning,
        PdfiumError,
        OSError,
        ValueError,
        SyntaxError,  # Pillow's word for a broken PNG
    ):
        return {"error": "picture_unreadable"}
    return {"codes": found}
