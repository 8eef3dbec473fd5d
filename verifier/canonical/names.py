"""The names that bundled contexts give to IRIs: no document may give them others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from schemas import bundle

#: Contexts whose words the checks read by name.
_READ_BY_NAME = (
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/2018/credentials/v1",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/data-integrity/v1",
    "https://w3id.org/security/suites/ed25519-2020/v1",
    "https://w3id.org/vc/status-list/2021/v1",
)
_reserved: dict[str, frozenset[str]] = {}


def reserved() -> Mapping[str, frozenset[str]]:
    """IRI to the names that bundled contexts give it.

    Our checks read the JSON by name while a signature covers IRIs. A context that gives `credentialStatus` another name
    would hide it from the checks and keep the signature whole, so such names are refused.
    """
    if not _reserved:
        names: dict[str, set[str]] = {}
        for url in _READ_BY_NAME:
            for revision in range(len(bundle.revisions(url))):
                context = json.loads(bundle.load(url, revision))["@context"]
                for name, iri in _definitions(context, {}):
                    names.setdefault(iri, set()).add(name)
        _reserved.update({iri: frozenset(found) for iri, found in names.items() if not iri.startswith("@")})
    return _reserved


def _definitions(context: object, prefixes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every (term, IRI) of a context and of the contexts inside it."""
    if isinstance(context, list):
        for part in context:
            yield from _definitions(part, prefixes)
        return
    if not isinstance(context, dict):
        return
    simple = {key: value for key, value in context.items() if isinstance(value, str) and not key.startswith("@")}
    prefixes = {**prefixes, **simple}
    for name, definition in context.items():
        if name.startswith("@"):
            continue
        iri = id_of(definition)
        if iri in context:  # a term defined by another term, as AchievementCredential by OpenBadgeCredential
            iri = id_of(context[iri])
        if iri is not None:
            prefix, colon, suffix = iri.partition(":")
            yield name, prefixes[prefix] + suffix if colon and prefix in prefixes else iri
        if isinstance(definition, dict):
            yield from _definitions(definition.get("@context"), prefixes)


def id_of(definition: object) -> str | None:
    """The `@id` of a term definition, written out or in short."""
    found = definition.get("@id") if isinstance(definition, dict) else definition
    return found if isinstance(found, str) else None
