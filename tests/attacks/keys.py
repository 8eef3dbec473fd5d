"""Issuers' documents and key sets that try to lend, borrow or revive a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.attacks.asset import Asset
from tests.simulator import Issuer, TestSigner, World
from verifier.formats import multibase, multikey
from verifier.proofs.jwt import secure_jwt


def assets(world: World, school: Issuer) -> Iterator[Asset]:
    def issuer(name: str, **changes: Any) -> Issuer:
        made = world.issuer(f"https://{name.replace('_', '-')}.example/issuer")
        document = made.document()
        document["verificationMethod"][0] |= changes
        world.publish(made.url, document)
        return made

    def bad(name: str, made: Issuer, code: str, verdict: str = "failed", check: str = "issuer") -> Asset:
        return Asset(f"{name}.json", made.sign(made.badge()), verdict, check, code)

    yield bad(
        "key_with_two_values",
        issuer("key_with_two_values", publicKeyJwk={"kty": "OKP"}),
        "key_malformed",
        check="proof",
    )
    yield bad("key_without_value", issuer("key_without_value", publicKeyMultibase=None), "key_malformed", check="proof")
    private = multikey.to_jwk(TestSigner("x").public) | {"d": "AAAA"}
    gives = issuer("key_given_away", publicKeyMultibase=None, publicKeyJwk=private)
    yield Asset("key_given_away.json", gives.sign(gives.badge()), "failed", "proof", "private_key_published")
    yield bad("key_end_not_a_date", issuer("key_end_not_a_date", expires="soon"), "date_malformed")
    yield bad("key_end_null", issuer("key_end_null", revoked=None), "date_malformed")
    twice = world.issuer("https://key-twice.example/issuer")
    document = twice.document()
    other = {**document["verificationMethod"][0], "publicKeyMultibase": TestSigner("thief").multibase}
    document["verificationMethod"].append(other)
    world.publish(twice.url, document)
    yield bad("key_described_twice", twice, "key_ambiguous")
    html = Issuer(world, "https://page.example/issuer")
    world.publish(html.url, b"<!doctype html><title>School</title>")
    yield bad("issuer_is_a_page", html, "key_self_asserted", "undetermined")
    deep = Issuer(world, "https://deep.example/issuer")
    world.publish(deep.url, b'{"id":' + b"[" * 5_000)
    yield bad("issuer_document_too_deep", deep, "key_self_asserted", "undetermined")
    for name, identifier in (
        ("data_url", "data:application/json,%7B%7D"),
        ("http", "http://school.example/issuer"),
        ("file", "file:///etc/passwd"),
        ("urn", "urn:uuid:00000000-0000-4000-8000-000000000000"),
    ):
        document = school.badge(issuer={"id": identifier, "type": ["Profile"], "name": "x"})
        yield Asset(f"issuer_as_{name}.json", school.sign(document), "undetermined", "issuer", "key_self_asserted")
    for name, did in (
        ("with_an_address", "did:web:127.0.0.1"),
        ("with_a_slash", "did:web:school.example:..:admin"),
        ("with_user", "did:web:evil.example%40school.example"),
        ("of_a_key_for_agreement", "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"),
        ("of_no_key", "did:key:z6Mk"),
        ("of_a_symmetric_key", "did:jwk:" + multibase.base64url_encode(b'{"kty":"oct","k":"AAAA"}')),
    ):
        document = school.badge(issuer={"id": did, "type": ["Profile"], "name": "x"})
        code = "private_key_published" if "symmetric" in name else "did_malformed"
        yield Asset(f"did_{name}.json", school.sign(document), "failed", "issuer", code)
    host = world.issuer("https://host.example/issuers/1")
    neighbour = TestSigner("neighbour")
    world.publish(
        "https://host.example/.well-known/jwks.json", {"keys": [{**multikey.to_jwk(neighbour.public), "kid": "k"}]}
    )
    data = secure_jwt(host.badge(), neighbour, key_id="k")
    yield Asset("token_by_a_neighbour_on_the_host.jws", data, "failed", "issuer", "key_not_listed")
