"""Revoked, suspended, or neither: by each kind of list, and by whoever may publish one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator import NOW, Issuer, World
from verifier import CheckId, Report, TrustedIssuers, Verifier
from verifier.formats import bitstring

DID = "did:web:school.example"
LIST = "https://school.example/status/1"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
LIST_2021 = "https://w3id.org/vc/status-list/2021/v1"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(DID)


def verify(world: World, data: bytes, *trusted: str) -> Report:
    return Verifier(world).verify(data, TrustedIssuers(DID, *trusted), now=NOW)


def answer(report: Report) -> str:
    status = report.result(CheckId.STATUS)
    assert status is not None
    return f"{status.outcome}:{status.code}"


def with_status(school: Issuer, status: Any, *contexts: str) -> bytes:
    document = school.badge(credentialStatus=status)
    document["@context"] = [*document["@context"], *contexts]
    return school.sign(document)


class TestBitstring:
    @pytest.mark.parametrize(
        ("purpose", "index", "expected"),
        [
            ("revocation", 7, "failed:revoked"),
            ("suspension", 7, "failed:suspended"),
            ("revocation", 8, "passed:status_good"),
            ("suspension", 8, "passed:status_good"),
            ("refresh", 7, "passed:status_good"),
        ],
    )
    def test_purposes(self, world: World, school: Issuer, purpose: str, index: int, expected: str) -> None:
        school.publish_list([7], purpose=purpose)
        assert answer(verify(world, with_status(school, school.status_entry(index, purpose=purpose)))) == expected

    def test_a_message_of_two_bits(self, world: World, school: Issuer) -> None:
        bits = bitstring.put(bitstring.empty(131_072, 2), 9, 2, 2)
        document = school.status_list(purpose="message")
        document["credentialSubject"]["encodedList"] = bitstring.encode(bits)
        world.publish(LIST, school.sign(document))
        messages = [{"status": f"0x{n}", "message": text} for n, text in enumerate(("new", "seen", "renewal due", "x"))]
        entry = school.status_entry(9, purpose="message", statusSize=2, statusMessage=messages)
        # The JSON Schema of a badge says nothing about these members, and the contexts define them.
        report = verify(world, with_status(school, entry))
        assert answer(report) == "passed:status_good"
        status = report.result(CheckId.STATUS)
        assert status is not None
        assert status.message == "The issuer says: renewal due"
        without = {name: value for name, value in entry.items() if name != "statusMessage"}
        assert answer(verify(world, with_status(school, without))) == "failed:status_malformed"

    def test_the_gravest_of_several_entries_counts(self, world: World, school: Issuer) -> None:
        """VCDM 2.0 takes several; an Open Badge has one, so this is another credential."""
        school.publish_list([7])
        other = "https://school.example/status/2"
        school.publish_list([], other, purpose="suspension")

        def credential(*entries: dict[str, Any]) -> bytes:
            document = {
                "@context": ["https://www.w3.org/ns/credentials/v2"],
                "type": ["VerifiableCredential"],
                "issuer": DID,
                "credentialSubject": {"id": "did:example:teacher"},
                "credentialStatus": list(entries),
            }
            return school.sign(document)

        good, revoked = school.status_entry(1), school.status_entry(7)
        suspended = school.status_entry(3, other, "suspension")
        away = school.status_entry(1, "https://away.example/1")
        assert answer(verify(world, credential(good, suspended))) == "passed:status_good"
        assert answer(verify(world, credential(good, away))) == "undetermined:status_list_unavailable"
        assert answer(verify(world, credential(away, revoked))) == "failed:revoked"
        assert answer(verify(world, credential(*[good] * 17))) == "failed:status_malformed"

    def test_who_may_publish_for_whom(self, world: World, school: Issuer) -> None:
        agency = world.issuer("https://agency.example/issuer")
        document = agency.status_list([7], LIST)
        world.publish(LIST, agency.sign(document))
        badge = with_status(school, school.status_entry(1))
        assert answer(verify(world, badge)) == "undetermined:status_list_by_stranger"
        assert answer(verify(world, badge, agency.id)) == "passed:status_good"
        assert answer(verify(world, with_status(school, school.status_entry(7)), agency.id)) == "failed:revoked"

    def test_an_old_list_handed_in_under_the_name_of_another_is_noticed(self, world: World, school: Issuer) -> None:
        school.publish_list([7])
        other = school.status_list([], "https://school.example/status/2")
        world.publish(LIST, school.sign(other))
        assert (
            answer(verify(world, with_status(school, school.status_entry(7))))
            == "undetermined:status_list_about_another"
        )


class TestStatusList2021:
    def entry(self, index: int, **changes: Any) -> dict[str, Any]:
        return {
            "id": f"{LIST}#{index}",
            "type": "StatusList2021Entry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": LIST,
            **changes,
        }

    def publish(self, school: Issuer, **changes: Any) -> None:
        bits = bitstring.put(bitstring.empty(), 7, 1)
        document = {
            "@context": [
                "https://www.w3.org/2018/credentials/v1",
                LIST_2021,
                "https://w3id.org/security/data-integrity/v2",
            ],
            "id": LIST,
            "type": ["VerifiableCredential", "StatusList2021Credential"],
            "issuer": school.id,
            "issuanceDate": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": f"{LIST}#list",
                "type": "StatusList2021",
                "statusPurpose": "revocation",
                "encodedList": bitstring.encode(bits)[1:],
            },
        }
        school.world.publish(LIST, school.sign(document | changes))

    def credential(self, school: Issuer, entry: dict[str, Any]) -> bytes:
        document = {
            "@context": [
                "https://www.w3.org/2018/credentials/v1",
                LIST_2021,
                "https://w3id.org/security/data-integrity/v2",
            ],
            "type": ["VerifiableCredential"],
            "issuer": DID,
            "issuanceDate": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:teacher"},
            "credentialStatus": entry,
        }
        return school.sign(document)

    def test_revoked_and_not(self, world: World, school: Issuer) -> None:
        self.publish(school)
        good = verify(world, self.credential(school, self.entry(8)))
        assert answer(good) == "passed:status_good"
        assert good.verified
        assert answer(verify(world, self.credential(school, self.entry(7)))) == "failed:revoked"
        assert answer(verify(world, self.credential(school, self.entry(131_072)))) == "failed:status_index_out_of_range"

    def test_a_list_of_the_newer_kind_is_no_list_of_the_older(self, world: World, school: Issuer) -> None:
        school.publish_list([7])
        assert answer(verify(world, self.credential(school, self.entry(8)))) == "failed:status_list_malformed"


class TestRevocationList:
    """1EdTech's older list: not signed, ids instead of bits."""

    URL = "https://school.example/revoked"

    def badge(self, school: Issuer) -> bytes:
        return with_status(school, {"id": self.URL, "type": "1EdTechRevocationList"}, EXTENSIONS)

    @pytest.mark.parametrize("name", ["revokedCredential", "revokedCredentials"])
    @pytest.mark.parametrize(
        ("item", "expected"),
        [
            ({"id": "https://badges.example.org/credentials/7f0c"}, "failed:revoked"),
            ({"id": "https://badges.example.org/credentials/7f0c", "revoked": True}, "failed:revoked"),
            ({"id": "https://badges.example.org/credentials/7f0c", "revoked": "false"}, "failed:revoked"),
            ({"id": "https://badges.example.org/credentials/7f0c", "revoked": False}, "passed:status_good"),
            ("https://badges.example.org/credentials/7f0c", "failed:revoked"),
            ({"id": "https://badges.example.org/credentials/7f0c2"}, "passed:status_good"),
            (None, "passed:status_good"),
        ],
    )
    def test_entries(self, world: World, school: Issuer, name: str, item: Any, expected: str) -> None:
        world.publish(self.URL, {"id": self.URL, "issuer": DID, name: [] if item is None else [item]})
        assert answer(verify(world, self.badge(school))) == expected

    def test_the_reason_is_told(self, world: World, school: Issuer) -> None:
        item = {"id": "https://badges.example.org/credentials/7f0c", "revocationReason": "Issued in error"}
        world.publish(self.URL, {"revokedCredential": [item]})
        result = verify(world, self.badge(school)).result(CheckId.STATUS)
        assert result is not None
        assert result.details["reason"] == "Issued in error"

    @pytest.mark.parametrize(
        ("page", "expected"),
        [
            (b"<html>", "undetermined:status_list_unreadable"),
            (b"[]", "undetermined:status_list_unreadable"),
            (b"{}", "failed:status_list_malformed"),
            (
                json.dumps({"issuer": "https://else.example", "revokedCredential": []}).encode(),
                "undetermined:status_list_by_stranger",
            ),
            (json.dumps({"issuer": {"id": DID}, "revokedCredential": []}).encode(), "passed:status_good"),
            (None, "undetermined:status_list_unavailable"),
        ],
    )
    def test_lists_that_are_none(self, world: World, school: Issuer, page: bytes | None, expected: str) -> None:
        if page is not None:
            world.publish(self.URL, page)
        assert answer(verify(world, self.badge(school))) == expected

    def test_an_entry_without_an_address(self, world: World, school: Issuer) -> None:
        badge = with_status(school, {"type": "1EdTechRevocationList"}, EXTENSIONS)
        assert answer(verify(world, badge)) == "failed:status_malformed"
