"""What badges in the wild look like, line by line, through the same endpoints."""

from __future__ import annotations

import copy
import json
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.vcapi.conftest import WITH_STATUS, Suite, plain, sees
from tests.simulator import ISSUED, Issuer, TestEcSigner, World
from verifier import UnsafeAnyIssuer, Verifier, proofs
from verifier.proofs.jwt import secure_jwt

SCHOOL = "did:web:school.example"


@pytest.fixture
def world(suite: Suite) -> World:
    """The web as this server sees it."""
    made = World()
    sees(suite, made)
    return made


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(SCHOOL)


def badge(school: Issuer, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(school.sign(school.badge(**changes)))
    return found


def outcome(answer: Any) -> str:
    return str(answer.body["problemDetails"][0]["outcome"])


def test_line_13_a_key_in_the_fragment_is_self_asserted(suite: Suite, world: World, school: Issuer) -> None:
    """Neither failed nor passed while the issuer's document is not at hand."""
    document = badge(school)
    assert document["proof"][0]["verificationMethod"].partition("#")[2] == school.signer.multibase
    assert suite.verify(document).status == 200
    world.down.add(school.url)
    answer = suite.verify(document)
    assert answer.code == "key_self_asserted"
    assert outcome(answer) == "undetermined"


def test_line_13_what_the_official_validator_refuses_and_where_it_looks(suite: Suite, school: Issuer) -> None:
    """In a set eddsa-rdfc-2022 stands first; ecdsa-rdfc-2019 and EdDSA tokens are good all the same."""
    curve = TestEcSigner("school", SCHOOL)
    methods = [
        {
            "id": signer.verification_method,
            "type": "Multikey",
            "controller": SCHOOL,
            "publicKeyMultibase": signer.multibase,
        }
        for signer in (school.signer, curve)
    ]
    school.world.publish(
        school.url, school.document(verificationMethod=methods, assertionMethod=[method["id"] for method in methods])
    )
    unsigned = school.badge()
    first = proofs.secure(unsigned, school.signer, ISSUED)
    both = proofs.secure(first, curve, ISSUED)
    assert [proof["cryptosuite"] for proof in both["proof"]] == ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]
    assert suite.verify(both).status == 200
    assert suite.verify(proofs.secure(unsigned, curve, ISSUED)).status == 200
    token = secure_jwt(unsigned, school.signer).decode()
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/jwt,{token}",
    }
    assert suite.verify(envelope).status == 200


def test_line_14_documents_with_strings_and_with_objects(suite: Suite, school: Issuer) -> None:
    document = badge(school)
    assert suite.verify(document).status == 200
    method = school.document()["verificationMethod"][0]
    embedded = {"id": SCHOOL, "assertionMethod": [method]}
    school.world.publish(school.url, embedded)
    assert suite.verify(document).status == 200
    school.world.publish(school.url, {"id": SCHOOL, "verificationMethod": [method]})
    assert suite.verify(document).code == "key_not_listed"


def test_line_14_ours_writes_strings(suite: Suite) -> None:
    got = json.loads(suite.client.get("/orgs/lakeside/did.json").get_data())
    assert all(isinstance(entry, str) for entry in got["assertionMethod"])
    assert {entry["id"] for entry in got["verificationMethod"]} == set(got["assertionMethod"])


OB = "https://purl.imsglobal.org/ob/v3p0"


@pytest.mark.parametrize("form", ["text", "cdata", "verify", "vc"])
def test_line_15_forms_of_baked_pictures(world: World, school: Issuer, form: str) -> None:
    """Read by the verifier that stands behind the endpoint; the VC API itself takes JSON alone."""
    text = school.sign(school.badge()).decode()
    if form == "text":
        inside = f"<openbadges:credential>{text.replace('&', '&amp;').replace('<', '&lt;')}</openbadges:credential>"
    elif form == "cdata":
        inside = f"<openbadges:credential><![CDATA[{text}]]></openbadges:credential>"
    else:
        token = secure_jwt(school.badge(), school.signer).decode()
        if form == "vc":
            from tests.integration.vcapi.test_lines_10_to_12 import token as older

            claims = {"iss": SCHOOL, "jti": school.badge()["id"], "vc": school.badge()}
            token = older(claims, school.signer, typ="JWT").decode()
        inside = f'<openbadges:credential verify="{token}"/>'
    picture = f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="{OB}">{inside}</svg>'
    assert Verifier(world).verify(picture.encode(), UnsafeAnyIssuer()).verified


def test_line_16_what_dcc_stumbles_over(suite: Suite) -> None:
    """The id is a URL, lists and contexts hold no HTML entity, and the first status is one that it looks up."""
    vc = suite.issue(plain(issuer=WITH_STATUS, id="https://a.example/credentials/1")).vc
    assert urlsplit(vc["id"]).scheme == "https"
    entry = vc["credentialStatus"]
    assert not isinstance(entry, list)
    assert entry["type"] == "BitstringStatusListEntry"
    text = suite.client.get(urlsplit(entry["statusListCredential"]).path).get_data().decode()
    assert unescape(text) == text


def test_line_16_a_bad_signature_outranks_expiry(suite: Suite, school: Issuer) -> None:
    document = badge(school, validUntil="2026-01-02T00:00:00Z")
    assert suite.verify(document).code == "expired"
    document["name"] = "Another"
    codes = [problem["code"] for problem in suite.verify(document).body["problemDetails"]]
    assert codes[0] == "proof_invalid"
    assert "expired" in codes


@pytest.mark.parametrize("entry_type", ["1EdTechRevocationList", "StatusList2021Entry"])
def test_line_16_other_kinds_of_status_are_not_taken_for_good(suite: Suite, school: Issuer, entry_type: str) -> None:
    contexts = [*school.badge()["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
    if entry_type == "StatusList2021Entry":
        contexts[-1] = "https://w3id.org/vc/status-list/2021/v1"
    entry = {"id": "https://school.example/revocations", "type": entry_type}
    if entry_type == "StatusList2021Entry":
        entry |= {
            "id": "https://school.example/revocations#1",
            "statusPurpose": "revocation",
            "statusListIndex": "1",
            "statusListCredential": "https://school.example/revocations",
        }
    answer = suite.verify(badge(school, credentialStatus=entry, **{"@context": contexts}))
    assert answer.status == 400
    assert outcome(answer) == "undetermined"


@pytest.mark.parametrize(
    ("where", "code"),
    [("evidence", "evidence_type"), ("resultDescription", "result_description_type"), ("source", "source_type")],
)
def test_line_17_three_types_that_the_schema_lets_pass(suite: Suite, school: Issuer, where: str, code: str) -> None:
    unsigned = copy.deepcopy(school.badge())
    if where == "evidence":
        unsigned["evidence"][0]["type"] = ["Achievement"]
    elif where == "source":
        unsigned["credentialSubject"]["source"] = {"id": "https://a.example", "type": ["Achievement"], "name": "x"}
    else:
        unsigned["credentialSubject"]["achievement"]["resultDescription"][0]["type"] = ["Result"]
    signed = {**unsigned, "proof": badge(school)["proof"]}
    assert suite.verify(signed).code == code
    unsigned["issuer"]["id"] = suite.did
    assert suite.issue(unsigned, token=suite.key).code == code


def test_an_open_badge_issued_through_the_api(suite: Suite, school: Issuer) -> None:
    """The counter-test to the three: a sound badge is signed in the organisation's name, and verifies."""
    unsigned = school.badge()
    unsigned["issuer"]["id"] = suite.did
    vc = suite.issue(unsigned, token=suite.key, status="none").vc
    document = json.loads(suite.client.get("/orgs/lakeside/did.json").get_data())
    school.world.publish("https://localhost:8000/orgs/lakeside/did.json", document)
    assert suite.verify(vc).status == 200
    assert vc["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
