"""Competency frameworks (CASE), and what an import of frameworks or definitions would do or did."""

from __future__ import annotations

from schemas.fields import Choice, Count, Flag, Listing, Moment, Shape, Text, WebAddress


class CompetencyShape(Shape):
    """One CFItem. `parentUri` is "" at the top."""

    uri = WebAddress(any_scheme=True, dump_only=True)
    parent_uri = WebAddress(any_scheme=True, dump_only=True)
    code = Text(maximum=200, dump_only=True)
    statement = Text(maximum=10_000, lines=True, dump_only=True)


class FrameworkSummary(Shape):
    uri = WebAddress(any_scheme=True, dump_only=True)
    identifier = Text(maximum=200, dump_only=True)
    title = Text(maximum=500, dump_only=True)
    imported_at = Moment(dump_only=True)


class FrameworkShape(FrameworkSummary):
    source_sha256 = Text(maximum=64, dump_only=True)
    competencies = Listing(CompetencyShape, maximum=100_000, dump_only=True)


class ImportOptions(Shape):
    """`dryRun`: say what would happen and change nothing."""

    dry_run = Flag(load_default=False)


class ImportProblemShape(Shape):
    code = Text(maximum=100, dump_only=True)
    message = Text(maximum=2000, dump_only=True)
    pointer = Text(maximum=2000, dump_only=True)
    severity = Choice(("error", "warning"), dump_only=True)


class DifferenceShape(Shape):
    """One field of a microcredential: what it says, and what it would say. "" where there is nothing."""

    field = Text(maximum=1000, dump_only=True)
    before = Text(maximum=1000, lines=True, dump_only=True)
    after = Text(maximum=1000, lines=True, dump_only=True)


class AdoptionShape(Shape):
    """Whose rubric is to be which CFRubric. `key`: of a microcredential; with a `name`, a key that nobody has begins a
    new one, and without a key one is made from the name. `requiredLevel`: id, name or points of the level that passes;
    without it, the upper half of the levels."""

    rubric = WebAddress(any_scheme=True, required=True)
    key = Text(maximum=120, load_default="")
    name = Text(maximum=300, load_default="")
    required_level = Text(maximum=1000, load_default="")


class FrameworkRubricShape(Shape):
    """A CFRubric. `criteria` counts them."""

    uri = WebAddress(any_scheme=True, dump_only=True)
    title = Text(maximum=500, dump_only=True)
    framework = Text(maximum=500, dump_only=True)
    criteria = Count(dump_only=True)


class ImportItemShape(Shape):
    """`key` is the URI of a framework, the key of a microcredential; `notes` are short sentences for a person.

    `missing`: what would keep a microcredential from being published afterwards.
    """

    kind = Text(maximum=50, dump_only=True)
    key = Text(maximum=1000, dump_only=True)
    name = Text(maximum=500, dump_only=True)
    change = Choice(("new", "revised", "new_version", "unchanged"), dump_only=True)
    notes = Listing(Text(maximum=1000), maximum=100, dump_only=True)
    differences = Listing(DifferenceShape, maximum=100, dump_only=True)
    missing = Listing(ImportProblemShape, maximum=1000, dump_only=True)


class ImportReportShape(Shape):
    """With an error among `problems` nothing was imported, or would be."""

    format = Text(maximum=50, dump_only=True)
    items = Listing(ImportItemShape, maximum=10_000, dump_only=True)
    problems = Listing(ImportProblemShape, maximum=10_000, dump_only=True)
