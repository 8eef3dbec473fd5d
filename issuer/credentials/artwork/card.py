"""The picture that social networks show beside a link: 1200 by 627 pixels, badge at the left, words at the right."""

from __future__ import annotations

import resvg_py

from issuer.credentials.artwork.badge import Design, badge_svg
from issuer.credentials.artwork.lettering import line, width, wrap

#: What LinkedIn asks for; others cut it a little or not at all.
WIDTH, HEIGHT = 1200, 627
_LEFT, _ROOM = 610.0, 530.0
_INK, _SOFT, _METAL = "#241a29", "#5c5063", "#a9811a"


def card_png(design: Design, holder: str, date: str) -> bytes:
    """`holder` and `date` as they should be read, such as "Ada Lovelace" and "21 November 2026"; `holder` may be ""."""
    whole = 'width="600" height="600"'
    badge = badge_svg(design).decode().removeprefix("<svg ").replace(whole, 'width="480" height="480"', 1)
    title, size = _fit(design.title, 4)
    height = len(title) * size * 1.15
    top = HEIGHT / 2 - height / 2 - 20
    words = [_left(text, top + (index + 0.8) * size * 1.15, size, _INK) for index, text in enumerate(title)]
    if holder:
        words.append(_left(_short(holder, 38), top + height + 60, 38, _SOFT))
    words.append(_left(_short(f"{design.organisation}, {date}", 27), top + height + 108, 27, _SOFT))
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        f'<g fill="none" stroke="{_METAL}" stroke-width="2"><rect x="18" y="18" width="{WIDTH - 36}" '
        f'height="{HEIGHT - 36}"/><rect x="27" y="27" width="{WIDTH - 54}" height="{HEIGHT - 54}"/></g>'
        f'<svg x="66" y="{HEIGHT / 2 - 240}" {badge}'
        f"{''.join(words)}</svg>"
    )
    return bytes(resvg_py.svg_to_bytes(svg_string=picture, width=WIDTH, height=HEIGHT))


def _fit(title: str, lines: int) -> tuple[list[str], int]:
    for size in (64, 56, 48, 42, 36):
        found = wrap(title, [_ROOM] * lines, size)
        if found:
            return found, size
        for fewer in range(1, lines):
            found = wrap(title, [_ROOM] * fewer, size)
            if found:
                return found, size
    return [_short(title, 36)], 36


def _short(text: str, size: float) -> str:
    while len(text) > 1 and width(text, size) > _ROOM:
        text = text[:-2].rstrip() + "…"
    return text


def _left(text: str, y: float, size: float, fill: str) -> str:
    return line(text, _LEFT + width(text, size) / 2, y, size, fill=fill)
