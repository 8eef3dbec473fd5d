"""Our own definition files: `docs/definition-format.md` describes the format, and a test runs its example.

Ids may be short names; they become `urn:uuid:` URIs derived from the microcredential's key, so that reading the same
file again gives the same ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from achievements.fields import Fields
from achievements.identifiers import is_achievement_type, is_language, is_slug
from achievements.imports.definition_parts import (
    read_alignments,
    read_artifacts,
    read_prompts,
    read_resources,
    read_rubric,
    refuse_unknown,
)
from achievements.imports.json_bytes import parse
from achievements.imports.result import ImportResult
from achievements.model import Achievement
from achievements.narrative import written_narrative
from achievements.problems import Notes

Begun = Callable[[str], Achievement | None]

FORMAT = "badgewright-definitions"
VERSION = 1
MAX_MICROCREDENTIALS = 1000
MAX_HOURS = 2000
MAX_MONTHS = 600
# Name in the file to name in the model, for what a file may leave as it is.
_FIELDS = {
    "name": "name",
    "description": "description",
    "criteriaNarrative": "criteria_narrative",
    "rubric": "rubric",
    "artifacts": "evidence",
    "overview": "overview",
    "reflection": "reflection",
    "alignment": "alignment",
    "achievementType": "achievement_type",
    "keyMethod": "key_method",
    "hours": "hours",
    "expiresAfterMonths": "expires_after_months",
    "humanCode": "human_code",
    "fieldOfStudy": "field_of_study",
    "specialization": "specialization",
    "tags": "tags",
    "language": "language",
    "version": "version",
    "resources": "resources",
    "research": "research",
    "audience": "audience",
}


def _none(_: str) -> Achievement | None:
    return None


def recognises(document: Any) -> bool:
    return isinstance(document, dict) and document.get("format") == FORMAT


def read(data: bytes) -> ImportResult:
    parsed = parse(data)
    if not parsed.ok:
        return ImportResult((), parsed.problems, FORMAT)
    result = read_document(parsed.value)
    return ImportResult(result.items, (*parsed.problems, *result.problems), FORMAT)


def read_document(document: Any, begun: Begun = _none) -> ImportResult:
    """A parsed file. A microcredential with an error is left out; its errors say what to mend.

    Args:
        begun: by key, the microcredential that an import of another format began, or None. The file completes it:
            fields that it does not name stay as they are, and what is still missing is no error here.
    """
    notes = Notes()
    if not recognises(document):
        notes.error("format_unknown", f"A definition file says “format”: “{FORMAT}”.", "/format")
        return ImportResult((), notes.result(), FORMAT)
    fields = Fields(document, "", notes)
    fields.raw("format")
    if fields.raw("version") != VERSION or isinstance(document["version"], bool):
        message = f"Only version {VERSION} of the definition format is read here."
        notes.error("definitions_version_unsupported", message, "/version")
        return ImportResult((), notes.result(), FORMAT)
    language = _language(fields, "en")
    items: list[Achievement] = []
    keys: set[str] = set()
    for part in fields.bounded("microcredentials", MAX_MICROCREDENTIALS):
        before = notes.errors
        made = _microcredential(part, language, begun)
        if made.key and made.key in keys:
            notes.error("duplicate_id", f"Two microcredentials have the key “{made.key}”.", part.at("key"))
        keys.add(made.key)
        if notes.errors == before:
            items.append(made)
    if not keys and not notes.errors:
        notes.error("definitions_empty", "The file defines no microcredential.", "/microcredentials")
    fields.raw("$comment")
    refuse_unknown(fields)
    return ImportResult(tuple(items), notes.result(), FORMAT)


def _microcredential(fields: Fields, language: str, begun: Begun) -> Achievement:
    notes = fields.notes
    key = fields.required_text("key")
    base = begun(key) if is_slug(key) else None
    if key and not is_slug(key):
        message = "The key of a microcredential has small letters, digits and hyphens only, at most 64."
        notes.error("key_invalid", message, fields.at("key"))
    achievement_type = fields.text("achievementType", "MicroCredential")
    if not is_achievement_type(achievement_type):
        message = "“achievementType” must be one of Open Badges 3.0's, or begin with “ext:”."
        notes.error("achievement_type_unknown", message, fields.at("achievementType"))
    prompt_keys = _kept_prompt_keys(fields, base)
    text = fields.text if base else fields.required_text
    extensions = fields.child("extensions")
    made = Achievement(
        key=key,
        name=text("name"),
        description=text("description"),
        criteria_narrative=fields.text("criteriaNarrative"),
        rubric=read_rubric(fields, key, unfinished=base is not None),
        evidence=read_artifacts(fields, unfinished=base is not None),
        overview=read_prompts(fields, "overview", prompt_keys),
        reflection=read_prompts(fields, "reflection", prompt_keys),
        alignment=read_alignments(fields),
        achievement_type=achievement_type,
        key_method=fields.text("keyMethod"),
        hours=_hours(fields),
        expires_after_months=fields.count("expiresAfterMonths", 0, most=MAX_MONTHS),
        human_code=fields.text("humanCode"),
        field_of_study=fields.text("fieldOfStudy"),
        specialization=fields.text("specialization"),
        tags=fields.texts("tags"),
        language=_language(fields, language),
        version=fields.text("version"),
        resources=read_resources(fields, "resources"),
        research=read_resources(fields, "research"),
        audience=fields.texts("audience"),
        extensions=MappingProxyType(dict(extensions.value) if extensions else {}),
    )
    refuse_unknown(fields)
    return _completed(base, made, fields) if base else made


def _completed(base: Achievement, made: Achievement, fields: Fields) -> Achievement:
    """`base` with the fields that the file names. Extensions are named one by one; null takes one away."""
    named = {field: getattr(made, field) for name, field in _FIELDS.items() if fields.has(name)}
    # A template that was downloaded has both, empty. Nobody means to take away what must be there.
    if not made.evidence:
        named.pop("evidence", None)
    if not (made.rubric.criteria or made.rubric.uri):
        named.pop("rubric", None)
    extensions = {**base.extensions, **made.extensions}
    return replace(
        base,
        # A narrative made from the parts is made anew from the parts as they will be.
        **{"criteria_narrative": written_narrative(base), **named},
        extensions=MappingProxyType({name: value for name, value in extensions.items() if value is not None}),
    )


def _kept_prompt_keys(fields: Fields, base: Achievement | None) -> set[str]:
    """Keys of the prompts that stay because the file does not name their list."""
    if base is None:
        return set()
    lists = (("overview", base.overview), ("reflection", base.reflection))
    return {prompt.key for name, prompts in lists if not fields.has(name) for prompt in prompts}


def _hours(fields: Fields) -> float:
    before = fields.notes.errors
    hours = fields.number("hours")
    if fields.notes.errors == before and hours is not None and not 0 < hours <= MAX_HOURS:
        message = f"“hours” must be more than 0 and at most {MAX_HOURS}."
        fields.notes.error("hours_out_of_range", message, fields.at("hours"))
        return 0.0
    return hours or 0.0


def _language(fields: Fields, default: str) -> str:
    language = fields.text("language", default)
    if not is_language(language):
        fields.notes.error("language_invalid", "“language” must be a tag like en or en-US.", fields.at("language"))
        return default
    return language
