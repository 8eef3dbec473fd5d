"""What a result leads with: the badge as people ask about it, and only where its signature and its issuer were proven.

A forgery gets no picture, no title page and no name: what it says of itself is listed as that, further down.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from issuer.credentials.recipient import stated_name
from issuer.errors import NotFound
from issuer.queries.credentials import current_of
from issuer.services import sharing
from issuer.web.current import looking, runtime
from issuer.web.verdicts import About, about, first, listed, plain_text
from verifier.formats import json_text, png
from verifier.report import CheckId, Report, Verdict

#: A picture in the credential itself, in base64. Larger ones are left out: the report is a page, not an album.
_PNG_DATA = "data:image/png;base64,"
_MOST_PICTURE = 512 * 1024
_MOST_PIXELS = 4096
_MOST_LEVELS = 50
_ARTWORK = frozenset({"documents.achievement_svg", "documents.achievement_png"})


@dataclass(frozen=True, slots=True)
class Lead:
    """A proven badge. "" where it says nothing.

    Attributes:
        recognised: the issuer is one the reader recognises; otherwise `issuer` is no more than what it calls itself.
        person: a name that the issuer signed.
        recipient: how else the credential names the person.
        levels: criterion and the level reached in it.
        picture: an address of our own, or a `data:` URL of a PNG that was signed; never anybody else's address.
    """

    about: About
    recognised: bool
    issuer: str
    person: str = ""
    recipient: str = ""
    levels: tuple[tuple[str, str], ...] = ()
    picture: str = ""


def lead(report: Report) -> Lead | None:
    """None for whatever is not proven, and for a presentation, which is no badge."""
    says = about(report)
    document = report.credential
    if says is None or document is None or report.verdict not in (Verdict.VERIFIED, Verdict.UNRECOGNISED):
        return None
    recognised = report.verdict is Verdict.VERIFIED
    policy = report.result(CheckId.POLICY)
    registered = plain_text(policy.details.get("name")) if recognised and policy is not None else ""
    subjects = listed(document.get("credentialSubject"))
    alone = subjects[0] if len(subjects) == 1 else {}
    return Lead(
        about=says,
        recognised=recognised,
        issuer=registered or says.issuer_name or says.issuer_id,
        person=stated_name(document),
        recipient=says.recipient if len(subjects) < 2 else f"{len(subjects)} people",
        levels=tuple(_levels(alone)),
        picture=_picture(document, alone) if recognised else "",
    )


def public_address(report: Report, url: str) -> str:
    """Where anybody can see a verified badge again: its own address, here if it is shared, elsewhere if it is `url`.

    "" for none. An address that the badge does not call its own could be anybody's who made a copy of it.
    """
    document = report.credential
    if document is None or not report.verified or report.is_presentation:
        return ""
    place = _own_place(document.get("id"))
    if place is None or place[0] != "credentials.show":
        return url if url == document.get("id") else ""
    number = str(place[1]["number"])
    try:
        with looking() as session:
            stored = sharing.public_credential(session, number, None).document
    except NotFound:
        return ""
    # Anybody can sign a document that calls itself by an address of ours.
    return runtime().addresses.credential(number) if json_text.loads(stored) == document else ""


def newer_badge(report: Report) -> str:
    """The address of the shared badge that took the place of this one of ours. "" where there is none to show.

    It is for strangers: of a badge that is not shared nobody learns that it was replaced.
    """
    document = report.credential
    place = None if document is None or report.is_presentation else _own_place(document.get("id"))
    if place is None or place[0] != "credentials.show":
        return ""
    with looking() as session:
        try:
            credential = sharing.public_credential(session, str(place[1]["number"]), None)
        except NotFound:
            return ""
        # Anybody can write our address into a document of their own.
        if credential.replaced_at is None or json_text.loads(credential.document) != document:
            return ""
        return url_for("credentials.show", number=current_of(session, credential).number)


def _levels(subject: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    described = {
        each["id"]: each
        for each in listed(first(subject.get("achievement")).get("resultDescription"))
        if isinstance(each.get("id"), str)
    }
    for result in listed(subject.get("result"))[:_MOST_LEVELS]:
        named = result.get("resultDescription")
        description = described.get(named, {}) if isinstance(named, str) else {}
        levels = listed(description.get("rubricCriterionLevel"))
        level = next((each for each in levels if each.get("id") == result.get("achievedLevel") is not None), {})
        reached = plain_text(level.get("name")) or plain_text(result.get("value"))
        name = plain_text(description.get("name"))
        if name and reached:
            yield name, reached


def _picture(document: Mapping[str, Any], subject: Mapping[str, Any]) -> str:
    """Of the achievement, else of the credential. A reader's browser is never sent to somebody else's server."""
    for image in (first(subject.get("achievement")).get("image"), document.get("image")):
        address = image.get("id") if isinstance(image, Mapping) else image
        place = _own_place(address)
        if place is not None and place[0] in _ARTWORK:
            return url_for(place[0], **place[1])
        if isinstance(address, str) and address.startswith(_PNG_DATA) and _is_small_png(address):
            return address
    return ""


def _is_small_png(address: str) -> bool:
    if len(address) > _MOST_PICTURE:
        return False
    try:
        data = base64.b64decode(address.removeprefix(_PNG_DATA), validate=True)
        width, height = struct.unpack_from(">II", data, len(png.SIGNATURE) + 8)
    except (binascii.Error, ValueError, struct.error):
        return False
    return data.startswith(png.SIGNATURE) and 0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS


def _own_place(address: object) -> tuple[str, dict[str, Any]] | None:
    """(endpoint, values) of an address of this installation."""
    base = runtime().addresses.base_url
    if not isinstance(address, str) or not address.startswith(f"{base}/") or len(address) > 2000:
        return None
    try:
        endpoint, values = current_app.url_map.bind("").match(address.removeprefix(base), method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return endpoint, dict(values)
