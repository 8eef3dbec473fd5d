"""Schemas that a credential names for itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator import NOW, VCDM, Issuer, World
from verifier import CheckId, Report, TrustedIssuers, Verifier
from verifier.formats import digests

DID = "did:web:school.example"
URL = "https://school.example/schemas/badge.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2019-09/schema",
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 100}},
    "required": ["name"],
}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(DID)


def answer(world: World, school: Issuer, entry: Any, **changes: Any) -> str:
    contexts = [*school.badge()["@context"], EXTENSIONS]
    data = school.sign(school.badge(**{"@context": contexts, "credentialSchema": [entry], **changes}))
    return of(verify(world, data))


def verify(world: World, data: bytes) -> Report:
    return Verifier(world).verify(data, TrustedIssuers(DID), now=NOW)


def of(report: Report) -> str:
    result = report.result(CheckId.SCHEMA)
    assert result is not None
    return f"{report.verdict}:{result.code}"


def named(url: str = URL, **changes: Any) -> dict[str, Any]:
    return {"id": url, "type": "1EdTechJsonSchemaValidator2019", **changes}


def test_a_schema_that_fits_and_one_that_does_not(world: World, school: Issuer) -> None:
    world.publish(URL, SCHEMA)
    assert answer(world, school, named()) == "verified:schema_ok"
    world.publish(URL, {**SCHEMA, "properties": {"name": {"maxLength": 3}}})
    assert answer(world, school, named()) == "failed:named_schema_violated"


def test_the_standards_own_schemas_are_not_fetched(world: World, school: Issuer) -> None:
    url = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
    assert answer(world, school, named(url)) == "verified:schema_ok"
    assert url not in world.asked


def test_one_that_cannot_be_had_leaves_the_question_open(world: World, school: Issuer) -> None:
    assert answer(world, school, named()) == "undetermined:named_schema_unavailable"


@pytest.mark.parametrize(
    "schema",
    [
        b"<html>",
        b"[]",
        {"$schema": "https://else.example/draft"},
        {"$ref": "https://else.example/schema"},
        {"$ref": "#"},
        {"type": 5},
    ],
)
def test_one_that_is_none_leaves_the_question_open(world: World, school: Issuer, schema: Any) -> None:
    world.publish(URL, schema)
    assert answer(world, school, named()) == "undetermined:named_schema_not_run"


def test_one_that_was_exchanged_is_noticed(world: World, school: Issuer) -> None:
    world.publish(URL, SCHEMA)
    good = digests.sri(json.dumps(SCHEMA).encode())
    assert answer(world, school, named(digestSRI=good)) == "verified:schema_ok"
    world.publish(URL, {})
    assert answer(world, school, named(digestSRI=good)) == "failed:named_schema_violated"


def test_a_kind_that_nobody_knows_is_a_warning(world: World, school: Issuer) -> None:
    contexts = [*school.badge()["@context"], EXTENSIONS]
    entry = {"id": URL, "type": "1EdTechCredentialRefresh"}
    report = verify(world, school.sign(school.badge(**{"@context": contexts, "credentialSchema": [entry]})))
    result = report.result(CheckId.SCHEMA)
    assert report.verified
    assert result is not None
    assert [finding.code for finding in result.findings] == ["named_schema_type_unknown"]


def test_another_credential_with_a_schema_of_its_own(world: World, school: Issuer) -> None:
    world.publish(URL, {"properties": {"credentialSubject": {"required": ["id"]}}})
    document = {
        "@context": [VCDM],
        "type": ["VerifiableCredential"],
        "issuer": DID,
        "credentialSubject": {"id": "did:example:1"},
        "credentialSchema": {"id": URL, "type": "JsonSchema"},
    }
    assert of(verify(world, school.sign(document))) == "verified:schema_ok"
    world.publish(URL, {"properties": {"credentialSubject": {"required": ["name"]}}})
    assert of(verify(world, school.sign(document))) == "failed:named_schema_violated"
    many = {**document, "credentialSchema": [{"id": URL, "type": "JsonSchema"}] * 9}
    assert of(verify(world, school.sign(many))) == "failed:too_many_schemas"
