"""Whether the document has the shape of a credential (VCDM 2.0 section 4, VCDM 1.1 section 4).

The rules of Open Badges are in `verifier.checks.open_badge` and hold for Open Badges types only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.open_badge import open_badge_findings
from verifier.checks.reading import OPEN_BADGES_TYPES, VCDM_1, VCDM_2, many, objects, types
from verifier.checks.related_resources import related_resource_findings
from verifier.checks.run import Run
from verifier.checks.texts import text_findings
from verifier.checks.transcript import record_findings
from verifier.formats import uris
from verifier.report import CheckId, CheckResult, Finding, Outcome, Severity

SECTION = "VCDM 2.0, section 4; Open Badges 3.0, section 8.2"


def structure_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything that keeps `document` from being a credential of data model 1.1 or 2.0."""
    yield from context_findings(document)
    if "VerifiableCredential" not in types(document):
        yield Finding("type_missing", "The document does not call itself a verifiable credential.", pointer="/type")
    yield from id_findings(document)
    yield from _issuer_findings(document)
    yield from _subject_findings(document)
    yield from text_findings(document, "", "credential")
    yield from text_findings(document.get("issuer"), "/issuer", "issuer")
    for name in ("credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "evidence"):
        yield from typed_findings(document, name)
    for name in ("credentialStatus", "credentialSchema"):
        yield from _part_id_findings(document, name)
    yield from related_resource_findings(document)


def context_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with `@context`, of a credential or a presentation."""
    contexts = many(document.get("@context"))
    if not contexts:
        yield Finding(
            "context_missing", "The credential does not name the vocabulary it is written in.", pointer="/@context"
        )
    elif contexts[0] not in (VCDM_2, VCDM_1):
        yield Finding(
            "context_order",
            "The first entry of @context must be that of Verifiable Credentials.",
            pointer="/@context/0",
        )
    for place, context in objects(contexts, "/@context"):
        if not (isinstance(context, Mapping) or (isinstance(context, str) and uris.is_absolute(context))):
            yield Finding("context_malformed", "An entry of @context is neither a URL nor an object.", pointer=place)


def id_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """`id` is one URL or not there at all, of a credential or a presentation (VCDM 2.0, section 4.4)."""
    if "id" in document and not _is_url(document["id"]):
        yield Finding("id_malformed", "The id of the credential is not one absolute URL.", pointer="/id")


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and uris.is_absolute(value)


def _part_id_findings(document: Mapping[str, Any], name: str) -> Iterator[Finding]:
    """A schema is named by its id; the other parts may have one (VCDM 2.0, sections 4.10 and 4.11)."""
    for place, item in objects(document.get(name), f"/{name}"):
        if not isinstance(item, Mapping):
            continue  # said by `typed_findings`
        if name == "credentialSchema" and "id" not in item:
            yield Finding("id_missing", "A schema of the credential has no address.", pointer=f"{place}/id")
        elif "id" in item and not _is_url(item["id"]):
            yield Finding("id_malformed", f"The id of {name} is not one absolute URL.", pointer=f"{place}/id")


def _issuer_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    if "issuer" not in document:
        yield Finding("issuer_missing", "The credential does not say who issued it.", pointer="/issuer")
        return
    issuer = document["issuer"]
    identifier = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if not (isinstance(identifier, str) and uris.is_absolute(identifier)):
        place = "/issuer/id" if isinstance(issuer, Mapping) else "/issuer"
        yield Finding("issuer_malformed", "The issuer is not named by one absolute URL.", pointer=place)


def _subject_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    subjects = list(objects(document.get("credentialSubject"), "/credentialSubject"))
    if not subjects:
        yield Finding("subject_missing", "The credential says nothing about anybody.", pointer="/credentialSubject")
    for place, subject in subjects:
        if not isinstance(subject, Mapping) or not subject:
            yield Finding(
                "subject_malformed", "The subject of the credential is not an object with content.", pointer=place
            )
        elif "id" in subject and not (isinstance(subject["id"], str) and uris.is_absolute(subject["id"])):
            yield Finding("id_malformed", "The id of the subject is not one absolute URL.", pointer=f"{place}/id")


def typed_findings(document: Mapping[str, Any], name: str) -> Iterator[Finding]:
    """Each part called `name` says of which type it is (VCDM 2.0, section 4.5)."""
    for place, item in objects(document.get(name), f"/{name}"):
        if not isinstance(item, Mapping) or not [t for t in types(item) if isinstance(t, str)]:
            yield Finding("type_missing", f"An entry of {name} does not say of which type it is.", pointer=place)


def check(run: Run) -> CheckResult:
    document = run.credential.document
    findings = list(structure_findings(document))
    is_badge = bool(OPEN_BADGES_TYPES & {t for t in types(document) if isinstance(t, str)})
    if is_badge:
        findings.extend(open_badge_findings(document))
        if "ClrCredential" in types(document):
            findings.extend(record_findings(document))
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    looked_at = "contexts, types, ids, issuer, subject" + (" and the parts of an Open Badge" if is_badge else "")
    if errors:
        return CheckResult(
            CheckId.STRUCTURE,
            Outcome.FAILED,
            errors[0].code,
            errors[0].message,
            details={"pointer": errors[0].pointer},
            findings=tuple(findings),
            looked_at=looked_at,
            specification=SECTION,
        )
    return CheckResult(
        CheckId.STRUCTURE,
        Outcome.PASSED,
        "structure_ok",
        "The document is a complete Open Badge."
        if is_badge
        else "The document is a credential, but not an Open Badge.",
        details={"openBadge": is_badge},
        findings=tuple(findings),
        looked_at=looked_at,
        specification=SECTION,
    )
