"""Template filters: how moments, sizes, word counts and other people's Markdown are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

from achievements.criteria import count_words
from issuer import media
from issuer.clock import now
from issuer.credentials.artwork import qr_svg
from issuer.storage import readable

#: Characters in a QR code that a telephone still reads from a sheet of paper.
_LONGEST_CODE = 400
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
#: What other people's text may contain. No pictures: they would call out to somebody else's server.
_TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "blockquote",
    "code",
    "pre",
    "a",
    "hr",
    "h3",
    "h4",
    "h5",
    "h6",
} | {
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def moment(at: datetime) -> str:
    """`21 November 2026, 22:05 UTC`."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def day(at: datetime) -> str:
    """`21 November 2026`."""
    return f"{at.day} {at:%B %Y}"


def age(at: datetime) -> str:
    """How long ago, in the unit a person would use: `3 days`."""
    seconds = max(0, int((now() - at).total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def hours(value: float) -> str:
    """`15 hours`, `1 hour`, `2.5 hours`."""
    return f"{value:g} hour{'' if value == 1 else 's'}"


def words(text: str) -> int:
    """As the rule for handing in counts them."""
    return count_words(text)


def markdown(text: str) -> Markup:
    """CommonMark as HTML, cleaned: headings start at the third level, links are http or https only."""
    lowered = _markdown.parse(text)
    for token in lowered:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
    html = _markdown.renderer.render(lowered, _markdown.options, {})
    return Markup(  # noqa: S704 - cleaned by nh3 in this very line
        nh3.clean(
            html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https"}, link_rel="noopener nofollow"
        )
    )


def qr_code(address: str) -> Markup:
    """An address of ours, or one that was verified, as a drawing for paper; "" for one that no code could hold."""
    if len(address) > _LONGEST_CODE:
        return Markup("")
    drawing = qr_svg(address).decode().partition("?>")[2]
    return Markup(drawing)  # noqa: S704 - squares drawn by us; the address is in none of its text


def label(name: str) -> str:
    """A member's name for a person: `listSha256` and `list_sha256` are `List sha256`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name)
    return spaced[:1].upper() + spaced[1:].lower()


def plainly(value: object) -> str:
    """A detail of a report: words as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def file_kinds(media_types: Iterable[str]) -> str:
    """`PDF, Word document, picture (JPEG, PNG)`."""
    return media.describe_all(media_types)


def file_kind(media_type: str) -> str:
    """`Word document`."""
    return media.describe(media_type)


def playable(media_type: str) -> bool:
    """Browsers can play it: it has a page of its own."""
    return media.is_played(media_type)


def web_link(url: str) -> bool:
    """`url` may stand in an href: an absolute http or https address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def install(app: Flask) -> None:
    shown = (
        moment,
        day,
        age,
        hours,
        words,
        markdown,
        label,
        plainly,
        file_kind,
        file_kinds,
        playable,
        web_link,
        qr_code,
    )
    for each in shown:
        app.add_template_filter(each)
    app.add_template_filter(readable, "size")
