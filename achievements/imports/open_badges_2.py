"""Open Badges 2.0 BadgeClass (and the 1.x forms of `criteria` and `alignment`), one or an array of them.

A BadgeClass has no rubric and names no evidence: what comes out is the beginning of a definition. The criteria are kept
as narrative, or as the address where a BadgeClass only names one. Images and issuers are not fetched.

The key is made from the name, so two badges of one name come out with one key. `achievements.sources` tells them apart.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from achievements.fields import Fields, tell_rest
from achievements.identifiers import is_language, is_uri, slug
from achievements.imports.result import ImportResult
from achievements.model import Achievement, Alignment, Rubric
from achievements.problems import Notes, pointer
from achievements.sources import source_id

FORMAT = "open-badges-2"
MAX_DOCUMENTS = 1000


def recognises(document: Any) -> bool:
    return any(_is_badge_class(part) for _, part in _parts(document))


def read_document(document: Any) -> ImportResult:
    notes = Notes()
    items: dict[str, Achievement] = {}
    parts = _parts(document)
    if len(parts) > MAX_DOCUMENTS:
        notes.error("too_many", f"At most {MAX_DOCUMENTS} badge classes are read at once.")
        parts = []
    for where, part in parts:
        if not _is_badge_class(part):
            notes.error("ob2_not_a_badge_class", "This is not a BadgeClass of Open Badges 2.0.", where)
            continue
        before = notes.errors
        made = _badge_class(Fields(part, where, notes))
        identity = source_id(made)
        if items.get(identity, made) != made:
            notes.error("duplicate_id", "Two different badge classes have the same id.", where)
        elif notes.errors == before:
            items[identity] = made
    if items:
        message = (
            "A BadgeClass brings neither a rubric nor the evidence that is asked for. Complete the draft with a "
            "definition file or a framework’s rubric before it is published."
        )
        notes.warning("ob2_without_rubric", message)
    return ImportResult(tuple(items.values()), notes.result(), FORMAT)


def _parts(document: Any) -> list[tuple[str, Any]]:
    if isinstance(document, list):
        return [(pointer(index), part) for index, part in enumerate(document)]
    if isinstance(document, dict) and isinstance(document.get("badge"), dict):
        return [(pointer("badge"), document["badge"])]
    return [("", document)]


def _is_badge_class(part: Any) -> bool:
    if not isinstance(part, dict):
        return False
    types = part.get("type")
    return types == "BadgeClass" or (isinstance(types, list) and "BadgeClass" in types)


def _badge_class(fields: Fields) -> Achievement:
    fields.raw("@context")
    fields.raw("type")
    source = fields.text("id")
    name = fields.required_text("name")
    language = fields.text("@language", "en")
    alignments = fields.raw("alignment")
    if isinstance(alignments, dict):
        # 2.0 lets a list of one be written as its only member.
        alignments = [alignments]
    made = Achievement(
        key=slug(name, slug(source, "badge")),
        name=name,
        description=fields.required_text("description"),
        criteria_narrative=_criteria(fields),
        rubric=Rubric(()),
        alignment=_alignments(alignments, fields),
        achievement_type="Badge",
        tags=fields.texts("tags"),
        language=language if is_language(language) else "en",
        version=fields.text("version"),
        extensions=MappingProxyType({**fields.rest(), **({"id": source} if source else {})}),
    )
    tell_rest("BadgeClass", [fields], fields.notes)
    return made


def _criteria(fields: Fields) -> str:
    criteria = fields.raw("criteria")
    if isinstance(criteria, str) and criteria:
        return f"<{criteria}>" if is_uri(criteria) else criteria
    if isinstance(criteria, dict):
        inner = Fields(criteria, fields.at("criteria"), fields.notes)
        narrative, address = inner.text("narrative"), inner.text("id")
        if narrative or address:
            return narrative or (f"<{address}>" if is_uri(address) else address)
    fields.notes.error("criteria_empty", "“criteria” has neither a narrative nor an address.", fields.at("criteria"))
    return ""


def _alignments(found: Any, fields: Fields) -> tuple[Alignment, ...]:
    if found is None:
        return ()
    if not isinstance(found, list):
        fields.wrong("alignment", "a list")
        return ()
    made: list[Alignment] = []
    for index, part in enumerate(found):
        where = fields.at("alignment", index)
        if not isinstance(part, dict):
            fields.notes.error("wrong_type", "An alignment is an object.", where)
            continue
        inner = Fields(part, where, fields.notes)
        name, url = inner.text("targetName") or inner.text("name"), inner.text("targetUrl") or inner.text("url")
        if not name or not is_uri(url):
            fields.notes.error("alignment_uri_invalid", "An alignment needs a name and an absolute URI.", where)
            continue
        statement = inner.text("targetDescription") or inner.text("description")
        code, framework = inner.text("targetCode"), inner.text("targetFramework")
        made.append(Alignment(name, url, code, statement, framework, target_type=""))
    return tuple(made)
