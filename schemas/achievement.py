"""Microcredentials: the whole definition, and its versions. Names are those of our definition files.

Definitions come in as files in one of the formats that `achievements.imports` reads, so these shapes only go out.
"""

from __future__ import annotations

from schemas.fields import Choice, Count, Flag, Inner, Listing, Moment, Number, Shape, Slug, Text, WebAddress

STATUSES = ("draft", "published", "retired")


class AlignmentShape(Shape):
    """Open Badges 3.0 Alignment."""

    target_name = Text(maximum=1000)
    target_url = WebAddress(any_scheme=True)
    target_code = Text(maximum=200)
    target_description = Text(maximum=10_000, lines=True)
    target_framework = Text(maximum=500)
    target_type = Text(maximum=100)


class LevelShape(Shape):
    """`passing`: reaching it meets the criterion."""

    id = WebAddress(any_scheme=True)
    name = Text(maximum=300)
    description = Text(maximum=10_000, lines=True)
    points = Text(maximum=50)
    passing = Flag()


class CriterionShape(Shape):
    """Levels stand lowest first."""

    id = WebAddress(any_scheme=True)
    name = Text(maximum=500)
    description = Text(maximum=10_000, lines=True)
    weight = Number()
    alignment = Listing(AlignmentShape, maximum=100)
    levels = Listing(LevelShape, maximum=50)


class RubricShape(Shape):
    criteria = Listing(CriterionShape, maximum=200)


class PromptShape(Shape):
    """Word counts: 0 = no bound."""

    key = Text(maximum=120)
    text = Text(maximum=10_000, lines=True)
    guidance = Text(maximum=10_000, lines=True)
    min_words = Count()
    max_words = Count()
    required = Flag()
    passing_response = Text(maximum=10_000, lines=True)


class ArtifactShape(Shape):
    """`maxBytes` bounds one file."""

    key = Text(maximum=120)
    title = Text(maximum=500)
    directions = Text(maximum=10_000, lines=True)
    kinds = Listing(Text(maximum=20), maximum=10)
    media_types = Listing(Text(maximum=120), maximum=50)
    min_items = Count()
    max_items = Count()
    max_bytes = Count()
    required = Flag()
    genre = Text(maximum=100)
    student_work = Flag()


class ResourceShape(Shape):
    title = Text(maximum=500)
    url = WebAddress()
    note = Text(maximum=2000, lines=True)


class AchievementShape(Shape):
    """`achievements.model.Achievement`. `expiresAfterMonths` 0: the credential does not expire."""

    key = Text(maximum=120)
    name = Text(maximum=300)
    description = Text(maximum=10_000, lines=True)
    key_method = Text(maximum=10_000, lines=True)
    criteria_narrative = Text(maximum=100_000, lines=True)
    achievement_type = Text(maximum=100)
    version = Text(maximum=100)
    human_code = Text(maximum=100)
    field_of_study = Text(maximum=200)
    specialization = Text(maximum=200)
    language = Text(maximum=20)
    tags = Listing(Text(maximum=100), maximum=100)
    audience = Listing(Text(maximum=100), maximum=100)
    hours = Number()
    expires_after_months = Count()
    alignment = Listing(AlignmentShape, maximum=200)
    overview = Listing(PromptShape, maximum=50)
    artifacts = Listing(ArtifactShape, maximum=50, attribute="evidence")
    rubric = Inner(RubricShape)
    reflection = Listing(PromptShape, maximum=50)
    resources = Listing(ResourceShape, maximum=100)
    research = Listing(ResourceShape, maximum=100)


class VersionShape(Shape):
    """One version of a microcredential, as lists show it."""

    organisation = Slug(attribute="achievement.organisation.slug")
    key = Text(maximum=120, attribute="achievement.key")
    number = Count()
    status = Choice(STATUSES)
    name = Text(maximum=300)
    published_at = Moment()
    retired_at = Moment()


class CatalogueQuery(Shape):
    """How to search the catalogue: words, a competency's URI, an organisation."""

    q = Text(maximum=200, load_default="")
    competency = WebAddress(any_scheme=True, load_default="")
    organisation = Text(maximum=63, load_default="")
