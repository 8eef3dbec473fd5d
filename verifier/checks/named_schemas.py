"""Schemas that a credential names in `credentialSchema` (VCDM 2.0, section 4.11; Open Badges 3.0, section 8.2).

1EdTechJsonSchemaValidator2019 and JsonSchema are run. Schemas of the standard itself are not fetched: every credential
is held against our own in `verifier.checks.schema` anyway. A schema is hostile input; `schemas.foreign` bounds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas import foreign
from schemas.validation import SchemaProblem
from verifier import confined
from verifier.checks.reading import many, objects, types
from verifier.checks.run import Run
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import digests, json_text
from verifier.report import Finding, Severity

_TYPES = frozenset({"1EdTechJsonSchemaValidator2019", "JsonSchema"})
_OF_THE_STANDARD = re.compile(
    r"https://purl\.imsglobal\.org/spec/(ob/v3p0|clr/v2p0)/schema/json/[a-z0-9_]+_schema\.json"
)
_MAX = 8


@dataclass(slots=True)
class Named:
    """What became of the schemas that a credential names."""

    ran: int = 0
    violations: list[Finding] = field(default_factory=list)
    open: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    too_slow: bool = False


def run_all(run: Run) -> Named:
    """Every named schema, held against the credential.

    Raises:
        VerifierError: `too_many_schemas`.
    """
    named = Named()
    document = run.credential.document
    entries = list(objects(document.get("credentialSchema"), "/credentialSchema"))
    if len(entries) > _MAX:
        raise VerifierError(
            "too_many_schemas", f"The credential names more than {_MAX} schemas.", pointer="/credentialSchema"
        )
    for place, entry in entries:
        if not isinstance(entry, Mapping):
            continue  # the structure check has said so
        url = entry.get("id")
        if isinstance(url, str) and _OF_THE_STANDARD.fullmatch(url):
            continue
        if not _TYPES & {name for name in types(entry) if isinstance(name, str)}:
            named.warnings.append(
                Finding(
                    "named_schema_type_unknown",
                    "The credential names a schema of a kind that is not known here.",
                    Severity.WARNING,
                    f"{place}/type",
                )
            )
        elif not isinstance(url, str):
            named.violations.append(
                Finding("named_schema_malformed", "A schema that the credential names has no address.", pointer=place)
            )
        else:
            _run_one(run, entry, url, place, named)
            if named.too_slow:
                break  # the answer is open already; the others would only hold us up as long again
    return named


def _run_one(run: Run, entry: Mapping[str, object], url: str, place: str, named: Named) -> None:
    try:
        body = run.fetcher.get(url, max_bytes=run.limits.controller_document_bytes).body
    except CouldNotCheck as error:
        named.open.append(
            Finding(
                "named_schema_unavailable",
                f"A schema that the credential names could not be had. {error.message}",
                pointer=f"{place}/id",
            )
        )
        return
    stated = [digest for name in ("digestSRI", "digestMultibase") for digest in many(entry.get(name))]
    forms = digests.forms(body) if stated else frozenset()
    if any(not isinstance(digest, str) or forms.isdisjoint(digests.listed(digest)) for digest in stated):
        named.violations.append(
            Finding(
                "named_schema_changed",
                "A schema that the credential names is not the one it was signed with.",
                pointer=place,
            )
        )
        return
    named.ran += 1
    try:
        schema = json_text.loads(body, limits=run.limits, max_bytes=run.limits.controller_document_bytes)
        problems = _problems(run, schema)
    except confined.Stopped as error:
        named.too_slow = True
        named.open.append(
            Finding(
                "named_schema_too_slow",
                f"A schema that the credential names could not be run to its end. {error.message}",
                pointer=f"{place}/id",
            )
        )
        return
    except (VerifierError, foreign.SchemaRefused) as error:
        named.open.append(
            Finding(
                "named_schema_not_run",
                f"A schema that the credential names was not run. {error.message}",
                pointer=f"{place}/id",
            )
        )
        return
    named.violations.extend(Finding(problem.code, problem.message, pointer=problem.pointer) for problem in problems)


def _problems(run: Run, schema: object) -> list[SchemaProblem]:
    """What a stranger's schema finds in the credential.

    Raises:
        SchemaRefused: it cannot be used.
        Stopped: it took too long or too much memory.
    """
    document = run.credential.document
    if foreign.is_light(document, schema):
        return foreign.validate_against(document, schema)
    answer = confined.run(
        "verifier.checks.schema_process",
        json.dumps({"document": document, "schema": schema}).encode(),
        seconds=run.limits.schema_seconds,
        memory=run.limits.schema_memory_bytes,
    )
    match answer:
        case {"refused": [str(code), str(message)]}:
            raise foreign.SchemaRefused(code, message)
        case {"problems": list(found)}:
            return [SchemaProblem(*each) for each in found]
    raise confined.Stopped("work_stopped", "This took too long or too much memory, and was stopped.")
