"""The rules of Open Badges 3.0 that go beyond VCDM: contexts, the achievement, the parts that must say their type.

They follow the probes of the official validator. Where that one is stricter than the standard, it is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.reading import ACHIEVEMENT_CREDENTIAL, is_vcdm_1, many, objects, types
from verifier.formats import uris
from verifier.report import Finding, Severity

_OB_CONTEXT = re.compile(r"https://purl\.imsglobal\.org/spec/ob/v3p0/context(-3\.\d\.\d)?\.json")
_CLR_CONTEXT = re.compile(r"https://purl\.imsglobal\.org/spec/clr/v2p0/context(-2\.\d\.\d)?\.json")
_CURRENT_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


def open_badge_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """Everything that keeps `document` from being a good Open Badge, endorsement or CLR."""
    yield from _context_findings(document)
    if not isinstance(document.get("id"), str):
        yield Finding("id_missing", "The badge has no id.", pointer="/id")
    issuer = document.get("issuer")
    if isinstance(issuer, str):
        yield Finding(
            "issuer_not_profile",
            "The issuer is only an address; a profile with a name is expected.",
            Severity.WARNING,
            "/issuer",
        )
    elif isinstance(issuer, Mapping) and "Profile" not in types(issuer):
        yield Finding("issuer_not_profile", "The issuer is not described as a Profile.", pointer="/issuer/type")
    yield from _identifier_findings(issuer, "/issuer")
    first_valid = "issuanceDate" if is_vcdm_1(document) else "validFrom"
    if first_valid not in document:
        yield Finding("valid_from_missing", "The badge does not say from when it is valid.", pointer=f"/{first_valid}")
    for place, evidence in objects(document.get("evidence"), "/evidence"):
        yield from _must_be(evidence, "Evidence", "evidence_type", place)
    names = {t for t in types(document) if isinstance(t, str)}
    if names & ACHIEVEMENT_CREDENTIAL:
        yield from _achievement_subject_findings(document)


def _context_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    contexts = many(document.get("@context"))
    for place, context in objects(contexts, "/@context"):
        if not isinstance(context, str):
            yield Finding(
                "inline_context", "The badge defines words of its own, which an Open Badge must not.", pointer=place
            )
    of_badges = [c for c in contexts if isinstance(c, str) and _OB_CONTEXT.fullmatch(c)]
    is_clr = "ClrCredential" in types(document)
    wanted = _CLR_CONTEXT if is_clr else _OB_CONTEXT
    second = contexts[1] if len(contexts) > 1 else None
    if not (isinstance(second, str) and wanted.fullmatch(second)):
        yield Finding(
            "context_order",
            f"The second entry of @context must be that of {'CLR 2.0' if is_clr else 'Open Badges 3.0'}.",
            pointer="/@context/1",
        )
    elif not is_clr and second != _CURRENT_CONTEXT:
        yield Finding(
            "context_not_current",
            "The badge uses an older context of Open Badges 3.0.",
            Severity.WARNING,
            "/@context/1",
        )
    if is_clr and not of_badges:
        yield Finding("context_order", "A CLR must also name the context of Open Badges 3.0.", pointer="/@context")


def _must_be(value: Any, name: str, code: str, place: str) -> Iterator[Finding]:
    if name not in types(value):
        yield Finding(
            code, f"A part of the badge should be of type {name}, but does not say so.", pointer=f"{place}/type"
        )


def _identifier_findings(profile: Any, place: str) -> Iterator[Finding]:
    if not isinstance(profile, Mapping):
        return
    for at, entry in objects(profile.get("otherIdentifier"), f"{place}/otherIdentifier"):
        yield from _must_be(entry, "IdentifierEntry", "identifier_entry_type", at)
    if "parentOrg" in profile:
        yield from _must_be(profile["parentOrg"], "Profile", "parent_org_type", f"{place}/parentOrg")


def _achievement_subject_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    subject = document.get("credentialSubject")
    place = "/credentialSubject"
    if isinstance(subject, list) and len(subject) == 1:
        subject, place = subject[0], f"{place}/0"
    if not isinstance(subject, Mapping):
        yield Finding("subject_malformed", "An Open Badge is about exactly one subject.", pointer=place)
        return
    yield from _must_be(subject, "AchievementSubject", "subject_type", place)
    if not subject.get("id") and not many(subject.get("identifier")):
        yield Finding("subject_not_identified", "The badge does not say whom it is about.", pointer=place)
    for at, identity in objects(subject.get("identifier"), f"{place}/identifier"):
        yield from _must_be(identity, "IdentityObject", "identity_type", at)
    for at, result in objects(subject.get("result"), f"{place}/result"):
        yield from _must_be(result, "Result", "result_type", at)
    if "source" in subject:
        yield from _must_be(subject["source"], "Profile", "source_type", f"{place}/source")
    achievement = subject.get("achievement")
    if not isinstance(achievement, Mapping):
        yield Finding(
            "achievement_missing", "The badge does not say what was achieved.", pointer=f"{place}/achievement"
        )
        return
    yield from _achievement_findings(achievement, f"{place}/achievement")


def _achievement_findings(achievement: Mapping[str, Any], place: str) -> Iterator[Finding]:
    yield from _must_be(achievement, "Achievement", "achievement_type", place)
    identifier = achievement.get("id")
    if not (isinstance(identifier, str) and uris.is_absolute(identifier)):
        yield Finding("id_malformed", "The achievement has no absolute URL as its id.", pointer=f"{place}/id")
    for name in ("name", "description"):
        if not achievement.get(name):
            yield Finding("achievement_incomplete", f"The achievement has no {name}.", pointer=f"{place}/{name}")
    criteria = achievement.get("criteria")
    if not isinstance(criteria, Mapping) or not (criteria.get("id") or criteria.get("narrative")):
        yield Finding("criteria_missing", "The badge does not say what it was given for.", pointer=f"{place}/criteria")
    for at, description in objects(achievement.get("resultDescription"), f"{place}/resultDescription"):
        yield from _must_be(description, "ResultDescription", "result_description_type", at)
