"""What the operator can switch, and what a wrong file of identities is answered with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from issuer.app import create_app
from issuer.config import Config, ConfigError
from issuer.runtime import build_runtime
from tests.integration.vcapi.conftest import DIDS, Server, Suite, plain, secret_and_did, write_identities


@pytest.fixture
def client(server: Server, request: pytest.FixtureRequest) -> FlaskClient:
    runtime = replace(server.runtime, config=replace(server.config, **request.param))
    return create_app(runtime=runtime).test_client()


@pytest.mark.parametrize("client", [{"vc_api": "off"}], indirect=True)
def test_off(client: FlaskClient) -> None:
    for path in ("/credentials/verify", "/credentials/issue", "/identifiers/did:key:z"):
        assert client.post(f"/vc-api{path}", json={}).status_code == 404


@pytest.mark.parametrize("client", [{"vc_api": "verify"}], indirect=True)
def test_verify_only(client: FlaskClient) -> None:
    assert client.post("/vc-api/credentials/verify", json={}).status_code == 400
    assert client.post("/vc-api/credentials/issue", json={}).status_code == 404
    assert client.post("/vc-api/credentials/derive", json={}).status_code == 404
    assert client.get(f"/vc-api/identifiers/{DIDS['P-256']}").status_code == 200


@pytest.mark.parametrize("client", [{"vc_api_identities": None}], indirect=True)
def test_without_identities_nobody_signs_without_a_key(client: FlaskClient) -> None:
    body = {"credential": plain(issuer=DIDS["Ed25519"])}
    assert client.post("/vc-api/credentials/issue", json=body).status_code == 401
    assert client.post("/vc-api/credentials/derive", json={"verifiableCredential": plain()}).status_code == 401


@pytest.mark.parametrize("client", [{"vc_api_rate": "3 per minute"}], indirect=True)
def test_how_often(client: FlaskClient) -> None:
    got = [client.post("/vc-api/credentials/verify", json={}) for _ in range(4)]
    assert [answer.status_code for answer in got] == [400, 400, 400, 429]
    assert got[3].headers["Retry-After"]
    assert json.loads(got[3].get_data())["code"] == "too_many_requests"


def test_other_ways_of_asking(suite: Suite) -> None:
    got = suite.client.get("/vc-api/credentials/verify")
    assert got.status_code == 405
    assert "POST" in got.headers["Allow"]
    assert got.mimetype in ("application/json", "application/problem+json")
    got = suite.client.post("/vc-api/credentials/nothing", data=b"{}")
    assert got.status_code == 404
    form = suite.client.post("/vc-api/credentials/verify", data={"verifiableCredential": "x"})
    assert form.status_code == 400


SECRET = secret_and_did("P-256")[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"identities": {}}',
        b'{"identities": [4]}',
        b'{"identities": [{}]}',
        b'{"identities": [{"secretKeyMultibase": "z123", "access": "open"}]}',
        {"secretKeyMultibase": SECRET},
        {"secretKeyMultibase": SECRET, "access": "closed"},
        {"secretKeyMultibase": SECRET, "access": "open", "tokenSha256": "0" * 64},
        {"secretKeyMultibase": SECRET, "tokenSha256": "abc"},
        {"secretKeyMultibase": SECRET, "access": "open", "id": DIDS["Ed25519"]},
        {"secretKeyMultibase": SECRET, "access": "open", "id": "no url"},
        {"secretKeyMultibase": SECRET, "access": "open", "surprise": "x"},
        {"secretKeyMultibase": SECRET, "access": "open", "id": 4},
    ],
)
def test_a_wrong_file_stops_the_start(tmp_path: Path, sqlite_url: str, content: Any) -> None:
    path = tmp_path / "identities.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps({"identities": [content]}).encode())
    config = Config(
        var=tmp_path, database_url=sqlite_url, secret_key="s" * 40, key_secret="k" * 40, vc_api_identities=path
    )
    runtime = build_runtime(config)
    with pytest.raises(ConfigError) as stopped:
        create_app(runtime=runtime)
    runtime.close()
    assert str(path) in str(stopped.value)
    assert SECRET not in str(stopped.value)


def test_settings(tmp_path: Path) -> None:
    base = {"var": tmp_path, "secret_key": "s" * 40, "key_secret": "k" * 40}
    with pytest.raises(ConfigError, match="BADGEWRIGHT_VC_API must"):
        Config(**base, vc_api="maybe")
    for rate in ("", "often", "0 per minute", "600", "600 per minute; often"):
        with pytest.raises(ConfigError, match="BADGEWRIGHT_VC_API_RATE"):
            Config(**base, vc_api_rate=rate)
    assert Config(**base, vc_api_rate="10 per second; 600 per hour")
    with pytest.raises(ConfigError, match="is not a file"):
        Config(**base, vc_api_identities=tmp_path / "nothing.json")
    assert Config(**base, vc_api_identities=write_identities(tmp_path / "ids.json")).vc_api == "on"
