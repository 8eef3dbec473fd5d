"""The badge of a microcredential, drawn from its words alone: the same words always give the same picture.

Rim and ribbon come from the organisation, so that a district's badges belong together; the colour of the disc, the
crest and the rosette come from the microcredential, so that two of them can be told apart at a glance, however small.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from xml.sax.saxutils import escape

import resvg_py

from issuer.credentials.artwork.lettering import covers, line, width, wrap

SIDE = 600
_CENTRE = SIDE / 2
_TITLE_MIDDLE = 286.0
_TITLE_SIZES = (58, 54, 50, 46, 42, 38, 34, 31, 28)
_TITLE_LINES = 5


@dataclass(frozen=True, slots=True)
class Design:
    """What a badge shows. `organisation_key` chooses rim and ribbon, `key` disc, crest and rosette."""

    title: str
    organisation: str
    organisation_key: str
    key: str
    kind: str = "Microcredential"


@dataclass(frozen=True, slots=True)
class _Colours:
    deep: str
    mid: str
    metal: str
    paper: str = "#fdfaf3"


#: Chosen by hand: white words on `deep` and `mid`, and dark words on `metal`, are easy to read (contrast above 4.5).
_PALETTES = (
    _Colours("#12344d", "#1f5673", "#e0b252"),
    _Colours("#173f35", "#2a6350", "#e3b864"),
    _Colours("#4a1c33", "#74304f", "#e2b36a"),
    _Colours("#2c2459", "#493e85", "#e8bd5f"),
    _Colours("#5a2418", "#84402c", "#ecc27a"),
    _Colours("#1d3a1f", "#3c6436", "#e6c065"),
    _Colours("#223047", "#3d5273", "#dfae63"),
)


def _numbers(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _printable(text: str) -> str:
    """Without characters that XML cannot hold, and with single spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _point(radius: float, angle: float) -> str:
    return f"{_CENTRE + radius * math.cos(angle):.1f} {_CENTRE + radius * math.sin(angle):.1f}"


def _scallops(count: int, outer: float, inner: float) -> str:
    """A seal's edge: `count` round lobes between two radii."""
    step = math.tau / count
    path = [f"M{_point(inner, -step / 2)}"]
    for index in range(count):
        angle = index * step
        path.append(f"Q{_point(2 * outer - inner, angle)} {_point(inner, angle + step / 2)}")
    return "".join(path) + "Z"


def _rosette(petals: int, radius: float, depth: float, turn: float) -> str:
    """A closed rose curve, as engravers draw them."""
    steps = petals * 16
    points = []
    for index in range(steps):
        angle = math.tau * index / steps
        points.append(_point(radius * (1 - depth + depth * math.cos(petals * angle + turn)), angle))
    return "M" + "L".join(points) + "Z"


def _title_lines(title: str) -> tuple[list[str], int]:
    """The title in as few and as large lines as the disc takes; a title that is too long ends in an ellipsis."""
    for size in _TITLE_SIZES:
        for count in range(1, _TITLE_LINES + 1):
            if count * size * 1.12 > 200:
                break
            lines = wrap(title, _chords(count, size), size)
            if lines:
                return lines, size
    size = _TITLE_SIZES[-1]
    words = title.split()
    while len(words) > 1:
        words.pop()
        lines = wrap(" ".join(words) + "…", _chords(_TITLE_LINES, size), size)
        if lines:
            return lines, size
    cut = title
    while len(cut) > 1 and width(cut + "…", size) > 340:
        cut = cut[:-1]
    return [cut + "…"], size


def _chords(count: int, size: float) -> list[float]:
    """How wide each of `count` lines may be inside the inner disc."""
    widths = []
    for index in range(count):
        offset = abs((index - (count - 1) / 2) * size * 1.12) + size * 0.5 + abs(_CENTRE - _TITLE_MIDDLE)
        widths.append(2 * math.sqrt(max(212.0**2 - offset**2, 0.0)))
    return widths


def badge_svg(design: Design) -> bytes:
    """The badge as a self-contained SVG of 600 by 600 units, with a title and a description for screen readers.

    Words in a script that the typeface lacks stand in it as text, for whatever font the viewer has.
    """
    return _draw(design, outlines_only=False)


def _draw(design: Design, *, outlines_only: bool) -> bytes:
    title = _printable(design.title) or _printable(design.kind)
    organisation = _printable(design.organisation)
    own = _numbers(design.organisation_key)[0]
    colours, seed = _PALETTES[own % len(_PALETTES)], _numbers(design.key)
    disc = _PALETTES[(own + seed[14]) % len(_PALETTES)]
    lobes, petals = 28 + 4 * (seed[0] % 4), 5 + seed[1] % 8
    rosettes = "".join(
        f'<path d="{_rosette(petals, 214, 0.16 + 0.04 * (seed[2] % 5), math.pi * turn / 4)}"/>' for turn in range(8)
    )
    ticks = "".join(
        f'<path d="M{_point(247, math.tau * index / 120)}L{_point(254, math.tau * index / 120)}"/>'
        for index in range(120)
    )
    emblem = outlines_only and not covers(title)
    lines, size = ([], 0) if emblem else _title_lines(title)
    first = _TITLE_MIDDLE - (len(lines) - 1) * size * 0.56 + size * 0.33
    words = "".join(
        line(text, _CENTRE, first + index * size * 1.12, size, fill=colours.paper) for index, text in enumerate(lines)
    )
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" ',
            f'width="{SIDE}" height="{SIDE}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(_printable(design.kind))}: {escape(title)}. {escape(organisation)}.</desc>",
            f'<defs><radialGradient id="g" cx="50%" cy="38%" r="70%"><stop offset="0" stop-color="{disc.mid}"/>',
            f'<stop offset="1" stop-color="{disc.deep}"/></radialGradient></defs>',
            f'<path fill="{colours.metal}" d="{_scallops(lobes, 292, 278)}"/>',
            f'<circle cx="300" cy="300" r="268" fill="{colours.deep}"/>',
            f'<g stroke="{colours.metal}" stroke-width="2" opacity="0.75">{ticks}</g>',
            f'<circle cx="300" cy="300" r="240" fill="url(#g)" stroke="{colours.metal}" stroke-width="4"/>',
            f'<g fill="none" stroke="{colours.paper}" stroke-width="1.2" opacity="0.16">{rosettes}</g>',
            # The crest alone, large: better than a row of empty boxes where letters should be.
            f'<g transform="translate(300 262) scale(2.4) translate(-300 -130)">{_crest(seed, colours)}</g>'
            if emblem
            else _crest(seed, colours) + words,
            _ribbon(
                _printable(design.kind).upper(),
                "" if outlines_only and not covers(organisation) else organisation,
                colours,
            ),
            "</svg>",
        )
    ).encode()


#: Line drawings above the title, about 100 units wide: an idea, a sprout, talk, a compass, people, a list. "" is the
#: open book.
_CRESTS = (
    "M288 152Q272 142 272 124A28 28 0 0 1 328 124Q328 142 312 152ZM290 164H310M294 174H306"
    "M300 82V88M258 98L263 102M342 98L337 102",
    "M300 174V130M300 146Q298 114 258 112Q260 144 300 146M300 132Q302 102 340 98Q340 130 300 132",
    "M256 102H304Q314 102 314 112V132Q314 142 304 142H280L266 156V142H256Q246 142 246 132V112Q246 102 256 102Z"
    "M326 118H344Q354 118 354 128V148Q354 158 344 158H340V172L326 158H306",
    "",
    "M264 136A36 36 0 1 0 336 136A36 36 0 1 0 264 136ZM300 112L310 136L300 160L290 136Z",
    "M262 116A14 14 0 1 0 290 116A14 14 0 1 0 262 116ZM250 172Q250 142 276 142T302 172"
    "M310 116A14 14 0 1 0 338 116A14 14 0 1 0 310 116ZM312 148Q318 142 324 142Q350 142 350 172",
    "M268 100H332V174H268ZM279 122L286 129L296 116M306 123H321M279 150L286 157L296 144M306 151H321",
)


def _crest(seed: bytes, colours: _Colours) -> str:
    drawing = _CRESTS[seed[4] % len(_CRESTS)]
    if not drawing:
        return _book(seed, colours)
    return (
        f'<path fill="none" stroke="{colours.metal}" stroke-width="5" stroke-linecap="round" '
        f'stroke-linejoin="round" d="{drawing}"/>'
    )


def _book(seed: bytes, colours: _Colours) -> str:
    """An open book under a few rays."""
    rays = 5 + 2 * (seed[3] % 3)
    beams = []
    for index in range(rays):
        angle = math.pi + math.pi * (index + 1) / (rays + 1)
        inner, outer = (36, 58) if index % 2 == 0 else (36, 50)
        start = f"{300 + inner * math.cos(angle):.1f} {138 + inner * math.sin(angle):.1f}"
        end = f"{300 + outer * math.cos(angle):.1f} {138 + outer * math.sin(angle):.1f}"
        beams.append(f"M{start}L{end}")
    return (
        f'<g fill="none" stroke="{colours.metal}" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{"".join(beams)}"/>'
        '<path d="M300 142C288 128 268 124 250 128V158C268 154 288 158 300 170C312 158 332 154 350 158V128'
        'C332 124 312 128 300 142V170"/></g>'
    )


def _ribbon(kind: str, organisation: str, colours: _Colours) -> str:
    """The band across the lower part with the kind of award, and the organisation's name below it."""
    size = 30.0
    while width(kind, size, 3) > 330 and size > 14:
        size -= 1
    name, name_size = organisation, 25.0
    while width(name, name_size) > 250 and name_size > 17:
        name_size -= 1
    while len(name) > 2 and width(name, name_size) > 250:
        name = name[:-2].rstrip() + "…"
    return (
        f'<path fill="{_darker(colours.metal)}" d="M58 396L40 430L66 462L112 462L112 408Z'
        'M542 396L560 430L534 462L488 462L488 408Z"/>'
        f'<path fill="{colours.metal}" d="M84 392Q300 424 516 392V448Q300 480 84 448Z"/>'
        + line(kind, _CENTRE, 446, size, fill=colours.deep, spacing=3)
        + line(name, _CENTRE, 502, name_size, fill=colours.paper)
    )


def _darker(colour: str) -> str:
    return "#" + "".join(f"{int(colour[at : at + 2], 16) * 7 // 10:02x}" for at in (1, 3, 5))


def badge_png(design: Design, *, side: int = 800) -> bytes:
    """The badge as a PNG of `side` by `side` pixels on a transparent ground.

    It uses no font of the machine, so that it is the same everywhere; a title in a script that the typeface lacks is
    left out of the picture, and a large crest stands in its place.
    """
    svg = _draw(design, outlines_only=True).decode()
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=side, height=side, skip_system_fonts=True))
