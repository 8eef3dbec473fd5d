"""The JSON Schemas of Open Badges 3.0 and CLR 2.0: the lenient form decides, the strict one warns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas import validation
from verifier.checks.reading import ACHIEVEMENT_CREDENTIAL, is_vcdm_1, types
from verifier.checks.run import Run
from verifier.report import CheckId, CheckResult, Finding, Outcome, Severity

SECTION = "Open Badges 3.0, section 8.2: schema"


def schema_for(document: Mapping[str, Any]) -> str | None:
    """The name of the schema that the types of `document` call for, None if there is none."""
    names = {name for name in types(document) if isinstance(name, str)}
    older = "Any" if is_vcdm_1(document) else ""
    if "ClrCredential" in names:
        return None if older else "ClrCredential"
    if names & ACHIEVEMENT_CREDENTIAL:
        return f"{older}AchievementCredential"
    if "EndorsementCredential" in names:
        return f"{older}EndorsementCredential"
    if "BitstringStatusListCredential" in names:
        return "BitstringStatusListCredential"
    return None


def check(run: Run) -> CheckResult:
    document = run.credential.document
    name = schema_for(document)
    if name is None:
        return CheckResult(
            CheckId.SCHEMA,
            Outcome.NOT_APPLICABLE,
            "schema_none",
            "There is no JSON Schema for documents of this kind.",
            specification=SECTION,
        )
    looked_at = f"the JSON Schema of {name}"
    strict = validation.validate(document, name, strict=True)
    problems = validation.validate(document, name) if strict else []
    if problems:
        findings = tuple(Finding(p.code, p.message, pointer=p.pointer) for p in problems)
        return CheckResult(
            CheckId.SCHEMA,
            Outcome.FAILED,
            "schema_invalid",
            f"The document does not have the form that the standard asks for: {problems[0].message}",
            details={"pointer": problems[0].pointer, "schema": name},
            findings=findings,
            looked_at=looked_at,
            specification=SECTION,
        )
    findings = tuple(Finding(p.code, p.message, Severity.WARNING, p.pointer) for p in strict)
    return CheckResult(
        CheckId.SCHEMA,
        Outcome.PASSED,
        "schema_ok",
        "The document has the form that the standard asks for."
        + (" Some of it is written loosely." if findings else ""),
        details={"schema": name},
        findings=findings,
        looked_at=looked_at,
        specification=SECTION,
    )
