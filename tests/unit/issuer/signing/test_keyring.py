from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from issuer.signing import Algorithm, Keyring, KeyUnavailable, NewKey
from issuer.signing.encrypted import seal, unseal
from issuer.signing.local import LocalSigner, generate

SECRET = "a secret of the installation, long enough"
METHOD = "did:web:x.example#z6Mk"


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    return Keyring(SECRET)


@pytest.fixture(scope="module")
def new_key(keyring: Keyring) -> NewKey:
    return keyring.create()


def test_a_stored_key_opens_again_and_signs_what_its_public_half_verifies(keyring: Keyring, new_key: NewKey) -> None:
    signer = Keyring(SECRET).signer(new_key, METHOD)
    assert (signer.algorithm, signer.verification_method) == (Algorithm.ED25519, METHOD)
    assert new_key.public_multibase.startswith("z6Mk")
    assert isinstance(signer, LocalSigner)
    signer._key.public_key().verify(signer.sign(b"payload"), b"payload")


def test_the_private_half_is_never_shown_and_never_stored_in_the_clear(keyring: Keyring, new_key: NewKey) -> None:
    signer = keyring.signer(new_key, METHOD)
    raw = signer._key.private_bytes_raw()
    assert raw not in new_key.private_encrypted
    assert "private" not in repr(new_key).replace("private_encrypted", "")
    assert "_key" not in repr(signer)


def test_another_secret_does_not_open_it(new_key: NewKey) -> None:
    with pytest.raises(KeyUnavailable, match="BADGEWRIGHT_KEY_SECRET") as caught:
        Keyring("another secret of the installation").signer(new_key, METHOD)
    assert caught.value.code == "key_not_readable"


def test_a_record_is_bound_to_its_key_and_any_changed_bit_is_noticed() -> None:
    record = seal(SECRET, "z6MkMine", b"private")
    assert unseal(SECRET, "z6MkMine", record) == b"private"
    with pytest.raises(KeyUnavailable):
        unseal(SECRET, "z6MkOther", record)
    for place in (0, 1, 20, len(record) - 1):
        with pytest.raises(KeyUnavailable):
            unseal(SECRET, "z6MkMine", record[:place] + bytes([record[place] ^ 1]) + record[place + 1 :])
    with pytest.raises(KeyUnavailable):
        unseal(SECRET, "z6MkMine", b"")


def test_two_records_of_the_same_key_differ() -> None:
    assert seal(SECRET, "k", b"private") != seal(SECRET, "k", b"private")


def test_a_key_whose_private_half_belongs_to_another_is_refused(keyring: Keyring, new_key: NewKey) -> None:
    from cryptography.hazmat.primitives import serialization

    from issuer.signing.encrypted import EncryptedKeys

    stranger = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    swapped = NewKey(
        Algorithm.ED25519, new_key.public_multibase, "encrypted:", seal(SECRET, new_key.public_multibase, stranger)
    )
    with pytest.raises(KeyUnavailable, match="does not belong"):
        EncryptedKeys(SECRET).open(swapped, METHOD)


def test_an_unknown_place_for_keys_is_said_by_name(keyring: Keyring) -> None:
    with pytest.raises(KeyUnavailable) as caught:
        keyring.signer(NewKey(Algorithm.ED25519, "z6MkX", "pkcs11:token=a"), METHOD)
    assert caught.value.code == "key_backend_unknown"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        Keyring("short")


@pytest.mark.parametrize(
    ("algorithm", "width", "digest"), [(Algorithm.P256, 32, SHA256()), (Algorithm.P384, 48, SHA384())]
)
def test_ecdsa_signatures_are_raw_r_and_s(algorithm, width, digest) -> None:
    key = generate(algorithm)
    signature = LocalSigner(METHOD, algorithm, key).sign(b"payload")
    assert len(signature) == 2 * width
    r, s = (int.from_bytes(part, "big") for part in (signature[:width], signature[width:]))
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    key.public_key().verify(encode_dss_signature(r, s), b"payload", ec.ECDSA(digest))
