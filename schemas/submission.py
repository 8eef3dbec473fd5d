"""A teacher's work: the draft, its evidence, handing it in and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import validates_schema

from schemas.achievement import VersionShape
from schemas.fields import Choice, Count, Flag, Inner, Keyed, Listing, Moment, Shape, Slug, Text, WebAddress, refuse

STATES = ("draft", "submitted", "in_review", "returned", "approved", "issued", "withdrawn")
KINDS = ("file", "video", "audio", "image", "link", "text")
ANSWER_CHARACTERS = 100_000


class SubmissionStart(Shape):
    organisation = Slug(required=True)
    key = Text(required=True, maximum=120)


class DraftChange(Shape):
    """Answers by the key of their prompt; those not named stay. `revision` is the one that was read."""

    revision = Count(required=True)
    answers = Keyed(Text(maximum=ANSWER_CHARACTERS, lines=True, trimmed=False), maximum=200, required=True)


class EvidenceDescription(Shape):
    """What a teacher says about a piece of evidence. Beside a file it is all: name and kind are read from the file."""

    artifact_key = Text(required=True, maximum=120)
    title = Text(maximum=300, load_default="")
    description = Text(maximum=2000, lines=True, load_default="")


class EvidenceLinkOrText(EvidenceDescription):
    """Exactly one of `url` and `text`."""

    name = Text(maximum=300, load_default="")
    url = WebAddress(load_default="")
    text = Text(maximum=ANSWER_CHARACTERS, lines=True, load_default="")

    @validates_schema
    def _exactly_one(self, data: Mapping[str, Any], **_: Any) -> None:
        if bool(data.get("url")) == bool(data.get("text")):
            raise refuse("evidence_content", "Give either an address or a text, one of the two.", "url")


class EvidenceChange(Shape):
    """`shared`: whether anyone may open it, and its address stands in the credential. `title`: what it is called in the
    credential, until it is handed in; the artifact's title where it is empty. Files' names are in no credential."""

    shared = Flag()
    title = Text(maximum=300)

    @validates_schema
    def _at_least_one(self, data: Mapping[str, Any], **_: Any) -> None:
        if not data:
            raise refuse("nothing_to_change", "Say what to change: title, shared, or both.")


class EvidenceShape(Shape):
    number = Text(maximum=32)
    artifact_key = Text(maximum=120)
    kind = Choice(KINDS)
    name = Text(maximum=300)
    title = Text(maximum=300)
    description = Text(maximum=2000, lines=True)
    url = WebAddress()
    text = Text(maximum=ANSWER_CHARACTERS, lines=True)
    media_type = Text(maximum=120)
    size = Count()
    sha256 = Text(maximum=64)
    shared = Flag()
    added_at = Moment()


class AnswerShape(Shape):
    prompt_key = Text(maximum=120)
    text = Text(maximum=ANSWER_CHARACTERS, lines=True)


class HandIn(Shape):
    """`changeNote`: what is new, when it is handed in again."""

    change_note = Text(maximum=ANSWER_CHARACTERS, lines=True, load_default="")


class SubmissionSummary(Shape):
    number = Text(maximum=32)
    state = Choice(STATES)
    attempt = Count(minimum=1)
    version = Inner(VersionShape)
    started_at = Moment()
    saved_at = Moment()
    submitted_at = Moment()
    decided_at = Moment()


class SubmissionShape(SubmissionSummary):
    """`revision` counts every change: send back the one that was read, so that no other window is overwritten."""

    revision = Count()
    change_note = Text(maximum=ANSWER_CHARACTERS, lines=True)
    answers = Listing(AnswerShape, maximum=200)
    evidence = Listing(EvidenceShape, maximum=500)
