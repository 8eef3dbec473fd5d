"""Multikey and JWK: prefix, length and point are checked, and both directions agree."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from verifier.errors import VerifierError
from verifier.formats import multibase, multikey
from verifier.formats.multikey import PublicKey

ED25519 = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
# RFC 8037, appendix A.2
RFC_8037 = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
# RFC 7517, appendix A.1
RFC_7517 = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
}

MAKERS: dict[str, Callable[[], object]] = {
    "Ed25519": lambda: ed25519.Ed25519PrivateKey.generate().public_key(),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()).public_key(),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()).public_key(),
}


@pytest.mark.parametrize("kind", MAKERS)
def test_there_and_back(kind: str) -> None:
    key = multikey.from_cryptography(MAKERS[kind]())
    assert key.kind == kind
    text = multikey.encode(key)
    assert text.startswith({"Ed25519": "z6Mk", "P-256": "zDn", "P-384": "z82"}[kind])
    assert multikey.decode(text) == key
    assert multikey.from_jwk(multikey.to_jwk(key)) == key
    assert multikey.from_cryptography(key.key) == key
    assert multikey.of_method({"publicKeyMultibase": text}) == key
    assert multikey.of_method({"publicKeyJwk": multikey.to_jwk(key)}) == key


@pytest.mark.parametrize("jwk", [RFC_8037, RFC_7517], ids=["ed25519", "p-256"])
def test_published_jwks(jwk: dict[str, str]) -> None:
    assert multikey.to_jwk(multikey.from_jwk({**jwk, "kid": "1", "use": "sig"})) == jwk


def test_rsa_has_a_jwk_and_no_multikey() -> None:
    key = multikey.from_cryptography(rsa.generate_private_key(65537, 2048).public_key())
    assert multikey.from_jwk(multikey.to_jwk(key)) == key
    with pytest.raises(VerifierError) as caught:
        multikey.encode(key)
    assert caught.value.code == "key_type_unsupported"


def _multikey(prefix: bytes, length: int) -> str:
    return multibase.encode_base58(prefix + b"\x02" + b"\xff" * (length - 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (_multikey(b"\xed\x01", 31), "key_malformed"),
        (_multikey(b"\xed\x01", 33), "key_malformed"),
        (_multikey(b"\x80\x24", 32), "key_malformed"),
        (_multikey(b"\x80\x24", 33), "key_malformed"),  # not on the curve
        (_multikey(b"\x81\x24", 33), "key_malformed"),
        (_multikey(b"\xe7\x01", 33), "key_type_unsupported"),  # secp256k1
        (_multikey(b"\x80\x26", 32), "key_type_unsupported"),  # a secret key
        (multibase.encode_base64url(b"\xed\x01" + b"1" * 32), "key_malformed"),
        ("z0", "multibase_malformed"),
        (None, "multibase_malformed"),
        (["z"], "multibase_malformed"),
    ],
)
def test_multikeys_refused(text: object, code: str) -> None:
    with pytest.raises(VerifierError) as caught:
        multikey.decode(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("jwk", "code"),
    [
        ({}, "key_type_unsupported"),
        ({"kty": "oct", "k": "AA"}, "private_key_published"),
        ({**RFC_8037, "d": "AA"}, "private_key_published"),
        ({**RFC_8037, "x": "AA"}, "key_malformed"),
        ({**RFC_8037, "x": RFC_8037["x"] + "="}, "key_malformed"),
        ({**RFC_8037, "x": 7}, "key_malformed"),
        ({**RFC_8037, "crv": "X25519"}, "key_type_unsupported"),
        ({**RFC_7517, "crv": "P-384"}, "key_malformed"),
        ({**RFC_7517, "crv": "secp256k1"}, "key_type_unsupported"),
        ({**RFC_7517, "crv": ["P-256"]}, "key_type_unsupported"),
        ({**RFC_7517, "y": RFC_7517["x"]}, "key_malformed"),
        ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "key_too_weak"),
        ({"kty": "RSA", "n": "/" * 400, "e": "AQAB"}, "key_malformed"),
    ],
)
def test_jwks_refused(jwk: dict[str, object], code: str) -> None:
    with pytest.raises(VerifierError) as caught:
        multikey.from_jwk(jwk)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "method", [{}, {"publicKeyMultibase": ED25519, "publicKeyJwk": RFC_8037}, {"publicKeyJwk": "text"}]
)
def test_a_method_holds_one_key(method: dict[str, object]) -> None:
    with pytest.raises(VerifierError) as caught:
        multikey.of_method(method)
    assert caught.value.code == "key_malformed"


def test_a_key_that_is_no_point_is_noticed_when_it_is_used() -> None:
    with pytest.raises(VerifierError) as caught:
        _ = PublicKey("P-256", b"\x02" + b"\xff" * 32).key
    assert caught.value.code == "key_malformed"
