"""Addresses that are none, and numbers beyond every database: refused with a code wherever they come in, never a 500.

The walk goes over every route of the application, so that a new one is tried as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from issuer import app as application
from issuer.db import unit_of_work
from issuer.runtime import Runtime
from issuer.services import api_keys
from issuer.services.access import Actor
from issuer.services.passwords import hash_password
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, an_hour_goes_by
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


#: What no page can read and no database can hold; the last are fine by themselves, and lead elsewhere.
HOSTILE = (
    "https://[",
    "http://[::1",
    "//[x",
    "\\\\[x",
    "/\x00",
    "9" * 20,
    "9" * 5_000,
    "-1",
    "1e400",
    "//evil.example",
)
#: Values with which a form gets past its first questions, so that the hostile field is reached.
HARMLESS = {"sure": "yes", "role": "teacher", "days": "30", "reason": "A mistake", "name": "Ada", "overlap": "1"}
PASSWORD = "seven-quiet-herons"


class Noting(ImmutableMultiDict[str, str]):
    """A form that notes what is asked of it."""

    asked: ClassVar[set[str]] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, *args: Any, **kwargs: Any) -> Any:
        self.asked.add(name)
        return super().get(name, *args, **kwargs)

    def getlist(self, name: str, *args: Any, **kwargs: Any) -> Any:
        self.asked.add(name)
        return super().getlist(name, *args, **kwargs)


def prefixes() -> set[str]:
    """What the names of fields begin with of which a form has many."""
    found: set[str] = set()
    for path in (ROOT / "issuer" / "web").glob("*.py"):
        found |= set(re.findall(r"""form_values\("([\w-]+-)"\)""", path.read_text(encoding="utf-8")))
    assert "answer-" in found
    return found


def forms(app: Flask, known: dict[str, str]) -> Iterator[str]:
    """The address of each form of a page."""
    for rule, method in rules(app):
        if method != "POST" or rule.rule.startswith(("/api/", "/vc-api")):
            continue
        path = rule.rule
        for argument in rule.arguments:
            choice = re.search(rf"<any\(([^,)]+)[^<>]*:{argument}>", path)
            value = choice[1] if choice else known.get(argument, "1")
            path = re.sub(rf"<(?:[^<>]*:)?{argument}>", lambda _, v=value: v, path)  # type: ignore[misc]
        yield path


@pytest.mark.parametrize("role", ["stranger", "teacher", "coach", "admin", "agency"])
def test_no_field_of_any_form_makes_a_page_fail(
    app: Flask,
    runtime: Runtime,
    district: District,
    known,
    key: str,
    role: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app.request_class, "parameter_storage_class", Noting)
    of_role = {"teacher": "draft", "coach": "waiting", "admin": "credential"}
    number = request.getfixturevalue(of_role[role]).number if role in of_role else "1"
    with unit_of_work(runtime.sessions) as session:
        user = {"teacher": district.teacher, "coach": district.coach, "admin": district.admin}.get(role)
        if role == "agency":
            user = factories.person(session, session.merge(district.organisation), "kim@state.example", "agency")
    known = {**known, "number": number, "prefix": key.split("_")[1], "user_id": str(district.teacher.id)}
    addresses, failed, reached = list(forms(app, known)), [], set()
    assert len(addresses) > 40
    for path in addresses:
        harmless = {**HARMLESS, "email": "eve@example.org", "user": str(district.teacher.id)}
        browser = Browser(app, user)
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/verify").text)
        assert token is not None
        Noting.asked.clear()
        browser.client.post(path, data={**harmless, "csrf_token": token[1]}).close()
        fields = {*Noting.asked, "next"} - {"csrf_token"}
        reached |= fields
        whole = {*fields, *harmless, *(f"{prefix}1" for prefix in prefixes())}
        tries = [{**harmless, field: hostile} for field in sorted(fields) for hostile in HOSTILE]
        tries += [dict.fromkeys(whole, hostile) for hostile in HOSTILE]
        for form in tries:
            query = {"next": form["next"]} if "next" in form else None
            answer = browser.client.post(path, data={**form, "csrf_token": token[1]}, query_string=query)
            answer.close()
            if answer.status_code >= 500:
                failed.append(f"{path} {form} {answer.status_code}"[:300])
    assert failed == []
    assert {"next", "email", "password"} <= reached if role == "stranger" else {"name", "password"} <= reached


@pytest.mark.parametrize("place", ["body", "query", "both"])
@pytest.mark.parametrize(
    "address", ["https://[", "http://[::1", "//[x", "\\\\[x", "https://\u2100.com/", "https://a]b/"]
)
def test_an_address_to_go_on_to_that_is_none_leads_home(
    app: Flask, runtime: Runtime, district: District, address: str, place: str
) -> None:
    """With the right password: with a wrong one nobody looks at it."""
    with unit_of_work(runtime.sessions) as session:
        session.merge(district.teacher).password = hash_password(PASSWORD)
    browser = Browser(app)
    body = {} if place == "query" else {"next": address}
    query = None if place == "body" else {"next": address}
    assert browser.get("/sign-in", query_string=query).status_code == 200
    form = {"email": district.teacher.email, "password": PASSWORD, **body}
    assert browser.post("/sign-in", form, query_string=query).location == "/home"
    assert browser.get("/account/confirm", query_string=query).status_code == 200
    assert browser.post("/account/confirm", {"password": PASSWORD, **body}, query_string=query).location == "/account"
    assert browser.post("/sign-out", body, query_string=query).location == "/"


def test_a_number_that_no_database_holds_is_nobodys(admin: Browser, runtime: Runtime) -> None:
    for number in ("99999999999999999999", "9" * 5_000, "2147483648", "-99999999999999999999", "x"):
        for sure in ("yes", ""):
            form = {"user": number, "role": "admin", "sure": sure}
            assert admin.post("/admin/lakeside/members/remove", form).status_code in (404, 422), number
        assert admin.get("/admin/lakeside/members/remove", query_string=form).status_code == 404


@pytest.mark.parametrize("password", ["x" * 5_000, "\ufdfa" * 4_000, "\x00" * 20], ids=["long", "composed", "nothing"])
def test_a_password_that_no_hash_takes_is_wrong(
    app: Flask, runtime: Runtime, district: District, password: str
) -> None:
    """The same for an address without an account."""
    with unit_of_work(runtime.sessions) as session:
        session.merge(district.teacher).password = hash_password(PASSWORD)
    for email in (district.teacher.email, "nobody@example.org"):
        answer = Browser(app).post("/sign-in", {"email": email, "password": password})
        assert answer.status_code == 200
        assert "The e-mail address or the password is not right." in answer.text
    browser = Browser(app, district.teacher)
    an_hour_goes_by(browser)
    assert browser.post("/account/confirm", {"password": password}).status_code == 200
    assert browser.post("/account/sessions/end-others", {"confirm-password": password}).status_code == 403
    form = {"password": password, "new_password": password, "new_password_confirm": password}
    assert browser.post("/account/password", form).status_code == 200
