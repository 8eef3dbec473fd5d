"""The values of the domain. All frozen; nothing here reads a file, a clock or a database.

Names follow Open Badges 3.0 (Achievement, Alignment, ResultDescription, RubricCriterionLevel) and CASE 1.1 (CFItem,
CFRubric) where those have a word for the thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    # A factory, because a dataclass takes no unhashable default; a mappingproxy has no hash before Python 3.12.
    return _NOTHING


class EvidenceKind(StrEnum):
    """What a teacher may hand in for an artifact."""

    FILE = "file"
    LINK = "link"
    TEXT = "text"
    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Open Badges 3.0 Alignment. `target_type` is `CFItem` for an item of a CASE framework."""

    target_name: str
    target_url: str
    target_code: str = ""
    target_description: str = ""
    target_framework: str = ""
    target_type: str = "CFItem"


@dataclass(frozen=True, slots=True)
class RubricLevel:
    """One level of a criterion. `id` is a URI and becomes the id of a RubricCriterionLevel.

    `order` counts from 0, lowest first. `passing`: reaching it meets the criterion.
    """

    id: str
    name: str
    order: int
    description: str = ""
    points: str = ""
    passing: bool = False
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One row of the rubric; becomes a ResultDescription with `resultType` RubricCriterionLevel. `id` is a URI."""

    id: str
    name: str
    levels: tuple[RubricLevel, ...]
    description: str = ""
    weight: float = 1.0
    alignment: tuple[Alignment, ...] = ()
    category: str = ""

    @property
    def required_level(self) -> RubricLevel:
        """The lowest level that passes. A criterion without one is refused when it is read."""
        return min((level for level in self.levels if level.passing), key=lambda level: level.order)

    def level(self, level_id: str) -> RubricLevel | None:
        return next((level for level in self.levels if level.id == level_id), None)


@dataclass(frozen=True, slots=True)
class Rubric:
    """The criteria. `uri` names the CFRubric that they come from ("" for one of our own).

    A definition may name a CFRubric and leave the criteria to it: then `criteria` is empty until
    `achievements.resolution.resolve` has filled it in, and `required_level` says which level passes there ("" = the
    default of `achievements.rubrics`).
    """

    criteria: tuple[Criterion, ...]
    uri: str = ""
    required_level: str = ""

    def criterion(self, criterion_id: str) -> Criterion | None:
        return next((c for c in self.criteria if c.id == criterion_id), None)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question answered in words (Part 1 overview or Part 3 reflection). Word counts are a range, 0 = no bound."""

    key: str
    text: str
    guidance: str = ""
    min_words: int = 0
    max_words: int = 0
    required: bool = True
    passing_response: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceRequirement:
    """An artifact that must be handed in (Part 2). `max_bytes` bounds one file."""

    key: str
    title: str
    directions: str = ""
    kinds: tuple[EvidenceKind, ...] = (EvidenceKind.FILE, EvidenceKind.LINK)
    media_types: tuple[str, ...] = ()
    min_items: int = 1
    max_items: int = 5
    max_bytes: int = 25 * 1024 * 1024
    required: bool = True
    genre: str = "Artifact"
    student_work: bool = False


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One thing handed in for the artifact `requirement` (its key). `size` in bytes, 0 for a link or a text."""

    requirement: str
    kind: EvidenceKind
    media_type: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class Resource:
    title: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Achievement:
    """A microcredential: what it asks for, how it is judged, what it is worth.

    `key` is the district's stable short name for it (a slug). The public id (a URL) belongs to the published version
    and is given by the service. `expires_after_months` 0 means that credentials do not expire.
    `extensions` keeps every field of an imported document that has no place here, under its own name.
    """

    key: str
    name: str
    description: str
    criteria_narrative: str
    rubric: Rubric
    evidence: tuple[EvidenceRequirement, ...] = ()
    overview: tuple[Prompt, ...] = ()
    reflection: tuple[Prompt, ...] = ()
    alignment: tuple[Alignment, ...] = ()
    achievement_type: str = "MicroCredential"
    key_method: str = ""
    hours: float = 0.0
    expires_after_months: int = 0
    human_code: str = ""
    field_of_study: str = ""
    specialization: str = ""
    tags: tuple[str, ...] = ()
    language: str = "en"
    version: str = ""
    resources: tuple[Resource, ...] = ()
    research: tuple[Resource, ...] = ()
    audience: tuple[str, ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Competency:
    """A CASE CFItem. `uri` identifies it for good; `parent` is the `uri` of the item above, "" at the top."""

    uri: str
    identifier: str
    full_statement: str
    human_coding_scheme: str = ""
    abbreviated_statement: str = ""
    item_type: str = ""
    parent: str = ""
    sequence: int = 0
    education_level: tuple[str, ...] = ()
    language: str = ""
    extensions: Mapping[str, Any] = field(default_factory=_nothing)

    @property
    def name(self) -> str:
        """A short name for an Alignment: the abbreviated statement, else the code, else the start of the statement."""
        if self.abbreviated_statement:
            return self.abbreviated_statement
        statement = self.full_statement.strip()
        return statement if len(statement) <= 120 else statement[:117].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Framework:
    """A CASE CFDocument with its items and rubrics. `rubrics` maps the CFRubric URI to the rubric read from it."""

    uri: str
    identifier: str
    title: str
    creator: str = ""
    description: str = ""
    version: str = ""
    adoption_status: str = ""
    language: str = ""
    official_source_url: str = ""
    case_version: str = ""
    competencies: tuple[Competency, ...] = ()
    rubrics: Mapping[str, Rubric] = field(default_factory=_nothing)
    rubric_titles: Mapping[str, str] = field(default_factory=_nothing)
    associations: tuple[Mapping[str, Any], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=_nothing)
