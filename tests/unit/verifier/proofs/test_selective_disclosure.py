"""Open Badges under ecdsa-sd-2023: the holder shows a part, and nothing else can be made of it."""

from __future__ import annotations

import copy
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.verifier.proofs.conftest import KEYS, NOW
from verifier import proofs
from verifier.errors import VerifierError
from verifier.formats import multibase
from verifier.proofs import chains, sd_values
from verifier.proofs.sd_values import BaseProof, DerivedProof
from verifier.proofs.selection import Selection

MANDATORY = [
    "/name",
    "/issuer",
    "/validFrom",
    "/credentialSubject/achievement/name",
    "/credentialSubject/achievement/description",
    "/credentialSubject/achievement/criteria",
]


@pytest.fixture
def whole(badge: dict[str, Any]) -> dict[str, Any]:
    achievement = badge["credentialSubject"]["achievement"]
    alignment = {"type": ["Alignment"], "targetName": "Same", "targetUrl": "https://example.org/same"}
    achievement["alignment"] = [
        copy.deepcopy(alignment),
        copy.deepcopy(alignment),
        {**alignment, "targetName": "Other"},
    ]
    achievement["resultDescription"] = [
        {
            "id": "urn:uuid:1",
            "type": ["ResultDescription"],
            "name": "Level",
            "resultType": "LetterGrade",
            "allowedValue": ["C", "B", "A"],
        }
    ]
    badge["credentialSubject"]["result"] = [{"type": ["Result"], "resultDescription": "urn:uuid:1", "value": "A"}]
    badge["evidence"] = [{"type": ["Evidence"], "name": f"Piece {n}"} for n in range(3)]
    return badge


@pytest.fixture
def based(whole: dict[str, Any]) -> dict[str, Any]:
    return proofs.secure(whole, KEYS["P-256"], NOW, cryptosuite="ecdsa-sd-2023", mandatory_pointers=MANDATORY)


def check(document: dict[str, Any]) -> None:
    ((proof, signed),) = chains.signed_documents(document)
    proofs.verify(signed, proof, KEYS["P-256"].public)


def test_nothing_more_than_the_mandatory_part(based: dict[str, Any]) -> None:
    shown = proofs.derive(based, [])
    check(shown)
    assert "evidence" not in shown
    assert set(shown["credentialSubject"]) == {"id", "type", "achievement"}
    assert shown["credentialSubject"]["achievement"]["criteria"] == {"narrative": "Did it"}


@pytest.mark.parametrize(
    "pointers",
    [
        ["/evidence/1"],
        ["/evidence/2", "/evidence/0"],
        ["/credentialSubject/achievement/alignment/1"],
        ["/credentialSubject/achievement/alignment"],
        ["/credentialSubject/result", "/credentialSubject/achievement/resultDescription/0"],
        ["/credentialSubject"],
        ["/evidence", "/evidence/0/name"],
        ["/evidence/0/name", "/evidence"],
    ],
)
def test_any_part_can_be_shown(based: dict[str, Any], pointers: list[str]) -> None:
    check(proofs.derive(based, pointers))


def test_two_derivations_share_nothing_but_the_signatures(whole: dict[str, Any]) -> None:
    values = set()
    for _ in range(2):
        made = proofs.secure(whole, KEYS["P-256"], NOW, cryptosuite="ecdsa-sd-2023")
        value = sd_values.read(made["proof"][0]["proofValue"])
        assert isinstance(value, BaseProof)
        values.update((value.hmac_key, value.public_key))
    assert len(values) == 4


@pytest.mark.parametrize(
    ("pointers", "code"),
    [
        (["evidence"], "pointer_malformed"),
        ([""], "pointer_malformed"),
        (["/a~2b"], "pointer_malformed"),
        (["/a~"], "pointer_malformed"),
        (["/" + "x" * 2000], "pointer_malformed"),
        (["/nothing"], "pointer_leads_nowhere"),
        (["/evidence/3"], "pointer_leads_nowhere"),
        (["/evidence/-1"], "pointer_leads_nowhere"),
        (["/evidence/00"], "pointer_leads_nowhere"),
        (["/evidence/٣"], "pointer_leads_nowhere"),
        (["/name/0"], "pointer_leads_nowhere"),
        (["/credentialSubject/achievement/resultDescription/0/allowedValue/1"], "selection_splits_list"),
    ],
)
def test_pointers_refused(based: dict[str, Any], pointers: list[str], code: str) -> None:
    with pytest.raises(VerifierError) as caught:
        proofs.derive(based, pointers)
    assert caught.value.code == code


def test_status_and_dates_cannot_be_left_out(whole: dict[str, Any]) -> None:
    whole["validUntil"] = "2030-01-01T00:00:00Z"
    whole["credentialStatus"] = {
        "id": "https://badges.example.org/status/1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://badges.example.org/status/1",
    }
    shown = proofs.derive(proofs.secure(whole, KEYS["P-256"], NOW, cryptosuite="ecdsa-sd-2023"), [])
    check(shown)
    for name in ("issuer", "validFrom", "validUntil", "credentialStatus"):
        assert shown[name] == whole[name]
        with pytest.raises(VerifierError):
            check({key: value for key, value in shown.items() if key != name})


def test_nothing_to_show() -> None:
    plain = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:1"},
    }
    based = proofs.secure(plain, KEYS["P-256"], NOW, cryptosuite="ecdsa-sd-2023")
    with pytest.raises(VerifierError) as caught:
        proofs.derive(based, [])
    assert caught.value.code == "nothing_selected"


def test_only_a_base_proof_can_be_derived_from(based: dict[str, Any], whole: dict[str, Any]) -> None:
    shown = proofs.derive(based, ["/evidence"])
    with pytest.raises(VerifierError) as caught:
        proofs.derive(shown, ["/evidence"])
    assert caught.value.code == "proof_malformed"
    with pytest.raises(VerifierError) as caught:
        proofs.derive(proofs.secure(whole, KEYS["Ed25519"], NOW), ["/evidence"])
    assert caught.value.code == "no_base_proof"


def test_a_base_proof_of_another_document(based: dict[str, Any]) -> None:
    based["evidence"].pop()
    with pytest.raises(VerifierError) as caught:
        proofs.derive(based, ["/evidence"])
    assert caught.value.code == "proof_malformed"


def test_the_rest_of_a_derived_proof_cannot_be_moved(based: dict[str, Any]) -> None:
    """Every part of the value is bound: labels, indexes, signatures, the proof's own key."""
    shown = proofs.derive(based, ["/evidence"])
    value = sd_values.read(shown["proof"][0]["proofValue"])
    assert isinstance(value, DerivedProof)
    labels = dict(value.labels)
    labels[0], labels[1] = labels[1], labels[0]
    other = sd_values.read(
        proofs.derive(
            proofs.secure(
                {k: v for k, v in based.items() if k != "proof"},
                KEYS["P-256"],
                NOW,
                cryptosuite="ecdsa-sd-2023",
                mandatory_pointers=MANDATORY,
            ),
            ["/evidence"],
        )["proof"][0]["proofValue"]
    )
    parts = (value.signature, value.public_key, value.signatures, value.labels, value.mandatory_indexes)
    for place, changed in (
        (0, other.signature),
        (1, other.public_key),
        (2, other.signatures),
        (2, value.signatures[1:]),
        (2, value.signatures[::-1]),
        (3, labels),
        (3, {}),
        (3, {**value.labels, 99: b"0" * 32}),
        (4, value.mandatory_indexes[1:]),
        (4, (*value.mandatory_indexes[1:], 9999)),
    ):
        made: list[Any] = list(parts)
        made[place] = changed
        shown["proof"][0]["proofValue"] = DerivedProof(*made).write()
        with pytest.raises(VerifierError) as caught:
            check(shown)
        assert caught.value.code in ("proof_invalid", "proof_malformed")


def _value(content: object, header: bytes = b"\xd9\x5d\x01") -> str:
    return multibase.encode_base64url(header + cbor2.dumps(content))


GOOD = [b"0" * 64, b"\x80\x24" + b"0" * 33, [], {}, []]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "z1",
        "u",
        "u2V0B",
        _value(GOOD, b"\xd9\x5d\x02"),
        _value(GOOD[:4]),
        _value(7),
        _value([*GOOD[:3], {0: b"short"}, []]),
        _value([*GOOD[:3], {-1: b"0" * 32}, []]),
        _value([*GOOD[:3], {"0": b"0" * 32}, []]),
        _value([*GOOD[:3], [], []]),
        _value([*GOOD[:4], [True]]),
        _value([*GOOD[:4], [0, 0]]),
        _value([*GOOD[:4], [1.0]]),
        _value([*GOOD[:2], [b"short"], {}, []]),
        _value([b"0" * 64, b"\x81\x24" + b"0" * 33, [], {}, []]),
        multibase.encode_base64url(b"\xd9\x5d\x01" + cbor2.dumps(GOOD) + b"\x00"),
        multibase.encode_base64url(b"\xd9\x5d\x01" + b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
        multibase.encode_base64url(b"\xd9\x5d\x01" + b"\x81" * 100_000),
        multibase.encode_base64url(b"\xd9\x5d\x01" + b"\xc1\x61x"),
    ],
)
def test_values_refused(text: object) -> None:
    with pytest.raises(VerifierError) as caught:
        sd_values.read(text)
    assert caught.value.code == "proof_malformed"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"\xd9\x5d\x00", b"\xd9\x5d\x01"]))
def test_no_bytes_escape_with_another_error(data: bytes, header: bytes) -> None:
    with pytest.raises(VerifierError):
        sd_values.read(multibase.encode_base64url(header + data))


def test_a_selection_knows_where_its_objects_come_from() -> None:
    source: dict[str, Any] = {"a": [{"id": "urn:1", "b": 1, "c": 2}, {"b": 3}], "d": 4, "type": "T"}
    found = Selection(source, ["/a/0/c", "/a/1"])
    assert found.document == {"a": [{"id": "urn:1", "c": 2}, {"b": 3}], "type": "T"}
    assert found.origin[id(found.document)] == id(source)
    assert found.origin[id(found.document["a"][1])] == id(source["a"][1])
