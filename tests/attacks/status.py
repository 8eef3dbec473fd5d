"""Status lists that do not say what they should."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

from tests.attacks.asset import Asset
from tests.simulator import Issuer, TestSigner, World
from verifier.formats import bitstring, multibase


def assets(world: World, school: Issuer) -> Iterator[Asset]:
    school.publish_list([94_567])

    def asset(name: str, verdict: str, code: str, **entry: Any) -> Asset:
        index = entry.pop("index", 5)
        check = "status" if code else ""
        badge = school.badge(credentialStatus=school.status_entry(index, **entry))
        return Asset(f"{name}.json", school.sign(badge), verdict, check, code)

    def url(name: str) -> str:
        return f"https://school.example/status/{name.replace('_', '-')}"

    def listed(name: str, verdict: str, code: str, document: dict[str, Any], by: Issuer = school) -> Asset:
        world.publish(url(name), by.sign(document))
        return asset(name, verdict, code, url=url(name))

    yield asset("good_not_revoked", "verified", "")
    yield asset("good_first_entry", "verified", "", index=0)
    yield asset("good_last_entry", "verified", "", index=131_071)
    yield asset("revoked", "failed", "revoked", index=94_567)
    yield asset("status_index_out_of_range", "failed", "status_index_out_of_range", index=131_072)
    yield asset("status_index_not_a_number", "failed", "status_malformed", statusListIndex="five")
    yield asset("status_purpose_unknown", "failed", "status_malformed", purpose="happiness")
    yield asset("status_list_unreachable", "undetermined", "status_list_unavailable", url="https://away.example/status")
    yield asset("status_list_by_http", "undetermined", "status_list_unavailable", url="http://school.example/status/1")
    contexts = [*school.badge()["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
    unknown = {"id": "https://school.example/refresh", "type": "1EdTechCredentialRefresh"}
    other = school.badge(**{"@context": contexts, "credentialStatus": unknown})
    yield Asset("status_type_unknown.json", school.sign(other), "undetermined", "status", "status_type_unknown")
    yield listed(
        "suspended_on_a_revocation_list", "verified", "", school.status_list([6], url("suspended_on_a_revocation_list"))
    )
    yield listed(
        "status_list_wrong_purpose",
        "failed",
        "status_list_wrong_purpose",
        school.status_list([], url("status_list_wrong_purpose"), "suspension"),
    )
    yield listed(
        "status_list_too_short",
        "failed",
        "status_list_too_short",
        school.status_list([], url("status_list_too_short"), entries=131_064),
    )
    yield listed(
        "status_list_expired",
        "undetermined",
        "status_list_expired",
        school.status_list([], url("status_list_expired"), validUntil="2026-05-01T00:00:00Z"),
    )
    yield listed(
        "status_list_not_yet_valid",
        "failed",
        "status_list_not_verified",
        school.status_list([], url("status_list_not_yet_valid"), validFrom="2027-05-01T00:00:00Z"),
    )
    yield listed(
        "status_list_about_another",
        "undetermined",
        "status_list_about_another",
        school.status_list([], "https://school.example/status/other"),
    )
    stranger = world.issuer("https://lists.example/issuer")
    yield listed(
        "status_list_by_stranger",
        "undetermined",
        "status_list_by_stranger",
        stranger.status_list([], url("status_list_by_stranger")),
        by=stranger,
    )
    forged = school.status_list([], url("status_list_forged"))
    world.publish(url("status_list_forged"), school.sign(forged, by=TestSigner("thief", school.id)))
    yield asset("status_list_forged", "failed", "status_list_not_verified", url=url("status_list_forged"))
    world.publish(url("status_list_unsigned"), school.status_list([], url("status_list_unsigned")))
    yield asset("status_list_unsigned", "failed", "status_list_not_verified", url=url("status_list_unsigned"))
    world.publish(url("status_list_is_html"), b"<!doctype html><p>Not found")
    yield asset("status_list_is_html", "failed", "status_list_not_verified", url=url("status_list_is_html"))
    loop = school.status_list(
        [], url("status_list_loop"), credentialStatus=school.status_entry(1, url("status_list_loop"))
    )
    yield listed("status_list_loop", "undetermined", "status_list_not_checked", loop)

    def encoded(name: str, code: str, text: str) -> Asset:
        document = school.status_list([], url(name))
        document["credentialSubject"]["encodedList"] = text
        return listed(name, "failed", code, document)

    bomb = "u" + multibase.base64url_encode(gzip.compress(bytes(50_000_000), mtime=0))
    yield encoded("status_list_gzip_bomb", "status_list_too_large", bomb)
    yield encoded("status_list_not_base64", "status_list_not_verified", "u***")
    yield encoded("status_list_without_multibase", "status_list_not_verified", bitstring.encode(bytes(16_384))[1:])
    wrong = school.status_list([], url("status_list_of_wrong_type"), type=["VerifiableCredential"])
    yield listed("status_list_of_wrong_type", "failed", "status_list_malformed", wrong)
