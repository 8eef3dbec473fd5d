"""eddsa-rdfc-2022 step by step, against W3C's vector and the one of Open Badges 3.0."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verifier import canonical, proofs
from verifier.errors import VerifierError
from verifier.formats import multibase, multikey

Read = Callable[[str], Any]


@dataclass(frozen=True)
class Published:
    file: str
    seed: bytes
    multikey: str
    config_hash: str
    document_hash: str


W3C = Published(
    "eddsa-rdfc-2022-w3c.json",
    multikey.decode_secret("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq")[1],
    "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    "4c4d3890a157f8d611b13c265c2c22f39aa0a567c7c7dd9ba3e45cd579784eeb",
    "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017",
)
OPEN_BADGES = Published(
    "eddsa-rdfc-2022-ob.json",
    bytes.fromhex("6241a409e6707bb640a0140a8a32bc3d193c33a661747284d6adfa4ed4180be4"),
    "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi",
    "d34009cea0dbc1ca941e09dc01c8c9d3e3ce3c5b853f67ee44698dcea10f5d19",
    "87f65a76d40146205e3b3e06cb0fbd153f97f9ce70372390f52566bb7f9e0773",
)
both = pytest.mark.parametrize("published", [W3C, OPEN_BADGES], ids=["w3c", "open badges"])


def split(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], str]:
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    config = {key: value for key, value in document["proof"].items() if key != "proofValue"}
    return unsecured, config, document["proof"]["proofValue"]


@both
def test_the_published_key_pair_belongs_together(published: Published) -> None:
    public = Ed25519PrivateKey.from_private_bytes(published.seed).public_key()
    assert multikey.encode(multikey.from_cryptography(public)) == published.multikey


@both
def test_both_hashes(vector: Read, published: Published) -> None:
    unsecured, config, _ = split(vector(published.file))
    text = canonical.canonicalize({**config, "@context": unsecured["@context"]})
    assert hashlib.sha256(text.encode()).hexdigest() == published.config_hash
    assert hashlib.sha256(canonical.canonicalize(unsecured).encode()).hexdigest() == published.document_hash


@both
def test_what_is_signed(vector: Read, published: Published) -> None:
    unsecured, config, _ = split(vector(published.file))
    found = proofs.signing_input(unsecured, config, "Ed25519")
    assert found.hex() == published.config_hash + published.document_hash


@both
def test_the_same_signature_from_the_published_seed(vector: Read, published: Published) -> None:
    unsecured, config, expected = split(vector(published.file))
    payload = proofs.signing_input(unsecured, config, "Ed25519")
    signature = Ed25519PrivateKey.from_private_bytes(published.seed).sign(payload)
    assert multibase.encode_base58(signature) == expected


@both
def test_the_published_proof_verifies(vector: Read, published: Published) -> None:
    document = vector(published.file)
    ((proof, signed),) = proofs.chains.signed_documents(document)
    proofs.verify(signed, proof, multikey.decode(published.multikey))


def test_the_badge_inside_the_published_transcript_verifies(vector: Read) -> None:
    ((proof, signed),) = proofs.chains.signed_documents(vector("eddsa-rdfc-2022-ob-in-clr.json"))
    proofs.verify(signed, proof, multikey.decode(OPEN_BADGES.multikey))


@both
def test_any_change_is_noticed(vector: Read, published: Published) -> None:
    document = vector(published.file)
    key = multikey.decode(published.multikey)
    unsecured, _, _ = split(document)
    for changed, proof in (
        ({**unsecured, "name": "Another name"}, document["proof"]),
        (unsecured, {**document["proof"], "created": "2024-02-24T23:36:38Z"}),
        (unsecured, {**document["proof"], "verificationMethod": "https://vc.example/issuers/1#key"}),
    ):
        with pytest.raises(VerifierError) as caught:
            proofs.verify(changed, proof, key)
        assert caught.value.code == "proof_invalid"


def test_securing_gives_the_published_credential(vector: Read) -> None:
    expected = vector(OPEN_BADGES.file)
    unsecured, config, _ = split(expected)

    class Published:
        verification_method = config["verificationMethod"]
        algorithm = "Ed25519"

        @staticmethod
        def sign(payload: bytes) -> bytes:
            return Ed25519PrivateKey.from_private_bytes(OPEN_BADGES.seed).sign(payload)

    found = proofs.secure(unsecured, Published(), datetime.fromisoformat(config["created"]))
    assert found == {**unsecured, "proof": [expected["proof"]]}
