"""Achievement to and from the Achievement of Open Badges 3.0 (JSON), with unknown fields kept.

Written: one ResultDescription (`resultType` RubricCriterionLevel) a criterion, its levels from low to high with `level`
counting from 1, so that their order survives where arrays are read as sets. Types are arrays; nothing is null or empty.

Read: what has no place in the model is kept in `extensions` under its own name, and, where it stood further inside,
under the JSON Pointer of its object (`/alignment/0`). Terms of Open Badges 3.0 among it are always written again;
others only on demand, because a credential with a term that no context defines cannot be signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from achievements.fields import Fields
from achievements.identifiers import derived_uri, is_achievement_type, is_language, is_uri, slug
from achievements.model import Achievement, Alignment, Criterion, Rubric, RubricLevel
from achievements.narrative import criteria_narrative
from achievements.problems import Notes, Problem
from achievements.rubrics import default_required_order, with_passing

MAX_LIST = 500
# Terms of Open Badges 3.0 without a place in the model that mean the same in a document of ours. `endorsement` is not
# among them: it endorses the achievement by its old id. `image` is given to `to_document` by who has the picture.
_CARRIED = ("creator", "otherIdentifier", "related", "resultDescription")
_RUBRIC = "RubricCriterionLevel"


@dataclass(frozen=True, slots=True)
class Reading:
    """`achievement` is None where a problem is an error."""

    achievement: Achievement | None
    problems: tuple[Problem, ...]


def to_document(
    achievement: Achievement,
    *,
    id: str,  # noqa: A002 - the name of the property in Open Badges 3.0
    criteria_id: str,
    image_id: str | None = None,
    creator: Mapping[str, Any] | None = None,
    extensions: bool = False,
) -> dict[str, Any]:
    """The Open Badges 3.0 Achievement. `id` and `criteria_id` are URLs of the published version, `image_id` is a URL or
    data: URI, `creator` a Profile; without it, that of an imported achievement is kept.

    `extensions`: also write terms that Open Badges 3.0 does not have. Never for a credential that will be signed.
    """
    kept = achievement.extensions
    document: dict[str, Any] = {
        "id": id,
        "type": ["Achievement"],
        "achievementType": achievement.achievement_type,
        "name": achievement.name,
        "description": achievement.description,
        "criteria": _present({"id": criteria_id, "narrative": criteria_narrative(achievement)}),
        "image": {"id": image_id, "type": "Image"} if image_id else None,
        "creator": dict(creator) if creator else None,
        "alignment": [_alignment(each) for each in achievement.alignment],
        "creditsAvailable": achievement.hours or None,
        "fieldOfStudy": achievement.field_of_study,
        "humanCode": achievement.human_code,
        "inLanguage": achievement.language,
        "specialization": achievement.specialization,
        "tag": list(achievement.tags),
        "version": achievement.version,
        "resultDescription": [_result_description(each) for each in achievement.rubric.criteria],
    }
    document = _present(document)
    for name in _CARRIED:
        value = kept.get(name)
        if name == "resultDescription" and isinstance(value, (list, tuple)):
            document[name] = [*document.get(name, []), *value]
        elif value and name not in document:
            document[name] = value
    if extensions:
        for name, value in kept.items():
            if name.startswith("/"):
                _put_back(document, name, value)
            else:
                document.setdefault(name, value)
    return document


def from_document(document: Any) -> Reading:
    """Read one Open Badges 3.0 Achievement object. Never raises for a bad document."""
    notes = Notes()
    if not isinstance(document, dict):
        notes.error("wrong_type", "An Achievement is an object.")
        return Reading(None, notes.result())
    reader = _Reader(document, notes)
    achievement = reader.achievement()
    return Reading(None if notes.errors else achievement, notes.result())


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _alignment(alignment: Alignment) -> dict[str, Any]:
    return _present(
        {
            "type": ["Alignment"],
            "targetName": alignment.target_name,
            "targetUrl": alignment.target_url,
            "targetType": alignment.target_type,
            "targetCode": alignment.target_code,
            "targetDescription": alignment.target_description,
            "targetFramework": alignment.target_framework,
        }
    )


def _result_description(criterion: Criterion) -> dict[str, Any]:
    passing = [level for level in criterion.levels if level.passing]
    required = min(passing, key=lambda level: level.order).id if passing else None
    levels = sorted(criterion.levels, key=lambda level: level.order)
    return _present(
        {
            "id": criterion.id,
            "type": ["ResultDescription"],
            "name": criterion.name,
            "resultType": _RUBRIC,
            "requiredLevel": required,
            "alignment": [_alignment(each) for each in criterion.alignment],
            "rubricCriterionLevel": [
                _present(
                    {
                        "id": level.id,
                        "type": ["RubricCriterionLevel"],
                        "name": level.name,
                        "level": str(level.order + 1),
                        "description": level.description,
                        "points": level.points,
                    }
                )
                for level in levels
            ],
        }
    )


def _put_back(document: dict[str, Any], place: str, values: Any) -> None:
    """Give an inner object its unknown fields again, if it still is where it was."""
    target: Any = document
    for step in place.split("/")[1:]:
        if isinstance(target, dict):
            target = target.get(step)
        elif isinstance(target, list) and step.isdigit() and int(step) < len(target):
            target = target[int(step)]
        else:
            return
    if isinstance(target, dict) and isinstance(values, Mapping):
        for name, value in values.items():
            target.setdefault(name, value)


class _Reader:
    def __init__(self, document: dict[str, Any], notes: Notes) -> None:
        self._fields = Fields(document, "", notes)
        self._notes = notes
        self._kept: dict[str, Any] = {}

    def achievement(self) -> Achievement:
        fields, notes = self._fields, self._notes
        if "Achievement" not in fields.texts("type"):
            notes.error("ob3_not_an_achievement", "“type” does not name Achievement.", "/type")
        source = fields.required_text("id")
        if source and not is_uri(source):
            notes.error("uri_invalid", "“id” must be an absolute URI.", "/id")
        name = fields.required_text("name")
        human_code = fields.text("humanCode")
        achievement_type = fields.text("achievementType", "Achievement")
        if not is_achievement_type(achievement_type):
            message = f"“achievementType” {achievement_type[:40]} is none of Open Badges 3.0's; it is kept as it is."
            notes.warning("achievement_type_unknown", message, "/achievementType")
        language = fields.text("inLanguage", "en")
        if not is_language(language):
            notes.warning("language_invalid", f"“{language[:20]}” is no language tag; en is used.", "/inLanguage")
            self._kept["inLanguage"], language = language, "en"
        hours = fields.number("creditsAvailable") or 0.0
        if hours < 0:
            fields.out_of_range("creditsAvailable", 0, "any number")
        made = Achievement(
            key=slug(human_code or name, slug(source, "achievement")),
            name=name,
            description=fields.required_text("description"),
            criteria_narrative=self._criteria(),
            rubric=self._rubric(),
            alignment=self._alignments(fields),
            achievement_type=achievement_type,
            hours=hours,
            human_code=human_code,
            field_of_study=fields.text("fieldOfStudy"),
            specialization=fields.text("specialization"),
            tags=fields.texts("tag"),
            language=language,
            version=fields.text("version"),
            extensions=MappingProxyType({**self._kept, **fields.rest(), **({"id": source} if source else {})}),
        )
        unknown = [key for key in made.extensions if key != "id"]
        if unknown:
            listed = ", ".join(key[:60] for key in unknown[:30])
            notes.warning("not_mapped", f"Achievement: kept as they are, but not used: {listed}.")
        return made

    def _criteria(self) -> str:
        criteria = self._fields.child("criteria")
        if criteria is None:
            if not self._fields.has("criteria"):
                self._notes.error("field_missing", "“criteria” is missing.", "/criteria")
            return ""
        narrative = criteria.text("narrative")
        if not narrative and not criteria.has("id"):
            self._notes.error("criteria_empty", "“criteria” has neither a narrative nor an id.", "/criteria")
        self._keep_rest(criteria)
        return narrative

    def _rubric(self) -> Rubric:
        criteria: list[Criterion] = []
        others: list[Any] = []
        for fields in self._fields.bounded("resultDescription", MAX_LIST):
            if fields.value.get("resultType") == _RUBRIC and fields.value.get("rubricCriterionLevel"):
                criteria.append(self._criterion(fields))
            else:
                others.append(dict(fields.value))
        if others:
            self._kept["resultDescription"] = others
        if not criteria:
            message = (
                "The achievement brings no rubric. Complete the draft with a definition file or a framework’s rubric "
                "before it is published."
            )
            self._notes.warning("ob3_without_rubric", message, "/resultDescription")
        return Rubric(tuple(criteria))

    def _criterion(self, fields: Fields) -> Criterion:
        self._take_type(fields, "ResultDescription")
        fields.raw("resultType")
        uri = self._id(fields)
        levels = [(fields_.text("level"), self._level(fields_)) for fields_ in self._level_fields(fields)]
        if all(number.isdecimal() for number, _ in levels) and len({number for number, _ in levels}) == len(levels):
            levels.sort(key=lambda each: int(each[0]))
        ordered = [level for _, level in levels]
        required = fields.text("requiredLevel")
        order = next((index for index, level in enumerate(ordered) if level.id == required), None)
        if order is None:
            message = "No level is named as required; the upper half is taken to pass."
            if required:
                message = "“requiredLevel” is none of the levels; the upper half is taken to pass."
            self._notes.warning("passing_level_assumed", message, fields.at("requiredLevel"))
            order = default_required_order(len(ordered))
        made = Criterion(
            id=uri,
            name=fields.required_text("name"),
            levels=with_passing(ordered, order),
            alignment=self._alignments(fields),
        )
        self._keep_rest(fields)
        return made

    def _level_fields(self, fields: Fields) -> tuple[Fields, ...]:
        return fields.bounded("rubricCriterionLevel", MAX_LIST)

    def _level(self, fields: Fields) -> RubricLevel:
        self._take_type(fields, "RubricCriterionLevel")
        points = fields.raw("points")
        if isinstance(points, (int, float)) and not isinstance(points, bool):
            points = f"{points:g}"
        elif points is not None and not isinstance(points, str):
            fields.wrong("points", "a text")
            points = None
        made = RubricLevel(
            id=self._id(fields),
            name=fields.required_text("name"),
            order=0,
            description=fields.text("description"),
            points=points or "",
        )
        if not fields.text("level").isdecimal() and fields.has("level"):
            self._kept.setdefault(fields.where, {})["level"] = fields.value["level"]
        self._keep_rest(fields)
        return made

    def _alignments(self, owner: Fields) -> tuple[Alignment, ...]:
        made: list[Alignment] = []
        for fields in owner.bounded("alignment", MAX_LIST):
            self._take_type(fields, "Alignment")
            alignment = Alignment(
                target_name=fields.required_text("targetName"),
                target_url=fields.required_text("targetUrl"),
                target_code=fields.text("targetCode"),
                target_description=fields.text("targetDescription"),
                target_framework=fields.text("targetFramework"),
                target_type=fields.text("targetType"),
            )
            if alignment.target_url and not is_uri(alignment.target_url):
                self._notes.error("uri_invalid", "“targetUrl” must be an absolute URI.", fields.at("targetUrl"))
            self._keep_rest(fields)
            made.append(alignment)
        return tuple(made)

    def _take_type(self, fields: Fields, name: str) -> None:
        types = fields.texts("type")
        further = [each for each in types if each != name]
        if name not in types:
            self._notes.warning("type_missing", f"“type” does not name {name}.", fields.at("type"))
        if further:
            self._kept.setdefault(fields.where, {})["type"] = list(types)

    def _id(self, fields: Fields) -> str:
        found = fields.required_text("id")
        if found and not is_uri(found):
            self._notes.error("uri_invalid", "“id” must be an absolute URI.", fields.at("id"))
        return found or derived_uri("ob3", fields.where)

    def _keep_rest(self, fields: Fields) -> None:
        rest = fields.rest()
        if rest:
            self._kept.setdefault(fields.where, {}).update(rest)
