"""Credentials that are no Open Badges, in the forms that W3C's suites bring them in."""

from __future__ import annotations

from typing import Any

import pytest
from pyld import jsonld

from verifier import canonical
from verifier.canonical import contexts
from verifier.errors import VerifierError

V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
OPTIONS = {
    "algorithm": "URDNA2015",
    "format": "application/n-quads",
    "documentLoader": contexts.document_loader(),
    "rdfDirection": "i18n-datatype",
}
MINIMUM: dict[str, Any] = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "credentialSubject": {"id": "did:example:subject"},
}
TERMS_OF_USE = {"OdrlPolicy2017": "https://example.org/examples#OdrlPolicy2017"}
REFRESH = {"ExampleRefreshService": "https://example.org/examples#ExampleRefreshService"}

ACCEPTED: dict[str, dict[str, Any]] = {
    "minimum": {},
    "undefined words under the examples' vocabulary": {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential", "AnyCredential"],
        "credentialSubject": {"id": "did:example:subject", "degree": {"type": "AnyDegree", "of": ["a", 1, True]}},
    },
    "two subjects": {"credentialSubject": [{"id": "did:example:subject"}, {"id": "did:example:other:subject"}]},
    "an inline word": {
        "@context": [V2, {"ExampleTestCredential": "https://example.org/#ExampleTestCredential"}],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
    },
    "a whole context document in place of its content": {
        "@context": [V2, {"@context": {"ExampleTestCredential": "https://example.org/#ExampleTestCredential"}}],
        "type": ["VerifiableCredential", "ExampleTestCredential"],
    },
    "two terms of use that look alike": {
        "@context": [V2, TERMS_OF_USE],
        "termsOfUse": [{"type": "OdrlPolicy2017"}, {"type": "OdrlPolicy2017"}],
    },
    "a refresh service of its own kind": {
        "@context": [V2, REFRESH],
        "refreshService": {"id": "did:example:refresh/1", "type": "ExampleRefreshService"},
    },
    "a type that is an address": {
        "credentialSchema": [
            {"type": "https://example.org/#ExampleTestSuiteSchema", "id": "did:example:schemas/1"},
            {"type": "https://example.org/#ExampleTestSuiteSchema", "id": "did:example:schemas/2"},
        ]
    },
    "names in several languages": {
        "name": [
            {"@value": "Name", "@language": "en"},
            {"@value": "اسم", "@language": "ar", "@direction": "rtl"},
            {"@value": "nom"},
        ]
    },
    "related resources": {
        "relatedResource": [
            {"id": V2, "digestSRI": "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"}
        ]
    },
    "VCDM 1.1": {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://www.w3.org/2018/credentials/examples/v1"],
        "type": ["VerifiableCredential", "UniversityDegreeCredential"],
        "issuanceDate": "2020-01-01T00:00:00Z",
    },
    "a status list of 2021": {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/vc/status-list/2021/v1"],
        "issuanceDate": "2020-01-01T00:00:00Z",
        "credentialStatus": {
            "id": "https://example.org/status#1",
            "type": "StatusList2021Entry",
            "statusPurpose": "revocation",
            "statusListIndex": "1",
            "statusListCredential": "https://example.org/status",
        },
    },
}
PRESENTATION: dict[str, Any] = {
    "@context": [V2],
    "type": ["VerifiablePresentation"],
    "holder": {"id": "did:example:holder"},
    "verifiableCredential": [
        MINIMUM,
        {**MINIMUM, "id": "https://example.org/2", "issuer": {"id": "did:example:other"}},
    ],
}


@pytest.mark.parametrize("form", ACCEPTED)
def test_accepted_and_the_same_to_pyld(form: str) -> None:
    document = {**MINIMUM, **ACCEPTED[form]}
    assert canonical.canonicalize(document, inline_contexts_allowed=True) == jsonld.normalize(document, dict(OPTIONS))


def test_a_presentation_holds_its_credentials_in_graphs_of_their_own() -> None:
    secured = {
        **MINIMUM,
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod"},
    }
    for inner in (PRESENTATION["verifiableCredential"], [secured], secured):
        document = {**PRESENTATION, "verifiableCredential": inner}
        found = canonical.canonicalize(document)
        assert found == jsonld.normalize(document, dict(OPTIONS))
        assert " _:c14n" in found.splitlines()[0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            {"@context": [V2, {"@protected": True, "X": "https://x.example/"}, {"X": "https://y.example/"}]},
            "context_redefines_term",
        ),
        ({"@context": [V2, {"type": "https://x.example/"}]}, "context_redefines_term"),
        ({"type": ["VerifiableCredential", "Unmapped"]}, "relative_type"),
        ({"type": ["VerifiableCredential", "https ://not-a-url"]}, "invalid_iri"),
        ({"@context": [V2, {"Bad": "not a url"}], "type": ["VerifiableCredential", "Bad"]}, "context_invalid"),
        ({"credentialStatus": {"id": "not-a-url", "type": "BitstringStatusListEntry"}}, "relative_iri"),
        ({"issuer": "not a url"}, "relative_iri"),
        ({"@context": [V2, 3]}, "context_invalid"),
        ({"@context": [V2, "not-a-url"]}, "context_not_bundled"),
        ({"@context": [V2, {"@context": {"type": "https://x.example/"}}]}, "context_redefines_term"),
        ({"@context": [V2, {"@context": {"@context": {"x": "https://x.example/"}}}]}, "context_feature_unsupported"),
        ({"@context": [V2, {"@context": {}, "x": "https://x.example/"}]}, "context_feature_unsupported"),
        ({"@context": [V2, {"@context": [V2]}]}, "context_feature_unsupported"),
        ({"@context": [V2, {"@context": None}]}, "context_feature_unsupported"),
        ({"@context": [V2, {"@context": {"@base": "https://x.example/"}}]}, "context_feature_unsupported"),
    ],
)
def test_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize({**MINIMUM, **change}, inline_contexts_allowed=True)
    assert caught.value.code == code
