"""JSON that two readers read differently."""

from __future__ import annotations

from collections.abc import Iterator

from tests.attacks.asset import Asset, as_json
from tests.simulator import ISSUED, Issuer
from verifier import proofs


def assets(school: Issuer) -> Iterator[Asset]:
    badge = school.sign(school.badge())

    def bad(name: str, data: bytes, code: str) -> Asset:
        return Asset(f"{name}.json", data, "failed", "structure", code)

    yield bad(
        "number_that_javascript_rounds", badge.replace(b"{", b'{"x": 9007199254740993, ', 1), "number_out_of_range"
    )
    yield bad("number_beyond_doubles", badge.replace(b"{", b'{"x": 1e999, ', 1), "number_out_of_range")
    yield bad("number_of_many_digits", badge.replace(b"{", b'{"x": 0.' + b"1" * 80 + b", ", 1), "number_out_of_range")
    yield bad("infinity", badge.replace(b"{", b'{"x": -Infinity, ', 1), "not_json")
    yield bad(
        "duplicate_key_escaped", badge.replace(b"{", b'{"issu\\u0065r":"did:web:evil.example",', 1), "duplicate_key"
    )
    yield bad(
        "duplicate_key_deep_inside",
        badge.replace(b'"hashed": true', b'"hashed": false, "hashed": true'),
        "duplicate_key",
    )
    yield bad("surrogate_in_a_key", badge.replace(b"{", b'{"\\udc00": 1, ', 1), "lone_surrogate")
    yield bad("two_documents", badge + b"\n" + badge, "not_json")
    yield bad("comment", b"/* good */" + badge, "not_json")
    yield bad("overlong_utf8", badge.replace(b"Example", b"\xc0\xaf"), "not_utf8")
    yield bad("null_byte", b"\0" + badge, "no_badge")
    document = school.badge()
    document["credentialSubject"]["creditsEarned"] = 3
    signed = proofs.secure(document, school.signer, ISSUED, cryptosuite="eddsa-jcs-2022")
    text = as_json(signed)
    assert b'"creditsEarned": 3' in text
    # By RFC 8785 these are one number, and so they are for every reader of doubles.
    yield Asset(
        "good_jcs_number_written_otherwise.json", text.replace(b'"creditsEarned": 3', b'"creditsEarned": 30e-1')
    )
    yield Asset(
        "jcs_number_changed.json",
        text.replace(b'"creditsEarned": 3', b'"creditsEarned": 3.0000000000000004'),
        "failed",
        "proof",
        "proof_invalid",
    )
    yield Asset(
        "jcs_number_as_text.json",
        text.replace(b'"creditsEarned": 3', b'"creditsEarned": "3"'),
        "failed",
        "schema",
        "schema_invalid",
    )
