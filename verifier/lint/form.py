"""Probes about form: JSON-LD in safe mode, the JSON Schemas of the standard, and those that the credential names.

These codes repeat what another room found, with its code in brackets:

* `lint_json_ld`: a term, a type or an id means nothing by the contexts of the credential.
* `lint_schema`: the credential departs from the JSON Schema of the standard.
* `lint_schema_strict`: only the edition of 2024 of that schema minds.
* `lint_named_schema`: the credential departs from a schema that it names itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from schemas import foreign, validation
from schemas.validation import SchemaProblem
from verifier import canonical
from verifier.checks.reading import is_vcdm_1, objects, types
from verifier.errors import VerifierError
from verifier.fetch import Fetcher, FetchRefused
from verifier.formats import json_text
from verifier.limits import Limits
from verifier.lint.result import Message, NotChecked, NotRun, error, warning

_SCHEMA_TYPE = "1EdTechJsonSchemaValidator2019"
_STANDARD_SCHEMA = re.compile(
    r"https://purl\.imsglobal\.org/spec/ob/v3p0/schema/json/ob_v3p0_(any)?(achievement|endorsement)credential_schema\.json"
)
# Found by probes of their own; the published schemas are silent about these three.
_TYPED_ELSEWHERE = re.compile(r".*/(evidence(/\d+)?|resultDescription(/\d+)?|credentialSubject/source)/type")


def json_ld(document: Mapping[str, Any], limits: Limits) -> Iterator[Message]:
    """Expansion in safe mode: whatever would be dropped or guessed is an error. Proofs are read by themselves."""
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    parts = [("", unsecured)]
    for place, proof in objects(document.get("proof"), "/proof"):
        if isinstance(proof, Mapping):
            parts.append((place, {**proof, "@context": document.get("@context")}))
    for place, part in parts:
        try:
            canonical.quads(part, limits=limits, inline_contexts_allowed=True)
        except VerifierError as problem:
            if problem.code == "context_not_bundled":
                raise NotChecked(f"A context is not at hand, and none is fetched: {problem.message}") from problem
            yield error("lint_json_ld", f"{problem.message} [{problem.code}]", place + problem.pointer)


def standard_schema(document: Mapping[str, Any]) -> Iterator[Message]:
    """JsonSchemasProbe. What only the edition of 2024 minds is a warning, because another one lets it pass."""
    name = "AnyAchievementCredential" if is_vcdm_1(document) else "AchievementCredential"
    strict = list(_in_the_published_schemas(validation.validate(document, name, strict=True)))
    lenient = list(_in_the_published_schemas(validation.validate(document, name))) if strict else []
    for problem in lenient:
        yield error("lint_schema", f"{problem.message} [{problem.code}]", problem.pointer)
    if not lenient:
        for problem in strict:
            yield warning("lint_schema_strict", f"{problem.message} [{problem.code}]", problem.pointer)


def _in_the_published_schemas(problems: list[SchemaProblem]) -> Iterator[SchemaProblem]:
    for problem in problems:
        about_class = problem.code in ("schema_class_missing", "schema_value_not_allowed")
        if not (about_class and _TYPED_ELSEWHERE.fullmatch(problem.pointer)):
            yield problem


def named_schemas(document: Mapping[str, Any], fetcher: Fetcher, limits: Limits) -> Iterator[Message]:
    """InlineJsonSchemaProbe: every schema in `credentialSchema` but those of the standard itself."""
    ran, unchecked = False, ""
    for place, entry in objects(document.get("credentialSchema"), "/credentialSchema"):
        url = entry.get("id") if isinstance(entry, Mapping) else None
        if _SCHEMA_TYPE not in types(entry) or (isinstance(url, str) and _STANDARD_SCHEMA.fullmatch(url)):
            continue
        ran = True
        if not isinstance(url, str):
            yield error("lint_named_schema_unreadable", "The schema has no address.", place)
            continue
        try:
            body = fetcher.get(url, max_bytes=limits.controller_document_bytes).body
            problems = foreign.validate_against(document, json_text.load_object(body, limits=limits))
        except FetchRefused as refused:
            unchecked = refused.message
        except VerifierError as problem:
            sentence = f"The schema could not be read. {problem.message}"
            yield error("lint_named_schema_unreadable", sentence, f"{place}/id")
        except foreign.SchemaRefused as unfit:
            unchecked = f"A schema that the credential names is not run here: {unfit.message}"
        else:
            for found in problems:
                yield error("lint_named_schema", found.message, found.pointer)
    if unchecked:
        raise NotChecked(unchecked)
    if not ran:
        raise NotRun("The credential names no schema of its own.")
