"""Safe mode: what would be dropped, guessed or hidden is refused, with its place."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.verifier.canonical.conftest import CONTEXTS
from verifier import canonical
from verifier.errors import VerifierError
from verifier.limits import Limits

Change = Callable[[dict[str, Any]], object]
CREDENTIALS = "https://www.w3.org/2018/credentials#"


def test_the_known_good_credential_has_its_known_statements(badge: dict[str, Any]) -> None:
    text = canonical.canonicalize(badge)
    assert text.count("\n") == 59
    assert hashlib.sha256(text.encode()).hexdigest().startswith("7bff3372730d3bae")


def test_order_and_spelling_of_the_json_do_not_matter(badge: dict[str, Any]) -> None:
    other = dict(reversed(badge.items()))
    other["credentialSubject"]["achievement"]["tag"] = "python"
    other["credentialSubject"] = [other["credentialSubject"]]
    other["description"] = None
    assert canonical.canonicalize(other) == canonical.canonicalize(badge)


def _rename(document: dict[str, Any], old: str, new: str) -> None:
    document[new] = document.pop(old)


REFUSED: dict[str, tuple[str, str, Change]] = {
    "undefined property": ("undefined_term", "/foo", lambda d: d.update(foo="x")),
    "undefined property with null": ("undefined_term", "/foo", lambda d: d.update(foo=None)),
    "undefined property deep inside": (
        "undefined_term",
        "/credentialSubject/achievement/alignment/0/a~1b",
        lambda d: d["credentialSubject"]["achievement"]["alignment"][0].update({"a/b": 1}),
    ),
    "undefined type": ("relative_type", "/type", lambda d: d["type"].append("Foo")),
    "undefined nested type": (
        "relative_type",
        "/evidence/0/type",
        lambda d: d["evidence"][0].update(type=["Evidenze"]),
    ),
    "type with a space": ("invalid_iri", "/type", lambda d: d["type"].append("https ://not-a-url")),
    "type that is a number": ("invalid_type", "/type", lambda d: d["type"].append(3)),
    "keyword as a type": ("relative_type", "/type", lambda d: d["type"].append("@foo")),
    "type as an absolute IRI": (
        "term_alias",
        "/type",
        lambda d: d["type"].append(CREDENTIALS + "VerifiableCredential"),
    ),
    "relative id": ("relative_iri", "/id", lambda d: d.update(id="credentials/1")),
    "id without scheme": ("relative_iri", "/id", lambda d: d.update(id="//evil.example/1")),
    "empty id": ("relative_iri", "/id", lambda d: d.update(id="")),
    "id with a space": ("invalid_iri", "/id", lambda d: d.update(id="https://badges.example.org/a b")),
    "id with a leading space": ("invalid_iri", "/id", lambda d: d.update(id=" https://badges.example.org/a")),
    "id with a control character": ("invalid_iri", "/id", lambda d: d.update(id="https://badges.example.org/\x00")),
    "id with angle brackets": ("invalid_iri", "/id", lambda d: d.update(id="https://badges.example.org/<x>")),
    "id with a lone surrogate": ("invalid_iri", "/id", lambda d: d.update(id="https://badges.example.org/\ud800")),
    "id null": ("invalid_id", "/id", lambda d: d.update(id=None)),
    "id list": ("invalid_id", "/id", lambda d: d.update(id=["https://badges.example.org/1"])),
    "blank node id": ("blank_node_id", "/credentialSubject/id", lambda d: d["credentialSubject"].update(id="_:b7")),
    "relative reference": (
        "relative_iri",
        "/credentialStatus/statusListCredential",
        lambda d: d["credentialStatus"].update(statusListCredential="../status/1"),
    ),
    "@id beside id": ("keyword_not_allowed", "/@id", lambda d: d.update({"@id": "https://badges.example.org/2"})),
    "@type": ("keyword_not_allowed", "/evidence/0/@type", lambda d: d.update(evidence=[{"@type": ["Evidence"]}])),
    "@included": ("keyword_not_allowed", "/@included", lambda d: d.update({"@included": [{"name": "x"}]})),
    "@reverse": ("keyword_not_allowed", "/@reverse", lambda d: d.update({"@reverse": {"issuer": []}})),
    "@graph": ("keyword_not_allowed", "/@graph", lambda d: d.update({"@graph": []})),
    "@nest": ("keyword_not_allowed", "/@nest", lambda d: d.update({"@nest": {"name": "x"}})),
    "@index": ("keyword_not_allowed", "/@index", lambda d: d.update({"@index": "x"})),
    "@set": ("keyword_not_allowed", "/evidence/@set", lambda d: d.update(evidence={"@set": d["evidence"]})),
    "@list": ("keyword_not_allowed", "/evidence/@list", lambda d: d.update(evidence={"@list": d["evidence"]})),
    "made-up keyword": ("undefined_term", "/@foo", lambda d: d.update({"@foo": 1})),
    "a property by its IRI": (
        "iri_key",
        f"/{CREDENTIALS.replace('/', '~1')}credentialStatus",
        lambda d: _rename(d, "credentialStatus", CREDENTIALS + "credentialStatus"),
    ),
    "nested array": ("nested_array", "/evidence/0", lambda d: d.update(evidence=[d["evidence"]])),
    "typed value object": (
        "invalid_value",
        "/validUntil",
        lambda d: d.update(validUntil={"@value": "2030-01-01T00:00:00Z", "@type": "xsd:dateTime"}),
    ),
    "number as a value object": ("invalid_value", "/name", lambda d: d.update(name={"@value": 1})),
    "bad language": ("invalid_language", "/name", lambda d: d.update(name={"@value": "x", "@language": "en us"})),
    "bad direction": ("invalid_language", "/name", lambda d: d.update(name={"@value": "x", "@direction": "up"})),
    "lone surrogate": ("invalid_string", "/name", lambda d: d.update(name="\udc00")),
    "infinite number": ("invalid_number", "/name", lambda d: d.update(name=float("inf"))),
    "number that JavaScript rounds": ("invalid_number", "/name", lambda d: d.update(name=2**53 + 1)),
    "unbundled context": (
        "context_not_bundled",
        "/@context",
        lambda d: d["@context"].append("https://example.org/ctx"),
    ),
    "inline context": (
        "inline_context",
        "/@context",
        lambda d: d["@context"].append({"foo": "https://example.org/foo"}),
    ),
    "null context": ("context_invalid", "/@context", lambda d: d["@context"].append(None)),
    "context that is a number": ("context_invalid", "/@context", lambda d: d.update({"@context": 7})),
    "endless contexts": ("too_many_contexts", "/@context", lambda d: d["@context"].extend(d["@context"] * 20)),
    "protected term redefined": (
        "context_redefines_term",
        "/@context",
        lambda d: d["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/context.json"),
    ),
    "context inside an ordinary object": (
        "inline_context",
        "/issuer/@context",
        lambda d: d["issuer"].update({"@context": "https://www.w3.org/ns/did/v1"}),
    ),
    "no context at all": ("undefined_term", "/id", lambda d: d.pop("@context")),
    "too deep": ("too_deep", "/issuer" + "/parentOrg" * 100, lambda d: _nest(d["issuer"], 200)),
    "a credential given by address only": (
        "unsigned_value",
        "/verifiableCredential/0",
        lambda d: (
            d.clear(),
            d.update({"@context": CONTEXTS[0], "type": "VerifiablePresentation", "verifiableCredential": ["urn:x:1"]}),
        ),
    ),
}


def _nest(profile: dict[str, Any], levels: int) -> None:
    inner = copy.deepcopy(profile)
    for _ in range(levels):
        inner = {"id": "https://badges.example.org/o", "type": "Profile", "parentOrg": inner}
    profile["parentOrg"] = inner


@pytest.mark.parametrize("fault", REFUSED)
def test_refused(badge: dict[str, Any], fault: str) -> None:
    code, pointer, change = REFUSED[fault]
    change(badge)
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize(badge)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ({"hidden": CREDENTIALS + "credentialStatus"}, "term_alias"),
        ({"hidden": {"@id": CREDENTIALS + "credentialStatus", "@type": "@id"}}, "term_alias"),
        ({"hidden": "@type"}, "keyword_not_allowed"),
        ({"hidden": {"@id": "@id"}}, "keyword_not_allowed"),
        ({"hidden": "@included"}, "context_feature_unsupported"),
        ({"hidden": "@madeup"}, "context_feature_unsupported"),
        ({"hidden": None}, "undefined_term"),
        ({"@base": "https://example.org/"}, "context_feature_unsupported"),
        ({"@import": "https://www.w3.org/ns/did/v1"}, "context_feature_unsupported"),
        ({"@propagate": False}, "context_feature_unsupported"),
        ({"hidden": {"@reverse": CREDENTIALS + "issuer"}}, "context_feature_unsupported"),
        ({"hidden": {"@id": "ex:x", "@context": {}}}, "context_feature_unsupported"),
        ({"name": "https://example.org/name"}, "context_redefines_term"),
        ({"hidden": 7}, "context_invalid"),
        ({"@vocab": None}, "undefined_term"),
        ({"@vocab": 7}, "context_invalid"),
    ],
)
def test_inline_contexts_are_no_way_around(badge: dict[str, Any], definition: dict[str, Any], code: str) -> None:
    badge["@context"].append(definition)
    _rename(badge, "credentialStatus", "hidden")
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize(badge, inline_contexts_allowed=True)
    assert caught.value.code == code


def test_an_inline_prefix_cannot_stand_in_for_a_scheme(badge: dict[str, Any]) -> None:
    badge["@context"].append({"did": {"@id": "https://good.example/", "@prefix": True}})
    badge["credentialSubject"]["id"] = "did:example:1"
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize(badge, inline_contexts_allowed=True)
    assert caught.value.code == "compact_iri"


def test_plain_credentials_may_bring_words_of_their_own() -> None:
    document = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            {"id": "@id", "type": "@type", "degree": "https://example.org/degree"},
        ],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"degree": {"@value": "שלום", "@language": "HE", "@direction": "rtl"}},
    }
    text = canonical.canonicalize(document, inline_contexts_allowed=True)
    assert '<https://example.org/degree> "שלום"^^<https://www.w3.org/ns/i18n#he_rtl> .' in text


def test_the_status_cannot_be_moved_out_of_sight(badge: dict[str, Any]) -> None:
    """The endorsement speaks about the credential; under its id, the same statement would be the same signature."""
    endorsement = {
        "@context": list(badge["@context"]),
        "id": "https://badges.example.org/endorsements/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsed",
        "issuer": "https://endorser.example.org",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": badge["id"], "type": ["EndorsementSubject"]},
    }
    badge["endorsement"] = [endorsement]
    canonical.canonicalize(badge)
    endorsement["credentialSubject"]["type"] = ["EndorsementSubject", "VerifiableCredential"]
    endorsement["credentialSubject"]["credentialStatus"] = badge.pop("credentialStatus")
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize(badge)
    assert caught.value.code == "credential_split"


def test_both_names_of_the_badge_type_are_names(badge: dict[str, Any]) -> None:
    badge["type"] = ["VerifiableCredential", "AchievementCredential"]
    for name in ("awardedDate", "evidence"):  # not defined for this name
        badge.pop(name)
    assert "OpenBadgeCredential" in canonical.canonicalize(badge)


def test_a_document_without_statements_is_refused() -> None:
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize({"@context": "https://www.w3.org/ns/credentials/v2", "id": "https://example.org/1"})
    assert caught.value.code == "empty_document"


def test_statements_are_counted(badge: dict[str, Any]) -> None:
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize(badge, limits=Limits(quads=58))
    assert caught.value.code == "too_many_statements"


def test_an_older_revision_of_a_context_can_be_asked_for(badge: dict[str, Any]) -> None:
    badge["endorsementJwt"] = ["e30.e30.e30"]
    newer = canonical.canonicalize(badge)
    assert "endorsementJwt" in newer
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize(badge, revisions=((badge["@context"][1], 1),))
    assert caught.value.code == "undefined_term"


def test_the_memory_of_contexts_is_bounded(badge: dict[str, Any]) -> None:
    from verifier.canonical import contexts

    before = canonical.canonicalize(badge)
    others = ["https://w3id.org/security/multikey/v1", "https://w3id.org/security/data-integrity/v2"]
    for number in range(0, 256, 3):
        extra = [others[number >> bit & 1] for bit in range(8)]
        canonical.canonicalize({**badge, "@context": badge["@context"] + extra})
        assert contexts._kept <= contexts._MAX_KEPT
    assert canonical.canonicalize(badge) == before
