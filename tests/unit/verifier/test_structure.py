"""The shape of plain credentials: what VCDM asks beyond Open Badges."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import bundle
from verifier.checks.structure import structure_findings
from verifier.formats import digests

V2 = "https://www.w3.org/ns/credentials/v2"


def codes(**members: Any) -> list[str]:
    document = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:subject"},
    } | members
    return [f"{finding.code} {finding.pointer}" for finding in structure_findings(document)]


def test_the_least_there_can_be() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    "text",
    [
        "Ada",
        {"@value": "Ada"},
        {"@value": "Ada", "@language": "en", "@direction": "ltr"},
        [{"@value": "Ada", "@language": "en"}, {"@value": "Ада", "@language": "ru"}],
    ],
)
@pytest.mark.parametrize("name", ["name", "description"])
def test_texts(name: str, text: Any) -> None:
    assert codes(**{name: text}) == []
    assert codes(issuer={"id": "did:example:issuer", name: text}) == []


@pytest.mark.parametrize(
    "text",
    [
        4,
        None,
        [],
        ["Ada"],
        {"@language": "en"},
        {"@value": "Ada", "@language": "en", "url": "https://a.example"},
        {"@value": "Ada", "@direction": "up"},
        {"@value": "Ada", "@language": 4},
    ],
)
@pytest.mark.parametrize("name", ["name", "description"])
def test_what_is_no_text(name: str, text: Any) -> None:
    assert codes(**{name: text}) == [f"text_malformed /{name}"]
    assert codes(issuer={"id": "did:example:issuer", name: text}) == [f"text_malformed /issuer/{name}"]


@pytest.mark.parametrize("identifier", [None, 4, [], ["urn:a:1"], "not a url", "relative", ""])
def test_an_id_is_one_url_and_never_null(identifier: Any) -> None:
    assert codes(id=identifier) == ["id_malformed /id"]
    assert codes(credentialSubject={"id": identifier}) == ["id_malformed /credentialSubject/id"]
    assert codes(credentialStatus={"type": "Any", "id": identifier}) == ["id_malformed /credentialStatus/id"]
    assert codes(credentialSchema=[{"type": "Any", "id": identifier}]) == ["id_malformed /credentialSchema/0/id"]


def test_parts_say_their_type_and_a_schema_its_address() -> None:
    for name in ("credentialStatus", "termsOfUse", "evidence", "refreshService"):
        assert codes(**{name: {"id": "urn:x:1"}}) == [f"type_missing /{name}"]
        assert codes(**{name: [{"type": "NeverHeardOf"}]}) == []
    assert codes(credentialSchema={"type": "JsonSchema"}) == ["id_missing /credentialSchema/id"]


SRI = digests.sri(bundle.load(V2), "sha384")


@pytest.mark.parametrize(
    "digest",
    [
        {"digestSRI": SRI},
        {"digestSRI": digests.sri(bundle.load(V2))},
        {"digestMultibase": "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"},
        # the text of July 2024, which many credentials name
        {"digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"},
        {"digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"},
        {"digestSRI": "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU", "mediaType": "a/b"},
    ],
)
def test_related_resources_that_are_bundled(digest: dict[str, str]) -> None:
    assert codes(relatedResource={"id": V2, **digest}) == []
    assert codes(relatedResource=[{"id": V2, **digest}, {"id": V2, **digest}]) == [
        "related_resource_twice /relatedResource/1/id"
    ]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("https://a.example", "malformed "),
        ({"digestSRI": SRI}, "malformed /id"),
        ({"id": 4, "digestSRI": SRI}, "malformed /id"),
        ({"id": V2}, "malformed "),
        ({"id": V2, "digestSRI": "sha384-" + "A" * 64}, "mismatch /digestSRI"),
        ({"id": V2, "digestMultibase": "u" + "A" * 43}, "mismatch /digestMultibase"),
        ({"id": V2, "digestSRI": SRI, "digestMultibase": "u" + "A" * 43}, "mismatch /digestMultibase"),
        ({"id": "https://a.example/file", "digestSRI": "md5-AAAA"}, "malformed /digestSRI"),
        ({"id": "https://a.example/file", "digestSRI": 4}, "malformed /digestSRI"),
    ],
)
def test_related_resources_that_are_refused(resource: Any, expected: str) -> None:
    kind, _, pointer = expected.partition(" ")
    assert codes(relatedResource=[resource]) == [f"related_resource_{kind} /relatedResource/0{pointer}"]


def test_a_related_resource_that_is_not_held_here_is_for_others_to_compare() -> None:
    assert codes(relatedResource={"id": "https://a.example/file", "digestSRI": "sha256-" + "A" * 43 + "="}) == []
