"""What W3C's suites send and expect: related files, chains and sets of proofs, curves, presentations."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.integration.vcapi.conftest import DIDS, GUARDED, TOKEN, VCDM_2, Suite, older, plain
from tests.simulator import ISSUED, TestEcSigner, TestSigner
from verifier import proofs
from verifier.formats import multibase

# -- line 6: related files


@pytest.mark.parametrize(
    "digest",
    [
        {"digestSRI": "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"},
        {"digestMultibase": "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ", "mediaType": "application/ld+json"},
        {"digestMultibase": "uJKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k"},
        {"digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"},
    ],
)
def test_line_6_digests_of_today_and_of_earlier(suite: Suite, digest: dict[str, str]) -> None:
    vc = suite.issue(plain(relatedResource=[{"id": VCDM_2, **digest}])).vc
    assert suite.verify(vc).status == 200


@pytest.mark.parametrize(
    "related",
    [
        [{"id": VCDM_2, "digestSRI": "sha384-" + "A" * 64}],
        [{"id": VCDM_2, "digestMultibase": "u" + "A" * 43}],
        [{"id": VCDM_2}],
        [{"digestMultibase": "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"}],
        [{"id": "https://a.example/f", "digestMultibase": "uWZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ"}] * 2,
        ["https://a.example/f", "https://a.example/g"],
    ],
)
def test_line_6_refused(suite: Suite, related: Any) -> None:
    assert suite.issue(plain(relatedResource=related)).code.startswith("related_resource_")
    signer = TestSigner("line 6")
    try:
        signed = proofs.secure(plain(issuer=signer.did, relatedResource=related), signer, ISSUED)
    except Exception:  # noqa: BLE001 - what cannot even be signed need not be verified
        return
    assert suite.verify(signed).code


# -- line 7: chains and sets


def chain(first: TestSigner, second: TestSigner, previous: Any = "urn:uuid:first") -> dict[str, Any]:
    """Two proofs, the second by the issuer and over the first."""
    document = plain(issuer=second.did)
    once = proofs.secure(document, first, ISSUED, options={"id": "urn:uuid:first"})
    return proofs.secure(once, second, ISSUED, options={"previousProof": previous})


def test_line_7_a_chain(suite: Suite) -> None:
    notary, issuer = TestSigner("notary"), TestSigner("issuer")
    good = chain(notary, issuer)
    assert suite.verify(good).status == 200
    assert suite.verify(chain(notary, issuer, previous=["urn:uuid:first"])).status == 200
    for change in (
        lambda d: d["proof"].pop(0),
        lambda d: d["proof"][0].update(id="urn:uuid:another"),
        lambda d: d["proof"][0].pop("id"),
        lambda d: d["proof"][0].update(proofValue=d["proof"][1]["proofValue"]),
        lambda d: d["proof"][0].update(created="2026-02-02T00:00:00Z"),
        lambda d: d["proof"][1].update(previousProof="urn:uuid:nowhere"),
        lambda d: d["proof"][1].update(previousProof=["urn:uuid:first", "urn:uuid:nowhere"]),
        lambda d: d["proof"][1].update(previousProof=4),
        lambda d: d["proof"][1].update(previousProof={"id": "urn:uuid:first"}),
        lambda d: d["credentialSubject"].update(id="did:example:another"),
    ):
        bad = copy.deepcopy(good)
        change(bad)
        assert suite.verify(bad).code


def test_line_7_a_chain_made_here(suite: Suite) -> None:
    """The second proof is added by a second request, in the issuer's name."""
    notary = TestSigner("notary")
    once = proofs.secure(plain(issuer=DIDS["Ed25519"]), notary, ISSUED, options={"id": "urn:uuid:first"})
    vc = suite.issue(once, previousProof="urn:uuid:first").vc
    assert [proof.get("previousProof") for proof in vc["proof"]] == [None, "urn:uuid:first"]
    assert suite.verify(vc).status == 200
    vc["proof"][0]["proofValue"] = vc["proof"][1]["proofValue"]
    assert suite.verify(vc).code


def test_line_7_a_set(suite: Suite) -> None:
    """One proof by the issuer is enough, strangers may add theirs; without one by the issuer nothing is proven."""
    issuer, stranger = TestSigner("issuer"), TestSigner("stranger")
    document = plain(issuer=issuer.did)
    both = proofs.secure(proofs.secure(document, stranger, ISSUED), issuer, ISSUED)
    assert suite.verify(both).status == 200
    assert suite.verify({**both, "proof": both["proof"][::-1]}).status == 200
    assert suite.verify({**both, "proof": both["proof"][:1]}).code


# -- line 8: P-384 with SHA-384 also inside RDFC-1.0; raw signatures


@pytest.mark.parametrize(("kind", "size"), [("P-256", 64), ("P-384", 96), ("Ed25519", 64)])
def test_line_8_raw_signatures(suite: Suite, kind: str, size: int) -> None:
    # Two subjects without an id are blank nodes, whose names depend on the hash.
    subjects = [{"name": "Alice"}, {"name": "Bob"}]
    for model in (plain, older):
        members = (
            {"credentialSubject": [{"id": "did:example:a"}]} if model is older else {"credentialSubject": subjects}
        )
        vc = suite.issue(model(**members), kind).vc
        assert vc["proof"]["proofValue"].startswith("z")
        assert len(multibase.decode(vc["proof"]["proofValue"])) == size
        assert suite.verify(vc).status == 200


def test_line_8_the_other_hash_is_refused(suite: Suite) -> None:
    """A P-384 signature over names made with SHA-256 does not hold."""
    import hashlib

    from verifier.canonical import canonicalize

    signer = TestEcSigner("line 8", algorithm="P-384")
    document = plain(issuer=signer.did, credentialSubject=[{"name": "Alice"}, {"name": "Bob"}])
    config = {
        "type": "DataIntegrityProof",
        "cryptosuite": "ecdsa-rdfc-2019",
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": signer.verification_method,
        "proofPurpose": "assertionMethod",
    }

    def signed(inside: Any) -> dict[str, Any]:
        parts = ({**config, "@context": document["@context"]}, document)
        payload = b"".join(hashlib.sha384(canonicalize(part, algorithm=inside).encode()).digest() for part in parts)
        return {**document, "proof": {**config, "proofValue": multibase.encode_base58(signer.sign(payload))}}

    assert canonicalize(document) != canonicalize(document, algorithm="sha384")
    assert suite.verify(signed("sha384")).status == 200
    assert suite.verify(signed("sha256")).code == "proof_invalid"


POINTERS = ["/issuer", "/credentialSubject/id"]


def test_line_8_selective_disclosure(suite: Suite) -> None:
    credential = plain(
        **{"@context": [VCDM_2, "https://www.w3.org/ns/credentials/examples/v2"]},
        id="urn:uuid:5f2b1e6e-3b6e-4bb1-8b6e-0b8f6f1f0a11",
        name="Degree",
        credentialSubject={"id": "did:example:a", "alumniOf": "A school", "grade": "B"},
    )
    options = {"cryptosuite": "ecdsa-sd-2023", "mandatoryPointers": POINTERS}
    base = suite.issue(credential, "P-256", **options).vc
    assert base["proof"]["proofValue"].startswith("u2V0A")
    assert suite.verify(base).code
    body = {"verifiableCredential": base, "options": {"selectivePointers": ["/credentialSubject/alumniOf"]}}
    assert suite.post("/credentials/derive", body).status == 201  # an open identity is configured
    shown = suite.post("/credentials/derive", body, suite.key).vc
    assert shown["credentialSubject"] == {"id": "did:example:a", "alumniOf": "A school"}
    assert "name" not in shown
    assert shown["proof"]["proofValue"].startswith("u2V0B")
    assert suite.verify(shown).status == 200
    shown["credentialSubject"]["alumniOf"] = "Another school"
    assert suite.verify(shown).code
    body["options"] = {"selectivePointers": ["/nothing/here"]}
    assert suite.post("/credentials/derive", body, suite.key).code == "pointer_leads_nowhere"
    wrong = {"cryptosuite": "ecdsa-sd-2023", "mandatoryPointers": ["/non/existent/path"]}
    assert suite.issue(credential, "P-256", **wrong).code == "pointer_leads_nowhere"
    only_rdfc = suite.issue(credential, "P-256").vc
    assert suite.post("/credentials/derive", {"verifiableCredential": only_rdfc}, suite.key).code == "no_base_proof"


# -- line 9: presentations


HOLDER = TestSigner("line 9")


def shown(*credentials: Any, purpose: str = "authentication", **members: Any) -> dict[str, Any]:
    document = {"@context": [VCDM_2], "type": ["VerifiablePresentation"], **members}
    if credentials:
        document["verifiableCredential"] = list(credentials)
    options = {"challenge": "u5Zq", "domain": "suite.example"}
    made = proofs.secure(document, HOLDER, ISSUED, purpose=purpose, options=options, inline_contexts_allowed=True)
    return {**made, "proof": made["proof"][0]}


@pytest.mark.parametrize("holder", [None, HOLDER.did, {"id": HOLDER.did}])
def test_line_9_holders(suite: Suite, holder: Any) -> None:
    members = {} if holder is None else {"holder": holder}
    vc = suite.issue(plain()).vc
    document = shown(vc, vc, **members)
    assert suite.present(document, challenge="u5Zq", domain="suite.example").status == 200
    assert suite.present(document, checks=[]).status == 200
    assert suite.present(document, challenge="another", domain="suite.example").code == "challenge_mismatch"
    assert suite.present(document, challenge="u5Zq", domain="another.example").code == "domain_mismatch"
    assert suite.verify(document).code == "credential_expected"


def test_line_9_an_id_another_type_and_no_credentials(suite: Suite) -> None:
    contexts = [VCDM_2, {"ExamplePresentation": "https://a.example/#Presentation"}]
    document = shown(
        id="urn:uuid:5f2b1e6e-3b6e-4bb1-8b6e-0b8f6f1f0a12",
        type=["VerifiablePresentation", "ExamplePresentation"],
        **{"@context": contexts},
    )
    assert suite.present(document).status == 200


WRONG: dict[str, Any] = {
    "context_order": lambda d: d.update({"@context": ["https://www.w3.org/ns/credentials/examples/v2", VCDM_2]}),
    "context_number": lambda d: d["@context"].append(123192875),
    "context_not_a_url": lambda d: d["@context"].append("https ://not-a-url/contexts/example/v1"),
    "context_unknown": lambda d: d["@context"].append("https://nobody.example/contexts/v1"),
    "no_context": lambda d: d.pop("@context"),
    "no_base_context": lambda d: d.update({"@context": ["https://www.w3.org/ns/credentials/examples/v2"]}),
    "no_type": lambda d: d.pop("type"),
    "other_type": lambda d: d.update(type=["ExamplePresentation"]),
    "value": lambda d: d["proof"].update(proofValue="z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh"),
    "no_proof": lambda d: d.pop("proof"),
    "holder_without_id": lambda d: d.update(holder={"name": "x"}),
    "credential_text": lambda d: d.update(verifiableCredential=["https://a.example/credential"]),
    "credential_number": lambda d: d.update(verifiableCredential=[4]),
    "credential_without_type": lambda d: d["verifiableCredential"][0].pop("type"),
}


@pytest.mark.parametrize("name", WRONG)
def test_line_9_refused(suite: Suite, name: str) -> None:
    document = shown(suite.issue(plain()).vc)
    assert suite.present(document).status == 200
    WRONG[name](document)
    assert suite.present(document).code


def test_line_9_purpose(suite: Suite) -> None:
    document = shown(suite.issue(plain()).vc, purpose="assertionMethod")
    assert suite.present(document, challenge="u5Zq", domain="suite.example").code == "proof_purpose"


def test_line_9_the_holders_own_word(suite: Suite) -> None:
    """VCDM 2.0, section 4.13.4: a credential without a proof is by the holder, who is named."""
    own = plain(issuer=HOLDER.did)
    assert suite.present(shown(own, holder=HOLDER.did)).status == 200
    assert suite.present(shown(own)).code == "inner_not_signed"
    assert suite.present(shown(plain(issuer="did:example:acme"), holder=HOLDER.did)).code == "inner_not_signed"
    assert suite.present(shown(own, holder=DIDS["Ed25519"])).code


def test_line_9_a_forged_credential_inside(suite: Suite) -> None:
    vc = suite.issue(plain(issuer=GUARDED), token=TOKEN).vc
    vc["credentialSubject"]["id"] = "did:example:another"
    assert suite.present(shown(vc)).code == "inner_invalid"


def test_line_9_a_stolen_badge_is_a_warning_in_front_of_all(suite: Suite) -> None:
    """The protocol's `verified` speaks of the proofs. Who shows what stands beside it, first of all warnings."""
    vc = suite.issue(plain()).vc
    answer = suite.present(shown(vc, holder=HOLDER.did), challenge="u5Zq", domain="suite.example")
    assert answer.status == 200
    assert answer.body["verified"] is True
    assert answer.body["warnings"][0]["code"] in ("holder_not_subject", "holder_subject_unknown")
    assert answer.body["warnings"][0]["outcome"] == "undetermined"
    assert answer.body["holder"] == {"id": HOLDER.did, "proven": True, "isSubject": False}
    assert (answer.body["report"]["verdict"], answer.body["report"]["verified"]) == ("undetermined", False)
    assert "holder_is_subject" not in answer.body["checks"]
    own = plain(credentialSubject={"id": HOLDER.did})
    good = suite.present(shown(suite.issue(own).vc, holder=HOLDER.did))
    assert good.body["holder"]["isSubject"] is True
    assert not [each for each in good.body["warnings"] if each.get("check") == "holder_is_subject"]


@pytest.mark.parametrize("name", ["issuer", "credentialSubject", "name"])
def test_line_9_the_presenters_own_words(suite: Suite, name: str) -> None:
    contexts = [VCDM_2, {} if name == "name" else {name: f"https://a.example/#{name}"}]
    document = shown(suite.issue(plain()).vc, **{"@context": contexts, name: "State Board"})
    assert suite.present(document).code == "presentation_claims"
