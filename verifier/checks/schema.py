"""JSON Schemas: those of Open Badges 3.0 and CLR 2.0, and those that the credential names.

Of the standard's own, the lenient form decides and the strict one warns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas import validation
from verifier.checks import named_schemas
from verifier.checks.reading import ACHIEVEMENT_CREDENTIAL, is_vcdm_1, types
from verifier.checks.run import Run
from verifier.report import CheckId, CheckResult, Finding, Outcome, Severity

SECTION = "Open Badges 3.0, section 8.2: schema; VCDM 2.0, section 4.11: data schemas"


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
    """Failed if a schema is violated; open if a schema that the credential names could not be had or run.

    Raises:
        VerifierError: `too_many_schemas`.
    """
    document = run.credential.document
    name = schema_for(document)
    strict = validation.validate(document, name, strict=True) if name else []
    problems = validation.validate(document, name) if name and strict else []
    named = named_schemas.run_all(run)
    looked_at = f"the JSON Schema of {name}" if name else "credentialSchema"
    if name and named.ran:
        looked_at += f" and {named.ran} that the credential names"
    if problems:
        findings = tuple(Finding(p.code, p.message, pointer=p.pointer) for p in problems)
        return _result(
            Outcome.FAILED,
            "schema_invalid",
            f"The document does not have the form that the standard asks for: {problems[0].message}",
            findings,
            looked_at,
            {"pointer": problems[0].pointer, "schema": name},
        )
    if named.violations:
        first = named.violations[0]
        return _result(
            Outcome.FAILED,
            "named_schema_violated",
            f"The document does not have the form that it claims itself: {first.message}",
            tuple(named.violations),
            looked_at,
            {"pointer": first.pointer},
        )
    warnings = tuple(Finding(p.code, p.message, Severity.WARNING, p.pointer) for p in strict) + tuple(named.warnings)
    if named.open:
        first = named.open[0]
        return _result(
            Outcome.UNDETERMINED,
            first.code,
            first.message,
            (*named.open, *warnings),
            looked_at,
            {"pointer": first.pointer},
        )
    if name is None and not named.ran:
        return _result(
            Outcome.NOT_APPLICABLE,
            "schema_none",
            "There is no JSON Schema for documents of this kind.",
            warnings,
            looked_at,
        )
    loosely = " Some of it is written loosely." if strict else ""
    return _result(
        Outcome.PASSED,
        "schema_ok",
        "The document has the form that it should have." + loosely,
        warnings,
        looked_at,
        {"schema": name} if name else {},
    )


def _result(
    outcome: Outcome,
    code: str,
    message: str,
    findings: tuple[Finding, ...],
    looked_at: str,
    details: Mapping[str, Any] | None = None,
) -> CheckResult:
    return CheckResult(
        CheckId.SCHEMA,
        outcome,
        code,
        message,
        details=details or {},
        findings=findings,
        looked_at=looked_at,
        specification=SECTION,
    )
