"""The parts of a microcredential in our own definition format: prompts, artifacts, rubric, alignments, resources."""

from __future__ import annotations

from dataclasses import replace

from achievements.fields import Fields
from achievements.identifiers import derived_uri, is_short_id, is_uri, is_web_address
from achievements.model import (
    Alignment,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Prompt,
    Resource,
    Rubric,
    RubricLevel,
)
from achievements.rubrics import find_level, with_passing

MAX_PARTS = 50
MAX_LEVELS = 20
MAX_WORDS = 10_000
MAX_ITEMS = 50
MAX_FILE_BYTES = 2 * 1024**3


def read_prompts(fields: Fields, name: str, taken: set[str]) -> tuple[Prompt, ...]:
    """Overview or reflection. `taken`: keys seen in this microcredential, since answers are filed under them."""
    return tuple(_prompt(part, taken) for part in fields.bounded(name, MAX_PARTS))


def read_artifacts(fields: Fields, *, unfinished: bool = False) -> tuple[EvidenceRequirement, ...]:
    """`unfinished`: what is read completes a draft, and none at all is no fault yet."""
    taken: set[str] = set()
    made = tuple(_artifact(part, taken) for part in fields.bounded("artifacts", MAX_PARTS))
    if not made and not unfinished:
        message = "A microcredential needs at least one artifact: without evidence there is nothing to judge."
        fields.notes.error("definition_without_artifacts", message, fields.at("artifacts"))
    return made


def read_rubric(fields: Fields, key: str, *, unfinished: bool = False) -> Rubric:
    """Either criteria written out, or `uri` of a CFRubric that `resolve` will look up. `unfinished`: what is read
    completes a draft, and a rubric that is not there, or has no criterion, is no fault yet."""
    rubric = fields.child("rubric")
    if rubric is None:
        if not fields.has("rubric") and not unfinished:
            message = "The rubric is missing: name its criteria, or the URI of a CFRubric."
            fields.notes.error("rubric_missing", message, fields.at("rubric"))
        return Rubric(())
    required = rubric.text("requiredLevel")
    if rubric.has("uri"):
        uri = rubric.text("uri")
        if not is_uri(uri):
            rubric.notes.error("uri_invalid", "“uri” must be an absolute URI.", rubric.at("uri"))
        if rubric.has("criteria"):
            message = "A rubric has either criteria of its own or the URI of a CFRubric, not both."
            rubric.notes.error("rubric_ambiguous", message, rubric.where)
            rubric.raw("criteria")
        refuse_unknown(rubric)
        return Rubric((), uri, required)
    taken: set[str] = set()
    criteria = tuple(_criterion(part, key, required, taken) for part in rubric.bounded("criteria", MAX_PARTS))
    if not criteria and not unfinished:
        message = "The rubric has no criterion: nothing could be judged by it."
        rubric.notes.error("rubric_without_criteria", message, rubric.at("criteria"))
    refuse_unknown(rubric)
    return Rubric(criteria, "", required)


def read_alignments(fields: Fields, name: str = "alignment") -> tuple[Alignment, ...]:
    """Each is the URI of a CASE item, to be resolved, or an object that says everything itself."""
    found = fields.raw(name)
    if found is None:
        return ()
    if not isinstance(found, list):
        fields.wrong(name, "a list")
        return ()
    made: list[Alignment] = []
    for index, part in enumerate(found):
        where = fields.at(name, index)
        if isinstance(part, str):
            alignment = Alignment("", part)
        elif isinstance(part, dict):
            alignment = _alignment(Fields(part, where, fields.notes))
        else:
            fields.notes.error("wrong_type", "An alignment is a URI or an object.", where)
            continue
        if not is_uri(alignment.target_url):
            fields.notes.error("alignment_uri_invalid", "An alignment needs an absolute URI.", where)
        elif any(alignment.target_url == earlier.target_url for earlier in made):
            fields.notes.error("duplicate_id", "The same alignment stands here twice.", where)
        else:
            made.append(alignment)
    return tuple(made)


def read_resources(fields: Fields, name: str) -> tuple[Resource, ...]:
    made: list[Resource] = []
    for part in fields.bounded(name, MAX_PARTS):
        resource = Resource(part.required_text("title"), part.text("url"), part.text("note"))
        if resource.url and not is_web_address(resource.url):
            part.notes.error("url_invalid", "“url” must be an http or https address.", part.at("url"))
        refuse_unknown(part)
        made.append(resource)
    return tuple(made)


def refuse_unknown(fields: Fields) -> None:
    """In our own format an unknown name is a slip of the pen; what is meant to be kept goes into `extensions`."""
    for name in fields.rest():
        message = f"“{name[:60]}” is not a field of this format. Put fields of your own into “extensions”."
        fields.notes.error("unknown_field", message, fields.at(name))


def _prompt(fields: Fields, taken: set[str]) -> Prompt:
    made = Prompt(
        key=_new_key(fields, taken),
        text=fields.required_text("text"),
        guidance=fields.text("guidance"),
        min_words=fields.count("minWords", 0, most=MAX_WORDS),
        max_words=fields.count("maxWords", 0, most=MAX_WORDS),
        required=fields.flag("required", True),
        passing_response=fields.text("passingResponse"),
    )
    if made.max_words and made.min_words > made.max_words:
        fields.notes.error("range_reversed", "“minWords” is larger than “maxWords”.", fields.at("minWords"))
    refuse_unknown(fields)
    return made


def _artifact(fields: Fields, taken: set[str]) -> EvidenceRequirement:
    plain = EvidenceRequirement("", "")
    kinds: list[EvidenceKind] = []
    for index, word in enumerate(fields.texts("kinds")):
        try:
            kinds.append(EvidenceKind(word))
        except ValueError:
            message = f"“{word[:40]}” is no kind of evidence. Known: {', '.join(EvidenceKind)}."
            fields.notes.error("unknown_kind", message, fields.at("kinds", index))
    media_types = fields.texts("mediaTypes")
    for index, media_type in enumerate(media_types):
        if media_type.count("/") != 1 or not all(media_type.split("/")):
            message = f"“{media_type[:40]}” is no media type (like image/png or image/*)."
            fields.notes.error("media_type_invalid", message, fields.at("mediaTypes", index))
    made = EvidenceRequirement(
        key=_new_key(fields, taken),
        title=fields.required_text("title"),
        directions=fields.text("directions"),
        kinds=tuple(dict.fromkeys(kinds)) or plain.kinds,
        media_types=media_types,
        min_items=fields.count("minItems", plain.min_items, least=1, most=MAX_ITEMS),
        max_items=fields.count("maxItems", plain.max_items, least=1, most=MAX_ITEMS),
        max_bytes=fields.count("maxBytes", plain.max_bytes, least=1, most=MAX_FILE_BYTES),
        required=fields.flag("required", True),
        genre=fields.text("genre", plain.genre),
        student_work=fields.flag("studentWork", False),
    )
    if made.min_items > made.max_items:
        fields.notes.error("range_reversed", "“minItems” is larger than “maxItems”.", fields.at("minItems"))
    refuse_unknown(fields)
    return made


def _criterion(fields: Fields, key: str, required: str, taken: set[str]) -> Criterion:
    name = fields.required_text("name")
    short = _new_id(fields, taken)
    levels: set[str] = set()
    made = Criterion(
        id=short if is_uri(short) else derived_uri(key, short),
        name=name,
        levels=tuple(
            _level(part, (key, short), order, levels) for order, part in enumerate(fields.bounded("levels", MAX_LEVELS))
        ),
        description=fields.text("description"),
        weight=_weight(fields),
        alignment=read_alignments(fields),
        category=fields.text("category"),
    )
    wanted = fields.text("requiredLevel", required)
    refuse_unknown(fields)
    if not made.levels:
        message = f"The criterion “{name}” has no levels."
        fields.notes.error("criterion_without_levels", message, fields.at("levels"))
        return made
    level = (find_level(made, derived_uri(key, short, wanted)) or find_level(made, wanted)) if wanted else None
    if level is None:
        message = f"The criterion “{name}” has no passing level: “requiredLevel” must name one of its levels."
        fields.notes.error("criterion_without_passing_level", message, fields.at("requiredLevel"))
        return made
    return replace(made, levels=with_passing(made.levels, level.order))


def _level(fields: Fields, parents: tuple[str, str], order: int, taken: set[str]) -> RubricLevel:
    short = _new_id(fields, taken)
    points = fields.raw("points")
    if isinstance(points, (int, float)) and not isinstance(points, bool):
        points = f"{points:g}"
    elif points is not None and not isinstance(points, str):
        fields.wrong("points", "a number or a text")
        points = None
    made = RubricLevel(
        id=short if is_uri(short) else derived_uri(*parents, short),
        name=fields.required_text("name"),
        order=order,
        description=fields.text("description"),
        points=points or "",
        feedback=fields.text("feedback"),
    )
    refuse_unknown(fields)
    return made


def _weight(fields: Fields) -> float:
    weight = fields.number("weight")
    if weight is None:
        return 1.0
    if not 0 < weight <= 1000:
        fields.out_of_range("weight", 0, 1000)
        return 1.0
    return weight


def _alignment(fields: Fields) -> Alignment:
    made = Alignment(
        target_name=fields.text("name"),
        target_url=fields.required_text("uri"),
        target_code=fields.text("code"),
        target_description=fields.text("statement"),
        target_framework=fields.text("framework"),
        target_type=fields.text("type", "CFItem"),
    )
    refuse_unknown(fields)
    return made


def _new_key(fields: Fields, taken: set[str]) -> str:
    key = fields.required_text("key")
    if key and not is_short_id(key):
        message = "A key has letters, digits, dot, hyphen and underscore only, at most 64."
        fields.notes.error("key_invalid", message, fields.at("key"))
    return _once(fields, "key", key, taken)


def _new_id(fields: Fields, taken: set[str]) -> str:
    found = fields.required_text("id")
    if found and not is_short_id(found) and not is_uri(found):
        message = "An id is an absolute URI or a short name (letters, digits, dot, hyphen, underscore)."
        fields.notes.error("id_invalid", message, fields.at("id"))
    return _once(fields, "id", found, taken)


def _once(fields: Fields, name: str, value: str, taken: set[str]) -> str:
    if value and value in taken:
        fields.notes.error("duplicate_id", f"“{value}” is used twice.", fields.at(name))
    taken.add(value)
    return value
