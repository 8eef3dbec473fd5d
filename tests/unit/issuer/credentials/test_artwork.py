from __future__ import annotations

import io
import itertools
import re

import pytest
from defusedxml import ElementTree
from PIL import Image

from achievements import definitions
from issuer.credentials.artwork import Design, badge_png, badge_svg, qr_svg
from issuer.credentials.artwork.badge import _PALETTES, _title_lines
from issuer.credentials.artwork.lettering import width

DESIGN = Design("Wait Time & <Questioning>", "Maple Valley", "maple", "wait-time")


def test_the_same_words_give_the_same_bytes_and_other_keys_other_pictures() -> None:
    assert badge_svg(DESIGN) == badge_svg(DESIGN)
    assert badge_svg(DESIGN) != badge_svg(Design(DESIGN.title, DESIGN.organisation, "maple", "other-key"))


def test_the_svg_is_well_formed_needs_nothing_from_outside_and_says_what_it_is() -> None:
    svg = badge_svg(DESIGN)
    root = ElementTree.fromstring(svg)
    assert root.find("{http://www.w3.org/2000/svg}title").text == DESIGN.title
    assert not re.search(rb"href|url\((?!#)|<text|<image|font-family", svg)


def test_a_title_outside_the_typeface_is_written_as_text_and_control_characters_vanish() -> None:
    svg = badge_svg(Design("教師の\x00発問\x08", "", "hk", "z"))
    assert "教師の 発問" in "".join(ElementTree.fromstring(svg).itertext())
    assert b"<text" in svg


@pytest.mark.parametrize("title", ["Feedback", "word " * 60, "x" * 300, "A " + "y" * 200, ""])
def test_every_title_fits_into_the_disc(title: str) -> None:
    svg = badge_svg(Design(title, "Oak " * 40, "oak", "k"))
    ElementTree.fromstring(svg)
    if title:
        lines, size = _title_lines(title.strip())
        assert len(lines) <= 5
        assert all(width(text, size) <= 424 for text in lines)


def test_the_png_is_square_and_transparent_at_its_corner() -> None:
    picture = Image.open(io.BytesIO(badge_png(DESIGN, side=120)))
    assert picture.size == (120, 120)
    assert picture.convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize("colours", _PALETTES, ids=lambda colours: colours.deep)
def test_words_stand_out_from_their_ground(colours) -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        high, low = sorted((luminance(one), luminance(other)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    assert min(contrast(colours.paper, colours.mid), contrast(colours.paper, colours.deep)) > 4.5
    assert contrast(colours.deep, colours.metal) > 4.5


def test_a_qr_code_is_svg() -> None:
    root = ElementTree.fromstring(qr_svg("https://badges.example.org/credentials/7f0c"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_png_asks_no_font_of_the_machine_and_shows_a_crest_for_words_it_cannot_letter() -> None:
    one, other = (badge_png(Design(title, "", "hk", "z"), side=120) for title in ("教師の発問", "授業改善"))
    assert one == other
    assert one != badge_png(Design("Feedback", "", "hk", "z"), side=120)


def test_the_badges_of_one_district_looked_alike_but_for_their_words() -> None:
    """Side by side at 200 pixels, words left out: another disc and another drawing for each of our own."""
    seen = []
    for each in definitions.load().achievements:
        design = Design("教師", "Maple County Schools", "maple-county", each.key)
        picture = Image.open(io.BytesIO(badge_png(design, side=200))).convert("RGB")
        svg = badge_svg(Design(each.name, "", "maple-county", each.key)).decode()
        crest = svg.partition('stroke-linejoin="round" d="')[2].partition('"')[0]
        seen.append((picture.getpixel((40, 110)), crest))
    for (one, drawing), (other, another) in itertools.combinations(seen, 2):
        assert sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 40  # type: ignore[arg-type]  # RGB
        assert drawing != another
