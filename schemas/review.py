"""A coach's work: findings on a rubric, feedback, the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import validates_schema

from schemas.fields import Choice, Count, Inner, Listing, Moment, Shape, Text, refuse

OUTCOMES = ("approved", "returned")
FEEDBACK_CHARACTERS = 100_000


class FindingShape(Shape):
    """`subject`: the URI of a criterion, `level` the URI of the level reached; or the key of a prompt and `passing` or
    `not_yet`. A finding without a level is feedback alone."""

    subject = Text(required=True, maximum=1000)
    level = Text(maximum=1000, load_default="")
    feedback = Text(maximum=FEEDBACK_CHARACTERS, lines=True, load_default="")


class ReviewChange(Shape):
    """What the reviewer has found so far; findings that are not named stay."""

    findings = Listing(FindingShape, maximum=500, load_default=list)
    feedback = Text(maximum=FEEDBACK_CHARACTERS, lines=True)

    @validates_schema
    def _one_for_each_subject(self, data: Mapping[str, Any], **_: Any) -> None:
        subjects = [finding["subject"] for finding in data.get("findings", [])]
        if len(set(subjects)) != len(subjects):
            raise refuse("finding_repeated", "There are two findings about the same criterion.", "findings")


class Decision(Shape):
    """Feedback that is left out stays as it was recorded; returned work needs some."""

    outcome = Choice(OUTCOMES, required=True)
    feedback = Text(maximum=FEEDBACK_CHARACTERS, lines=True)


class ReviewerShape(Shape):
    name = Text(maximum=200)


class ReviewShape(Shape):
    """`outcome` is "" while nothing has been decided."""

    reviewer = Inner(ReviewerShape)
    attempt = Count(minimum=1)
    outcome = Choice(("", "approved", "returned"))
    feedback = Text(maximum=FEEDBACK_CHARACTERS, lines=True)
    findings = Listing(FindingShape, maximum=500)
    started_at = Moment()
    saved_at = Moment()
    decided_at = Moment()
