"""A forged `Host` gets nowhere: not into an answer, not into a mail, not past the door."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

import issuer
from issuer.app import create_app
from issuer.config import Config
from issuer.credentials.addresses import Addresses
from issuer.models import Credential
from issuer.runtime import Runtime, build_runtime
from issuer.web import hosts
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, Handed

FORGED = "evil.example"


def paths(app: Flask) -> Iterator[tuple[str, str]]:
    """(method, path) of every route, with something in each gap."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:int:)[^>]+>", "1", rule.rule)
        path = re.sub(r"<any\(([a-z]+)[^>]*>", r"\1", path)
        path = re.sub(r"<[^>]+>", "lakeside", path)
        for method in sorted(rule.methods or ()):
            yield method, path


def holds(answer: TestResponse, name: str) -> bool:
    return name in answer.get_data(as_text=True) or any(name in value for value in answer.headers.values())


def test_a_forged_host_is_refused_on_every_route_and_never_repeated(app: Flask, district: District) -> None:
    browser = Browser(app, district.admin)
    tried = 0
    for method, path in paths(app):
        answer = browser.client.open(path, method=method, base_url=f"http://{FORGED}")
        assert not holds(answer, FORGED), path
        if path not in hosts.PROBES:
            assert answer.status_code == 400, (method, path)
            assert "Set-Cookie" not in answer.headers, path
        tried += 1
    assert tried > 100


def test_the_refusal_is_a_page_for_people_and_a_problem_for_programs(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/sign-in", base_url=f"http://{FORGED}")
    assert page.status_code == 400
    assert "Its address is http://localhost:8000." in page.text
    assert "<code>host_unknown</code>" in page.text
    assert "Skip to the content" in page.text
    for path in ("/api/v1/verify", "/vc-api/credentials/verify", "/orgs/lakeside/did.json"):
        problem = client.open(path, method="POST" if "verify" in path else "GET", base_url=f"http://{FORGED}")
        assert problem.status_code == 400, path
        assert problem.get_json(force=True)["status"] == 400, path
        assert not holds(problem, FORGED), path
    assert client.get("/nowhere", base_url=f"http://{FORGED}").status_code == 400


def test_nobodys_session_is_used_under_a_forged_host(app: Flask, district: District) -> None:
    browser = Browser(app, district.admin)
    cookie = browser.client.get_cookie("badgewright")
    assert cookie is not None
    answer = Client(app).get("/account", base_url=f"http://{FORGED}", headers={"Cookie": f"badgewright={cookie.value}"})
    assert answer.status_code == 400
    assert "Sign out" not in answer.text


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "evil.example:8000", "localhost:8000,evil.example", "10.0.0.7"),
        *("localhost:8000@evil.example", "user@localhost", "localhost:8000/", "localhost..", "localhost\t"),
        *("", ".", ":8000", "localhost:8001", "localhost:99999", "localhost:-1", "[::2]:8000"),
    ],
)
def test_names_that_are_not_ours(app: Flask, host: str) -> None:
    answer = app.test_client().get("/privacy", headers={"Host": host})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "host", ["localhost:8000", "LOCALHOST:8000", "localhost.", "localhost.:8000", "localhost", "127.0.0.1:8000"]
)
def test_names_that_are_ours(app: Flask, host: str) -> None:
    assert app.test_client().get("/privacy", headers={"Host": host}).status_code == 200


def test_a_request_without_a_host_is_refused_and_a_probe_is_not(app: Flask) -> None:
    def get(path: str) -> int:
        return app.test_client().get(path, environ_overrides={"HTTP_HOST": "", "SERVER_NAME": "10.0.0.7"}).status_code

    assert get("/privacy") == 400
    assert get("/healthz") == 200


def test_of_an_absolute_target_the_name_in_it_counts(app: Flask) -> None:
    def get(target: str) -> int:
        return app.test_client().get("/privacy", environ_overrides={"RAW_URI": target}).status_code

    assert get("http://localhost:8000/privacy") == 200
    assert get(f"http://{FORGED}/privacy") == 400
    assert get("http://[/privacy") == 400


def test_a_load_balancer_may_ask_by_address(app: Flask) -> None:
    for path in ("/healthz", "/readyz"):
        answer = app.test_client().get(path, base_url="http://10.0.0.7:8000")
        assert answer.status_code == 200, path
        assert "Set-Cookie" not in answer.headers


def at(runtime: Runtime, config: Config) -> Flask:
    made = build_runtime(config)
    made.engine.dispose()
    return create_app(runtime=replace(made, engine=runtime.engine, sessions=runtime.sessions, enqueue=Handed()))


def test_a_forwarded_host_counts_only_with_a_proxy_of_ours(runtime: Runtime, config: Config) -> None:
    forwarded = {"X-Forwarded-Host": FORGED}
    plain = at(runtime, config).test_client().get("/sign-in", headers=forwarded)
    assert plain.status_code == 200
    assert not holds(plain, FORGED)

    behind = at(runtime, replace(config, proxies=1)).test_client()
    refused = behind.get("/sign-in", headers=forwarded)
    assert refused.status_code == 400
    assert not holds(refused, FORGED)
    # What the client sent stands left of what our own proxy added.
    added = {"Host": "10.0.0.7:8000", "X-Forwarded-Host": f"{FORGED}, localhost:8000"}
    assert behind.get("/sign-in", headers=added).status_code == 200


def test_the_redirect_to_https_leads_to_the_base_address(runtime: Runtime, config: Config) -> None:
    app = at(runtime, replace(config, base_url="https://badges.example.org"))
    redirected = app.test_client().get("/verify", base_url="http://BADGES.example.org:443")
    assert redirected.status_code in (301, 302, 308)
    assert redirected.location == "https://badges.example.org/verify"
    forged = app.test_client().get("/verify", base_url=f"http://{FORGED}")
    assert forged.status_code == 400
    # Not a redirect, which a load balancer would take for a failure.
    assert app.test_client().get("/healthz", base_url="http://10.0.0.7:8000").status_code == 200


def test_only_the_own_machine_has_other_names() -> None:
    assert hosts.trusted(Addresses("https://badges.example.org")) == {"badges.example.org:443"}
    assert hosts.trusted(Addresses("http://localhost:8103")) == {"localhost:8103", "127.0.0.1:8103", "[::1]:8103"}


def test_the_own_machine_is_reached_by_its_address_of_ipv6(app: Flask, district: District) -> None:
    """Every page was answered with 400."""
    for host in ("[::1]:8000", "[0::1]:8000"):
        answer = app.test_client().get("/sign-in", headers={"Host": host})
        assert answer.status_code == (200 if host.startswith("[::1]") else 400), host
        assert not holds(answer, "::1")
    for broken in ("[::1", "::1", "::1:8000", "[]:8000", "[::1]x:8000", "user@localhost:8000"):
        assert app.test_client().get("/sign-in", headers={"Host": broken}).status_code == 400, broken


def test_our_own_verifier_still_reaches_our_own_documents(app: Flask, shared: Credential) -> None:
    asked = {"credential": json.loads(shared.document)}
    answer = app.test_client().post("/api/v1/verify", json=asked, base_url="http://127.0.0.1:8000")
    assert answer.status_code == 200
    assert answer.get_json()["verdict"] == "verified"


def test_the_description_of_the_api_names_the_base_address(app: Flask) -> None:
    document = app.test_client().get("/api/openapi.json", base_url="http://127.0.0.1:8000").get_json()
    assert document["servers"] == [{"url": "http://localhost:8000"}]


def test_no_address_is_built_from_the_request() -> None:
    """Links come from `Addresses`. A page's own redirects are paths."""
    forbidden = re.compile(r"_external|request\.(host|url|base_url|url_root|root_url|host_url|origin)\b|url_root")
    root = Path(issuer.__file__).parent
    sources = [path for kind in ("*.py", "*.html", "*.txt") for path in root.rglob(kind)]
    assert len(sources) > 100
    assert [str(path) for path in sources if forbidden.search(path.read_text("utf-8"))] == []
