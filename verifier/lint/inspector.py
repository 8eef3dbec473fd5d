"""The official validator's inspection of a badge (OB30Inspector), probe by probe, in its order.

The numbers are the steps of that inspection. A probe that needs a document which is not at hand is not run, and says
why: silence is never taken for consent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from verifier import parsing
from verifier.checks.reading import many, objects, types
from verifier.credential import Credential
from verifier.errors import VerifierError
from verifier.fetch import Fetcher, FetchRefused, Offline
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.lint import document as read
from verifier.lint import form, status
from verifier.lint.result import LintReport, Message, NotChecked, NotRun, Probe, fatal, warning
from verifier.lint.signature import Room, signature

_REFRESH = "1EdTechCredentialRefresh"
_BADGE_TYPES = ("OpenBadgeCredential", "AchievementCredential")


def lint(
    data: bytes,
    *,
    now: datetime | None = None,
    fetcher: Fetcher | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> LintReport:
    """What the official 1EdTech validator is going to say about a badge. Never raises for what is in it.

    Args:
        data: JSON, compact JWS, or PNG or SVG with a credential baked in.
        now: aware; the present by default.
        fetcher: gets status lists, keys, schemas and the issuer's page; `Offline()` gets none, and the probes that
            need one are not run.

    Raises:
        ValueError: `now` has no time zone.
    """
    moment = datetime.now(UTC) if now is None else now
    if moment.tzinfo is None:
        raise ValueError("now needs a time zone")
    room = Room(moment.astimezone(UTC), fetcher or Offline(), limits)
    return _inspect(data, room, _badge)


def _inspect(data: bytes, room: Room, inspection: Callable[[Credential, Room], LintReport]) -> LintReport:
    # (1) Parse
    try:
        credential = parsing.parse(data, limits=room.limits)
    except VerifierError as problem:
        message = fatal("lint_unreadable", f"{problem.message} [{problem.code}]", problem.pointer)
        return LintReport((Probe(1, "CredentialParseProbe", (message,)),))
    return inspection(credential, room)


def _badge(credential: Credential, room: Room, *, refresh: bool = True) -> LintReport:
    document = credential.document
    probes = [
        Probe(1, "CredentialParseProbe"),
        _run(2, "JsonLdProbe", form.json_ld(document, room.limits)),
        _run(3, "ContextPropertyProbe", read.context_property(document)),
        _run(4, "TypePropertyProbe", read.type_property(document, *_BADGE_TYPES)),
        _run(5, "JsonSchemasProbe", form.standard_schema(document)),
        _run(6, "InlineJsonSchemaProbe", form.named_schemas(document, room.fetcher, room.limits)),
        _run(7, "CredentialSubjectProbe", read.credential_subject(document)),
        _run(8, "EvidenceProbe", read.evidence(document)),
        _run(9, "IssuerProbe", _issuer(document, room)),
        _run(10, _signature_name(credential), signature(credential, room)),
    ]
    # (11) A newer credential is judged instead of this one, once; if there is none, this one goes on.
    refreshed = None
    if refresh:
        probe, body = _refresh(document, room)
        probes.append(probe)
        refreshed = _inspect(body, room, partial(_badge, refresh=False)) if body is not None else None
    probes += _end(document, room)
    return LintReport(tuple(probes), tuple(_endorsements(document, room)), refreshed)


def _endorsement(credential: Credential, room: Room) -> LintReport:
    """EndorsementInspector."""
    document = credential.document
    probes = (
        Probe(1, "CredentialParseProbe"),
        _run(3, "ContextPropertyProbe", read.context_property(document)),
        _run(4, "TypePropertyProbe", read.type_property(document, "EndorsementCredential")),
        _run(6, "InlineJsonSchemaProbe", form.named_schemas(document, room.fetcher, room.limits)),
        _run(10, _signature_name(credential), signature(credential, room)),
        *_end(document, room),
    )
    return LintReport(probes)


def _end(document: Mapping[str, Any], room: Room) -> Iterator[Probe]:
    yield _run(12, "RevocationListProbe", status.revocation(document, room))
    yield _run(13, "ExpirationProbe", read.expiration(document, room.now))
    yield _run(14, "IssuanceProbe", read.issuance(document, room.now))


def _run(number: int, name: str, messages: Iterator[Message]) -> Probe:
    said: list[Message] = []
    try:
        for message in messages:
            said.append(message)
    except NotRun as stopped:
        return Probe(number, name, tuple(said), stopped.reason, isinstance(stopped, NotChecked))
    return Probe(number, name, tuple(said))


def _signature_name(credential: Credential) -> str:
    return "EmbeddedProofProbe" if credential.jws is None else "ExternalProofProbe"


def _issuer(document: Mapping[str, Any], room: Room) -> Iterator[Message]:
    """IssuerProbe, with its call of `issuer.url`."""
    yield from read.issuer(document)
    issuer = document.get("issuer")
    url = issuer.get("url") if isinstance(issuer, Mapping) else None
    if not isinstance(url, str):
        return
    try:
        room.fetcher.get(url, max_bytes=room.limits.credential_bytes)
    except FetchRefused as refused:
        raise NotChecked(f"Whether issuer.url answers was not tried: {refused.message}") from refused
    except VerifierError:
        yield warning("lint_issuer_url", "The address issuer.url does not answer.", "/issuer/url")


def _refresh(document: Mapping[str, Any], room: Room) -> tuple[Probe, bytes | None]:
    name = "CredentialRefresh"
    services = [entry for _, entry in objects(document.get("refreshService"), "") if _REFRESH in types(entry)]
    url = services[0].get("id") if services else None
    if not isinstance(url, str):
        return Probe(11, name, not_run="The credential asks for no refresh that the validator does."), None
    try:
        return Probe(11, name), room.fetcher.get(url, max_bytes=room.limits.credential_bytes).body
    except VerifierError as problem:
        by_rule = isinstance(problem, FetchRefused)
        reason = f"The validator would ask for a newer credential. {problem.message}"
        return Probe(11, name, not_run=reason, left_open=by_rule), None


def _endorsements(document: Mapping[str, Any], room: Room) -> Iterator[tuple[str, LintReport]]:
    """(15) Every endorsement at any depth, the first `limits.nested_credentials` of them."""
    for count, (pointer, found) in enumerate(_find_endorsements(document, "")):
        if count == room.limits.nested_credentials:
            return
        if isinstance(found, str):
            yield pointer, _inspect(found.encode("utf-8", "replace"), room, _endorsement)
        elif isinstance(found, Mapping):
            yield pointer, _endorsement(Credential(b"", found, b"", parsing.JSON), room)
        else:
            message = fatal("lint_unreadable", "An endorsement is neither a credential nor a token.", pointer)
            yield pointer, LintReport((Probe(1, "CredentialParseProbe", (message,)),))


def _find_endorsements(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in ("endorsement", "endorsementJwt"):
                yield from objects(inner if isinstance(inner, list) else many(inner), place)
            yield from _find_endorsements(inner, place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _find_endorsements(item, f"{pointer}/{index}")
