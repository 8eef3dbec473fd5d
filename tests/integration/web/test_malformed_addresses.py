"""Addresses that are none, and numbers beyond every database: refused with a code wherever they come in, never a 500.

The walk goes over every route of the application, so that a new one is tried as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from issuer import app as application
from issuer.runtime import Runtime
from issuer.services import api_keys
from issuer.services.access import Actor
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser
from verifier.fetch import Fetched, FetchFailed, FetchRefused, HttpsFetcher, check_url

ROOT = Path(__file__).parents[3]
ADDRESSES = (
    "https://[",
    "https://[::1",
    "https://℀.com/",
    "https://a.example:99999999/",
    "https://a.example:port/",
    "https://a.example:0/",
    "https://localhost:999999/status/1",
    "https://" + "a" * 70 + ".example/",
    "https://.example/",
    "https://a..example/",
    "https://a.example/\x00",
    "https://a.example/\r\nHost: b",
    "https://\ud800.example/".encode("utf-8", "replace").decode(),
    "https://a.example/" + "x" * 10_000,
    "http://[v1.x]/",
    "https://[fe80::1%25eth0]/",
    "https:///path",
    "https:",
    "//",
    "did:web:",
    "did:web:%5B",
    "did:web:a%3A99999999",
    "javascript:alert(1)",
)
NUMBERS = ("99999999999999999999999", "9" * 5_000, "-1", "2147483648", "%00", "%ED%A0%80")


class Nobody:
    """The world, in which every proper address leads nowhere."""

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        check_url(url)
        raise FetchFailed("fetch_failed", "Nobody is there.")


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "HttpsFetcher", Nobody)


def parameters() -> list[str]:
    """The names of everything that is read from a query string anywhere, and of the API's query shapes."""
    found = {"page", "pageSize", "version", "limit", "before", "after"}
    for package in ("issuer", "verifier"):
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            found |= set(re.findall(r"""(?:args|values)(?:\.get|\.getlist)?[(\[]\s*["'](\w+)["']""", source))
    assert {"url", "at", "recipient"} <= found
    return sorted(found)


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def paths(rule: Rule, values: dict[str, str]) -> Iterator[str]:
    """Addresses below a rule, each with one part that is hostile."""
    arguments = sorted(rule.arguments)
    for hostile in arguments:
        for value in (*NUMBERS, *(quote(address, safe="") for address in ADDRESSES[:4])):
            path = rule.rule
            for argument in arguments:
                filled = value if argument == hostile else values.get(argument, "1")
                path = re.sub(rf"<(?:[^<>]*:)?{argument}>", lambda _, filled=filled: filled, path)  # type: ignore[misc]
            yield path


@pytest.fixture
def key(runtime: Runtime, session: Any, district: District) -> str:
    _, text = api_keys.create(
        session,
        organisation_id=district.organisation.id,
        name="tests",
        scopes=list(api_keys.SCOPES),
        actor=Actor.command("tests"),
        now=factories.NOW,
    )
    session.commit()
    return str(text)


@pytest.fixture
def known(district: District) -> dict[str, str]:
    """Path parts that exist, so that the hostile one beside them is reached."""
    return {
        "slug": district.organisation.slug,
        "key": district.version.achievement.key,
        "number": str(district.version.number),
        "outcome": "approved",
        "filename": "app.css",
    }


@pytest.fixture
def headers(key: str, district: District) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Badgewright-Member": district.admin.email}


def test_no_path_makes_any_route_fail(app: Flask, neighbour: Browser, known, headers) -> None:
    failed: list[str] = []
    for rule, method in rules(app):
        for path in paths(rule, known):
            answer = neighbour.client.open(path, method=method, headers=headers)
            answer.close()
            if answer.status_code >= 500:
                failed.append(f"{method} {rule.rule} {path[:100]} {answer.status_code}")
    assert failed == []


def test_no_parameter_makes_any_route_fail(app: Flask, admin: Browser, known, headers) -> None:
    source, failed = parameters(), []
    for rule, method in rules(app):
        path = rule.rule
        for argument in rule.arguments:
            path = re.sub(rf"<(?:[^<>]*:)?{argument}>", lambda _, a=argument: known.get(a, "1"), path)  # type: ignore[misc]
        if method != "GET":
            continue
        for value in (*NUMBERS[:3], quote(ADDRESSES[0], safe="")):
            # All at once, and the numbers of pages alone: the first that is refused would hide the others.
            for some in (source, ["page"], ["before"]):
                answer = admin.client.get(path + "?" + "&".join(f"{name}={value}" for name in some), headers=headers)
                answer.close()
                if answer.status_code >= 500:
                    failed.append(f"{rule.rule} {value[:40]} {answer.status_code}")
    assert failed == []


def test_an_address_to_verify_that_is_none(stranger: Browser) -> None:
    for address in ADDRESSES:
        assert stranger.get("/verify", query_string={"url": address}).status_code == 200, address
        asked = stranger.client.post("/api/v1/verify", json={"url": address})
        assert asked.status_code == 400, (address, asked.text)
        assert asked.mimetype == "application/problem+json"
        assert json.loads(asked.data)["code"].startswith("url_"), address


@pytest.mark.parametrize("place", ["issuer", "status", "schema", "evidence", "refresh", "id", "related"])
def test_a_credential_that_names_an_address_that_is_none(stranger: Browser, place: str) -> None:
    for address in ADDRESSES:
        document = naming(address, place)
        for lint in ("false", "true"):
            answer = stranger.client.post(f"/api/v1/verify?lint={lint}", json=document)
            assert answer.status_code == 200, (address, answer.text)
            assert json.loads(answer.data)["verdict"] in ("failed", "undetermined"), address


def naming(address: str, place: str) -> dict[str, Any]:
    """A credential with the address in that place, and as its key."""
    document: dict[str, Any] = {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": "https://a.example/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "https://a.example/issuer", "type": ["Profile"], "name": "A"},
        "validFrom": "2026-01-01T00:00:00Z",
        "name": "B",
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": {"id": "urn:a", "type": ["Achievement"]}},
    }
    match place:
        case "issuer":
            document["issuer"] = {"id": address, "type": ["Profile"], "name": "A"}
        case "status":
            entry = {"statusPurpose": "revocation", "statusListIndex": "1", "statusListCredential": address}
            document["credentialStatus"] = {"type": "BitstringStatusListEntry", **entry}
        case "schema":
            document["credentialSchema"] = {"id": address, "type": "1EdTechJsonSchemaValidator2019"}
        case "evidence":
            document["evidence"] = [{"id": address, "type": ["Evidence"]}]
        case "refresh":
            document["refreshService"] = {"id": address, "type": "1EdTechCredentialRefresh"}
        case "related":
            document["relatedResource"] = [{"id": address, "digestSRI": "sha256-AAAA"}]
        case _:
            document["id"] = address
    document["proof"] = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": f"{address}#k",
        "proofPurpose": "assertionMethod",
        "proofValue": "z1",
    }
    return document


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_fetcher_refuses_them_all(address: str) -> None:
    for refuse in (check_url, lambda url: HttpsFetcher().get(url, max_bytes=1)):
        with pytest.raises(FetchRefused, match="url_"):
            refuse(address)


def test_a_link_as_evidence_that_is_none(stranger: Browser, district, draft, headers) -> None:
    member = {**headers, "Badgewright-Member": district.teacher.email}
    for address in ADDRESSES:
        answer = stranger.client.post(
            f"/api/v1/submissions/{draft.number}/evidence",
            json={"artifact": "plan", "url": address, "name": "x"},
            headers=member,
        )
        assert 400 <= answer.status_code < 500, (address, answer.text)
        assert answer.mimetype == "application/problem+json"
