"""CFRubric to Rubric, one to one: the ids of criteria and levels are their CASE URIs.

Levels are ordered by `score`, lowest first; without scores by `position`, and without those as they stand, which is
told (`case_level_order_assumed`). Which level passes CASE does not say: see `achievements.rubrics`.
"""

from __future__ import annotations

from collections.abc import Sequence

from achievements.fields import Fields, tell_rest
from achievements.framework import alignment_to
from achievements.imports.case_parts import read_link, uri_of
from achievements.imports.definition_parts import MAX_LEVELS, MAX_PARTS
from achievements.model import Alignment, Competency, Criterion, Framework, Rubric, RubricLevel
from achievements.problems import Notes
from achievements.rubrics import default_required_order, with_passing

MAX_RUBRICS = 1000
_SHORT_NAME = 120


def read_rubrics(package: Fields, framework: Framework) -> tuple[dict[str, Rubric], dict[str, str]]:
    """Rubrics and titles by CFRubric URI. A rubric in which nothing could be judged is a warning and left out."""
    reader = _Reader(framework, package.notes)
    rubrics: dict[str, Rubric] = {}
    titles: dict[str, str] = {}
    for fields in package.bounded("CFRubrics", MAX_RUBRICS):
        uri = uri_of(fields, fields.text("identifier"))
        titles[uri] = fields.text("title") or fields.text("description") or uri
        rubric = reader.rubric(fields, uri, titles[uri])
        if uri in rubrics:
            package.notes.error("duplicate_id", f"Two rubrics have the URI {uri}.", fields.at("uri"))
        elif rubric.criteria:
            rubrics[uri] = rubric
    for uri in set(titles) - set(rubrics):
        del titles[uri]
    reader.tell()
    return rubrics, titles


class _Reader:
    def __init__(self, framework: Framework, notes: Notes) -> None:
        self._framework = framework
        self._notes = notes
        self._by_uri = {item.uri: item for item in framework.competencies}
        self._by_identifier = {item.identifier: item for item in framework.competencies if item.identifier}
        self._seen: dict[str, list[Fields]] = {"CFRubric": [], "CFRubricCriterion": [], "CFRubricCriterionLevel": []}
        self._assumed_order: list[str] = []
        self._ids: set[str] = set()

    def rubric(self, fields: Fields, uri: str, title: str) -> Rubric:
        self._seen["CFRubric"].append(fields)
        ordered = _by_position(fields.bounded("CFRubricCriteria", MAX_PARTS))
        criteria = tuple(
            criterion
            for number, part in enumerate(ordered, start=1)
            if (criterion := self._criterion(part, number)) is not None
        )
        fields.text("description")
        if not criteria:
            message = f"The rubric “{title[:80]}” has no criterion with levels, and is left out."
            self._notes.warning("case_rubric_empty", message, fields.where)
        return Rubric(criteria, uri)

    def tell(self) -> None:
        for kind, objects in self._seen.items():
            tell_rest(kind, objects, self._notes)
        if self._assumed_order:
            message = "Levels without scores and positions are taken to stand lowest first. Please look."
            self._notes.warning("case_level_order_assumed", message, self._assumed_order[0])
        if self._seen["CFRubricCriterion"]:
            message = (
                "CASE does not say which level of a rubric passes. The upper half of the levels is taken to pass, "
                "unless a definition names another with “requiredLevel”."
            )
            self._notes.warning("case_passing_level_assumed", message, self._seen["CFRubricCriterion"][0].where)

    def _criterion(self, fields: Fields, number: int) -> Criterion | None:
        self._seen["CFRubricCriterion"].append(fields)
        identifier = fields.text("identifier")
        uri = self._new_id(fields, identifier)
        category, description = fields.text("category"), fields.text("description")
        alignment = self._alignment(fields)
        weight = fields.number("weight")
        fields.raw("position")
        fields.raw("rubricId")
        levels = self._levels(fields)
        if not levels:
            message = "A criterion without levels is left out of its rubric."
            self._notes.warning("criterion_without_levels", message, fields.at("CFRubricCriterionLevels"))
            return None
        short = description if 0 < len(description) <= _SHORT_NAME else ""
        return Criterion(
            id=uri,
            name=short or category or (alignment[0].target_name if alignment else "") or f"Criterion {number}",
            levels=levels,
            description="" if short else description,
            weight=weight if weight is not None and weight > 0 else 1.0,
            alignment=alignment,
            category=category,
        )

    def _levels(self, criterion: Fields) -> tuple[RubricLevel, ...]:
        read: list[tuple[float | None, float | None, RubricLevel]] = []
        for number, fields in enumerate(criterion.bounded("CFRubricCriterionLevels", MAX_LEVELS), start=1):
            self._seen["CFRubricCriterionLevel"].append(fields)
            uri = self._new_id(fields, fields.text("identifier"))
            score, position = fields.number("score"), fields.number("position")
            fields.raw("rubricCriterionId")
            quality, description = fields.text("quality"), fields.text("description")
            level = RubricLevel(
                id=uri,
                name=quality or (description if 0 < len(description) <= _SHORT_NAME else "") or f"Level {number}",
                order=0,
                description=description,
                points="" if score is None else f"{score:g}",
                feedback=fields.text("feedback"),
            )
            read.append((score, position, level))
        scores = [score for score, _, _ in read if score is not None]
        positions = [position for _, position, _ in read if position is not None]
        if len(scores) == len(read):
            read.sort(key=lambda each: (each[0] or 0.0, each[1] or 0.0))
        elif len(positions) == len(read):
            read.sort(key=lambda each: each[1] or 0.0)
        elif len(read) > 1:
            self._assumed_order.append(criterion.at("CFRubricCriterionLevels"))
        levels = [level for _, _, level in read]
        return with_passing(levels, default_required_order(len(levels)))

    def _alignment(self, fields: Fields) -> tuple[Alignment, ...]:
        link = read_link(fields.raw("CFItemURI"))
        if link is None:
            return ()
        item: Competency | None = self._by_uri.get(link.uri) or self._by_identifier.get(link.identifier)
        if item is not None:
            return (alignment_to(self._framework, item),)
        message = "A criterion names an item that is not in the package; the link is kept as it is."
        self._notes.warning("case_criterion_leaves", message, fields.at("CFItemURI"))
        if not link.uri:
            return ()
        return (Alignment(link.title or link.uri, link.uri, target_type="CFItem"),)

    def _new_id(self, fields: Fields, identifier: str) -> str:
        uri = uri_of(fields, identifier)
        if uri and uri in self._ids:
            self._notes.error("duplicate_id", f"Two parts of the rubrics have the URI {uri}.", fields.at("uri"))
        self._ids.add(uri)
        return uri


def _by_position(parts: Sequence[Fields]) -> list[Fields]:
    numbered = [(fields.number("position"), fields) for fields in parts]
    if all(number is not None for number, _ in numbered):
        numbered.sort(key=lambda each: each[0] or 0.0)
    return [fields for _, fields in numbered]
