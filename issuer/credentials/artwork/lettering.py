"""Words as outlines, so that a badge looks the same on every machine whatever fonts it has.

The typeface is Source Serif Pro Semibold (SIL Open Font License 1.1, `SourceSerifPro-LICENSE.txt` beside this file).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from importlib import resources
from xml.sax.saxutils import escape

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont


@dataclass(frozen=True, slots=True)
class _Glyph:
    path: str
    advance: float


class _Face:
    """The typeface, read once. Lengths are in font units, `units` to the em."""

    def __init__(self) -> None:
        with resources.as_file(resources.files(__package__) / "SourceSerifPro-Semibold.ttf") as path:
            font = TTFont(path, lazy=False)
        self.units = int(font["head"].unitsPerEm)
        self._names = font.getBestCmap()
        self._outlines = font.getGlyphSet()
        self._glyphs: dict[str, _Glyph] = {}
        self._lock = threading.Lock()

    def covers(self, text: str) -> bool:
        return all(ord(character) in self._names for character in text)

    def glyph(self, character: str) -> _Glyph:
        with self._lock:
            found = self._glyphs.get(character)
            if found is None:
                outline = self._outlines[self._names.get(ord(character), ".notdef")]
                pen = SVGPathPen(self._outlines, ntos=lambda number: str(round(number)))
                outline.draw(pen)
                found = self._glyphs[character] = _Glyph(pen.getCommands(), float(outline.width))
            return found


@cache
def _face() -> _Face:
    return _Face()


def covers(text: str) -> bool:
    """Whether the typeface has every character of `text`: Latin, Greek and Cyrillic scripts."""
    return _face().covers(text)


def width(text: str, size: float, spacing: float = 0.0) -> float:
    """How wide `text` is at `size`; a character the typeface lacks counts as one em. `spacing` is added after each."""
    face = _face()
    total = 0.0
    for character in text:
        total += face.glyph(character).advance / face.units * size if face.covers(character) else size
    return total + spacing * len(text)


def line(text: str, x: float, y: float, size: float, *, fill: str, spacing: float = 0.0) -> str:
    """SVG for one line of words, centred on `x` with its baseline at `y`.

    Words with characters that the typeface lacks are written as text of the same width, in whatever font is there.
    """
    start = x - width(text, size, spacing) / 2 + spacing / 2
    face = _face()
    if not face.covers(text):
        return (
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:.1f}" text-anchor="middle" font-weight="600" '
            f'font-family="serif" fill="{fill}">{escape(text)}</text>'
        )
    scale = size / face.units
    parts = []
    for character in text:
        glyph = face.glyph(character)
        if glyph.path:
            parts.append(f'<path transform="translate({(start - x) / scale:.0f})" d="{glyph.path}"/>')
        start += glyph.advance * scale + spacing
    return (
        f'<g fill="{fill}" transform="translate({x:.1f} {y:.1f}) scale({scale:.5f} -{scale:.5f})">{"".join(parts)}</g>'
    )


def wrap(text: str, limits: list[float], size: float) -> list[str] | None:
    """`text` in as many lines as `limits`, each no wider than its own limit; `None` if it does not fit."""
    words = text.split()
    lines: list[str] = []
    for limit in limits:
        taken: list[str] = []
        while words and width(" ".join([*taken, words[0]]), size) <= limit:
            taken.append(words.pop(0))
        if not taken:
            return None
        lines.append(" ".join(taken))
    return None if words else lines
