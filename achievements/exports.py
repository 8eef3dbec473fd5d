"""Our definition files written: the inverse of `achievements.imports.definitions`.

What a draft still lacks is written out empty, so that whoever opens the file sees where to go on;
docs/definition-format.md explains every field. Everything else that holds its default is left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from achievements.criteria import required_level
from achievements.imports.definitions import FORMAT, VERSION
from achievements.model import (
    Achievement,
    Alignment,
    Criterion,
    EvidenceRequirement,
    Prompt,
    Resource,
    Rubric,
)
from achievements.narrative import written_narrative


def definition_file(achievements: Sequence[Achievement]) -> dict[str, Any]:
    """A definition file of these microcredentials. Read back, each is what it was, but for a narrative made from its
    parts, which is made again, and a framework's rubric, which is looked up again."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "$comment": "What is empty here is still missing. docs/definition-format.md explains every field.",
        "microcredentials": [_microcredential(each) for each in achievements],
    }


def definition_text(achievements: Sequence[Achievement]) -> str:
    """The same as text, for a person to edit."""
    return json.dumps(definition_file(achievements), ensure_ascii=False, indent=2) + "\n"


def _microcredential(each: Achievement) -> dict[str, Any]:
    said = {
        "keyMethod": each.key_method,
        "criteriaNarrative": written_narrative(each),
        "achievementType": each.achievement_type,
        "version": each.version,
        "humanCode": each.human_code,
        "fieldOfStudy": each.field_of_study,
        "specialization": each.specialization,
        "language": each.language,
        "tags": list(each.tags),
        "audience": list(each.audience),
        "hours": each.hours,
        "expiresAfterMonths": each.expires_after_months,
        "alignment": [_alignment(one) for one in each.alignment],
        "resources": [_resource(one) for one in each.resources],
        "research": [_resource(one) for one in each.research],
        "extensions": _plain(each.extensions),
    }
    return {
        "key": each.key,
        "name": each.name,
        "description": each.description,
        **_present(said),
        "overview": [_prompt(one) for one in each.overview],
        "artifacts": [_artifact(one) for one in each.evidence],
        "rubric": _rubric(each.rubric),
        "reflection": [_prompt(one) for one in each.reflection],
    }


def _rubric(rubric: Rubric) -> dict[str, Any]:
    if rubric.uri:
        return {"uri": rubric.uri, **_present({"requiredLevel": rubric.required_level})}
    return {"requiredLevel": rubric.required_level, "criteria": [_criterion(each) for each in rubric.criteria]}


def _criterion(criterion: Criterion) -> dict[str, Any]:
    required = required_level(criterion)
    return {
        "id": criterion.id,
        "name": criterion.name,
        **_present(
            {
                "category": criterion.category,
                "description": criterion.description,
                "weight": criterion.weight if criterion.weight != 1 else None,
                "alignment": [_alignment(each) for each in criterion.alignment],
                "requiredLevel": required.id if required else "",
            }
        ),
        "levels": [
            {
                "id": level.id,
                "name": level.name,
                **_present({"points": level.points, "description": level.description, "feedback": level.feedback}),
            }
            for level in sorted(criterion.levels, key=lambda level: level.order)
        ],
    }


def _alignment(alignment: Alignment) -> dict[str, Any] | str:
    if alignment == Alignment("", alignment.target_url):
        return alignment.target_url
    made: dict[str, Any] = {
        "uri": alignment.target_url,
        **_present(
            {
                "name": alignment.target_name,
                "code": alignment.target_code,
                "statement": alignment.target_description,
                "framework": alignment.target_framework,
            }
        ),
    }
    if alignment.target_type != "CFItem":
        made["type"] = alignment.target_type
    return made


def _prompt(prompt: Prompt) -> dict[str, Any]:
    return {
        "key": prompt.key,
        "text": prompt.text,
        **_present(
            {
                "guidance": prompt.guidance,
                "minWords": prompt.min_words,
                "maxWords": prompt.max_words,
                "passingResponse": prompt.passing_response,
            }
        ),
        "required": prompt.required,
    }


def _artifact(artifact: EvidenceRequirement) -> dict[str, Any]:
    return {
        "key": artifact.key,
        "title": artifact.title,
        **_present({"directions": artifact.directions, "mediaTypes": list(artifact.media_types)}),
        "kinds": [kind.value for kind in artifact.kinds],
        "minItems": artifact.min_items,
        "maxItems": artifact.max_items,
        "maxBytes": artifact.max_bytes,
        "required": artifact.required,
        "genre": artifact.genre,
        "studentWork": artifact.student_work,
    }


def _resource(resource: Resource) -> dict[str, Any]:
    return {"title": resource.title, **_present({"url": resource.url, "note": resource.note})}


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {}, 0)}


def _plain(value: Any) -> Any:
    """JSON values out of the frozen ones of the model."""
    if hasattr(value, "items"):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return value
