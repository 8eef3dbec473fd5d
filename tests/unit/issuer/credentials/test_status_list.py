from __future__ import annotations

from datetime import UTC, datetime

import pytest

from issuer.credentials.status_list import LENGTH, status_list
from schemas import validation
from verifier.formats import bitstring

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://badges.example.org/status/s1"


def test_exactly_the_given_places_are_set() -> None:
    document = status_list(URL, "did:web:x.example", "revocation", [0, 9, LENGTH - 1], NOW)
    bits = bitstring.decode(document["credentialSubject"]["encodedList"])
    assert len(bits) == 16 * 1024
    assert [bitstring.get(bits, place) for place in (0, 1, 8, 9, LENGTH - 1)] == [1, 0, 0, 1, 1]
    assert sum(byte.bit_count() for byte in bits) == 3


def test_it_passes_the_strict_schema() -> None:
    document = status_list(URL, "did:web:x.example", "revocation", [], NOW)
    document["proof"] = [{"type": "DataIntegrityProof"}]
    assert validation.validate(document, "BitstringStatusListCredential", strict=True) == []


def test_a_place_outside_is_a_bug() -> None:
    with pytest.raises(ValueError, match="no entry"):
        status_list(URL, "did:web:x.example", "revocation", [LENGTH], NOW)
