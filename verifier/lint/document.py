"""Probes that only read the document: contexts, types, subject, evidence, issuer, dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from verifier.checks.reading import VCDM_1, VCDM_2, many, objects, types
from verifier.errors import VerifierError
from verifier.formats import datetimes
from verifier.lint.result import Message, NotRun, error, exception, fatal, warning

OB_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
_OLDER_OB_CONTEXT = re.compile(
    r"https://purl\.imsglobal\.org/spec/ob/v3p0/(context(-3\.0\.[0-9])?\.json|context/ob_v3p0\.jsonld)"
)


def context_property(document: Mapping[str, Any]) -> Iterator[Message]:
    """ContextPropertyProbe: the first two entries, in order; older ones are let through with a warning."""
    if "@context" not in document:
        raise NotRun("The credential has no @context.")
    contexts = many(document["@context"])
    first, second = (*contexts[:2], None, None)[:2]
    if first == VCDM_1:
        yield warning("lint_context_older", "The validator warns about the context of VCDM 1.1.", "/@context/0")
    elif first != VCDM_2:
        yield error("lint_context_wrong", f"The first context must be {VCDM_2}.", "/@context/0")
    if isinstance(second, str) and second != OB_CONTEXT and _OLDER_OB_CONTEXT.fullmatch(second):
        yield warning(
            "lint_context_older", f"The validator warns about contexts older than {OB_CONTEXT}.", "/@context/1"
        )
    elif second != OB_CONTEXT:
        yield error("lint_context_wrong", f"The second context must be {OB_CONTEXT}.", "/@context/1")


def type_property(document: Mapping[str, Any], *classes: str) -> Iterator[Message]:
    """TypePropertyProbe: VerifiableCredential, and one of `classes`."""
    found = types(document)
    if "VerifiableCredential" not in found:
        yield fatal("lint_type_missing", 'The type must include "VerifiableCredential".', "/type")
    if not any(name in found for name in classes):
        wanted = " or ".join(f'"{name}"' for name in classes)
        yield fatal("lint_type_missing", f"The type must include {wanted}.", "/type")


def credential_subject(document: Mapping[str, Any]) -> Iterator[Message]:
    """CredentialSubjectProbe."""
    subjects = list(objects(document.get("credentialSubject"), "/credentialSubject"))
    if not subjects:
        yield error("lint_subject_missing", "There is no credentialSubject.", "/credentialSubject")
    for place, subject in subjects:
        yield from _must_be(subject, "AchievementSubject", place)
        if not isinstance(subject, Mapping):
            continue
        if not subject.get("id") and not many(subject.get("identifier")):
            yield error("lint_subject_unidentified", "The subject needs an id or an identifier.", place)
        for name, wanted in (("identifier", "IdentityObject"), ("result", "Result"), ("source", "Profile")):
            yield from _each_must_be(subject, name, wanted, place)
        achievements = list(objects(subject.get("achievement"), f"{place}/achievement"))
        if not achievements:
            yield error("lint_achievement_missing", "The subject has no achievement.", f"{place}/achievement")
        for at, achievement in achievements:
            if isinstance(achievement, Mapping):
                yield from _achievement(achievement, at)


def _achievement(achievement: Mapping[str, Any], place: str) -> Iterator[Message]:
    yield from _each_must_be(achievement, "resultDescription", "ResultDescription", place)
    for at, criteria in objects(achievement.get("criteria"), f"{place}/criteria"):
        if not isinstance(criteria, Mapping) or not (criteria.get("id") or criteria.get("narrative")):
            yield error("lint_criteria_empty", "The criteria need an id or a narrative.", at)


def evidence(document: Mapping[str, Any]) -> Iterator[Message]:
    """EvidenceProbe."""
    yield from _each_must_be(document, "evidence", "Evidence", "")


def issuer(document: Mapping[str, Any]) -> Iterator[Message]:
    """IssuerProbe, without its call of `issuer.url` (see `verifier.lint.inspector`)."""
    found = document.get("issuer")
    if found is None:
        yield error("lint_issuer_missing", "There is no issuer.", "/issuer")
        return
    if not isinstance(found, Mapping):
        yield error(
            "lint_issuer_not_profile",
            "The validator wants the issuer as a Profile object; an address alone passes the schema, but not this.",
            "/issuer",
        )
        return
    yield from _must_be(found, "Profile", "/issuer")
    yield from _each_must_be(found, "otherIdentifier", "IdentifierEntry", "/issuer")
    yield from _each_must_be(found, "parentOrg", "Profile", "/issuer")


def expiration(document: Mapping[str, Any], now: datetime) -> Iterator[Message]:
    """ExpirationProbe."""
    for name in ("validUntil", "expirationDate"):
        if name in document:
            until = _moment(document[name])
            if until is None:
                yield exception(
                    "lint_date_unreadable", "The validator stops at a date without a time zone.", f"/{name}"
                )
            elif now > until:
                yield fatal("lint_expired", f"The credential expired on {datetimes.render(until)}.", f"/{name}")


def issuance(document: Mapping[str, Any], now: datetime) -> Iterator[Message]:
    """IssuanceProbe."""
    for name in ("validFrom", "issuanceDate"):
        if name in document:
            since = _moment(document[name])
            if since is None:
                yield exception(
                    "lint_date_unreadable", "The validator stops at a date without a time zone.", f"/{name}"
                )
            elif now < since:
                yield fatal("lint_not_yet_valid", f"The credential begins on {datetimes.render(since)}.", f"/{name}")


def _moment(value: Any) -> datetime | None:
    try:
        return datetimes.parse(value)
    except VerifierError:
        return None


def _must_be(value: Any, wanted: str, place: str) -> Iterator[Message]:
    if wanted not in types(value):
        yield error("lint_type_wrong", f'The type here must include "{wanted}".', f"{place}/type")


def _each_must_be(owner: Mapping[str, Any], name: str, wanted: str, place: str) -> Iterator[Message]:
    for at, value in objects(owner.get(name), f"{place}/{name}"):
        yield from _must_be(value, wanted, at)
