"""Documents bent at random: whatever is accepted means to PyLD exactly what it means here, and nothing else escapes."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from schemas import bundle
from tests.benchmarks import badge as full
from verifier import canonical
from verifier.canonical import contexts
from verifier.errors import VerifierError

OPTIONS = {
    "algorithm": "URDNA2015",
    "format": "application/n-quads",
    "base": contexts.SENTINEL,
    "documentLoader": contexts.document_loader(),
    "rdfDirection": "i18n-datatype",
}
KEYS = [
    *("id", "type", "name", "@id", "@type", "@value", "@language", "@direction", "@context", "@graph", "@included"),
    *("@reverse", "@nest", "@index", "@set", "@list", "@none", "@foo", "", ":", "a:b", "_:b", "proof", "evidence"),
    *("credentialSubject", "credentialStatus", "https://schema.org/name", "cred:issuer", "verifiableCredential"),
    *("achievement", "result", "allowedValue", "criteria", "image", "endorsement", "issuer", "tag", "hashed", "foo"),
]
TEXTS = [
    *("", " ", "x", "@id", "@type", "@json", "@foo", "_:b0", "//host/x", "/x", "?x", "#x", "../x", "a b"),
    *("https://example.org/1", "urn:x", "did:example:1", "https ://not-a-url", "https://example.org/<", "xsd:string"),
    *("Alignment", "Evidence", "Achievement", "OpenBadgeCredential", "AchievementCredential", "EndorsementCredential"),
    *(
        "VerifiableCredential",
        "DataIntegrityProof",
        "BitstringStatusListEntry",
        "Profile",
        "Image",
        "en",
        "https://a b",
    ),
    *("https://www.w3.org/2018/credentials#VerifiableCredential", "2026-01-01T00:00:00Z", "\u00e9", "1.5", "NaN"),
]
DEFINITIONS: list[Any] = [
    None,
    {"foo": "https://example.org/foo"},
    {"foo": {"@id": "https://example.org/foo", "@type": "@id"}},
    {"foo": {"@id": "https://example.org/foo", "@container": "@list"}},
    {"foo": {"@id": "https://example.org/foo", "@type": "@json"}},
    {"foo": {"@id": "https://example.org/foo", "@type": "@vocab"}},
    {"foo": {"@id": "https://example.org/foo", "@container": "@language"}},
    {"foo": {"@id": "https://example.org/foo", "@container": "@graph"}},
    {"foo": {"@id": "https://example.org/foo", "@language": "de", "@direction": "rtl"}},
    {"foo": "@type"},
    {"foo": "https://www.w3.org/2018/credentials#credentialStatus"},
    {"a": {"@id": "https://example.org/a#", "@prefix": True}},
    {"did": {"@id": "https://example.org/", "@prefix": True}},
    {"@vocab": "https://example.org/v#"},
    {"@vocab": None},
    {"@vocab": ""},
    {"@vocab": "relative"},
    {"@language": "fr"},
    {"@language": None},
    {"@protected": True, "foo": "https://example.org/foo"},
    {"name": "https://example.org/name"},
    {"@version": 1.1},
    {"@version": 2},
    {"foo": {"@id": "foo"}},
    {"foo": {}},
    {"foo": []},
    {"@id": "x"},
    [],
    7,
]
scalars = st.one_of(
    st.sampled_from(TEXTS),
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 1.5, 1e21, 1e-7, 2**53, 10**400, float("inf"), float("nan")]),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)),
    max_leaves=6,
)
mutations = st.lists(
    st.tuples(
        st.sampled_from(["replace", "add", "drop", "rename", "context", "wrap", "copy"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
        values,
    ),
    max_size=4,
)


def containers(value: Any) -> list[Any]:
    found = [value] if isinstance(value, dict | list) else []
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found.extend(containers(inner))
    return found


def bend(document: dict[str, Any], changes: list[tuple[str, int, int, Any]]) -> None:
    for kind, where, what, value in changes:
        places = containers(document)
        place = places[where % len(places)]
        if kind == "context":
            urls = list(bundle.urls())
            entry = urls[what % len(urls)] if what % 3 else copy.deepcopy(DEFINITIONS[what % len(DEFINITIONS)])
            target = place if isinstance(place, dict) and where % 4 == 0 else document
            current = target.get("@context", [])
            current = list(current) if isinstance(current, list) else [current]
            target["@context"] = [entry, *current] if what % 5 == 0 else [*current, entry]
        elif isinstance(place, list):
            if kind == "drop" and place:
                place.pop(what % len(place))
            elif kind == "copy" and place:
                place.append(copy.deepcopy(place[what % len(place)]))
            else:
                place.insert(what % (len(place) + 1), value)
        else:
            keys = list(place)
            key = keys[what % len(keys)] if keys else "name"
            if kind == "replace":
                place[key] = value
            elif kind == "add":
                place[KEYS[what % len(KEYS)]] = value
            elif kind == "rename" and keys:
                place[KEYS[where % len(KEYS)]] = place.pop(key)
            elif kind == "wrap" and keys:
                place[key] = [place[key]] if where % 2 else {KEYS[where % len(KEYS)]: place[key]}
            elif kind == "copy" and keys:
                place[key] = copy.deepcopy(document[list(document)[where % len(document)]])
            elif keys:
                place.pop(key)


def dropped(name: str | None) -> None:
    raise AssertionError(f"PyLD drops {name!r}")


def by_pyld(document: dict[str, Any]) -> str:
    try:
        expanded = jsonld.expand(document, {**OPTIONS, "processingMode": "json-ld-1.1"}, on_property_dropped=dropped)
    except KeyError as missing:
        # PyLD fails on a null that takes back a default which nobody set; it means nothing.
        assume(missing.args[0] not in ("@vocab", "@language"))
        raise
    assert contexts.SENTINEL.split(":")[0] + ":" not in str(expanded)
    found: str = jsonld.normalize(expanded, dict(OPTIONS))
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutations, st.booleans())
def test_accepted_means_the_same(changes: list[tuple[str, int, int, Any]], inline: bool) -> None:
    document = full.unsigned()
    bend(document, changes)
    try:
        found = canonical.canonicalize(document, inline_contexts_allowed=inline)
    except VerifierError:
        return
    assert found == by_pyld(document)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=str)
@pytest.mark.parametrize("value", ["x", {"name": "y"}, ["https://example.org/1", None], None], ids=str)
def test_inline_definitions_mean_the_same(definition: Any, value: Any) -> None:
    document = full.unsigned()
    document["@context"].append(definition)
    document["foo"] = value
    try:
        found = canonical.canonicalize(document, inline_contexts_allowed=True)
    except VerifierError:
        return
    assert found == by_pyld(document)
