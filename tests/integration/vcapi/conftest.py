"""A server whose operator has configured did:key identities, one for each kind of key, and one that needs a token."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient

from issuer.app import create_app
from issuer.config import Config
from issuer.runtime import Runtime, build_runtime
from issuer.services import api_keys, keys
from tests import factories
from tests.factories import COMMAND, NOW
from verifier import Verifier
from verifier.formats import multibase, multikey

TOKEN = "a token of the operator's"
VCDM_2 = "https://www.w3.org/ns/credentials/v2"
VCDM_1 = "https://www.w3.org/2018/credentials/v1"


def secret_and_did(kind: str, word: str = "suite") -> tuple[str, str]:
    """`secretKeyMultibase` of a key made from a word, and its did:key."""
    raw = hashlib.sha256(f"{word} {kind}".encode()).digest()
    if kind == "Ed25519":
        public: Any = Ed25519PrivateKey.from_private_bytes(raw).public_key()
        secret = b"\x80\x26" + raw
    else:
        size, curve = (32, ec.SECP256R1()) if kind == "P-256" else (48, ec.SECP384R1())
        public = ec.derive_private_key(int.from_bytes(raw), curve).public_key()  # type: ignore[arg-type]
        secret = (b"\x86\x26" if kind == "P-256" else b"\x87\x26") + raw.rjust(size, b"\0")
    return multibase.encode_base58(secret), f"did:key:{multikey.encode(multikey.from_cryptography(public))}"


DIDS = {kind: secret_and_did(kind)[1] for kind in ("Ed25519", "P-256", "P-384")}
GUARDED = secret_and_did("Ed25519", "guarded")[1]
WITH_STATUS = secret_and_did("Ed25519", "with status")[1]


@dataclass
class Answer:
    status: int
    body: Any
    media_type: str

    @property
    def vc(self) -> Any:
        assert self.status == 201, self.body
        return self.body["verifiableCredential"]

    @property
    def code(self) -> str:
        assert self.status == 400, self.body
        assert self.body["verified"] is False
        assert self.body["problemDetails"][0]["type"].startswith("https://w")
        return str(self.body["problemDetails"][0]["code"])


class Suite:
    """The endpoints, as a test suite calls them. `issuer`: who signs where a credential names nobody."""

    def __init__(self, client: FlaskClient, key: str, did: str) -> None:
        self.client, self.key, self.did = client, key, did

    def post(self, path: str, body: Any, token: str = "") -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        got = self.client.post(f"/vc-api{path}", data=data, content_type="application/json", headers=headers)
        assert got.mimetype == "application/json"
        assert got.status_code < 500
        assert got.status_code != 422
        return Answer(got.status_code, json.loads(got.get_data()), got.mimetype)

    def issue(self, credential: Any, kind: str = "Ed25519", token: str = "", **options: Any) -> Answer:
        if isinstance(credential, dict) and "issuer" not in credential:
            credential = {**credential, "issuer": DIDS[kind]}
        body = {"credential": credential} | ({"options": options} if options else {})
        return self.post("/credentials/issue", body, token)

    def verify(self, document: Any, **options: Any) -> Answer:
        body = {"verifiableCredential": document} | ({"options": options} if options else {})
        return self.post("/credentials/verify", body)

    def present(self, document: Any, **options: Any) -> Answer:
        return self.post("/presentations/verify", {"verifiablePresentation": document, "options": options})


def plain(**members: Any) -> dict[str, Any]:
    """The least a test suite sends; members that are None are taken out."""
    document = {
        "@context": [VCDM_2],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:subject"},
    } | members
    return {name: value for name, value in document.items() if value is not None}


def older(**members: Any) -> dict[str, Any]:
    return plain(**{"@context": [VCDM_1], "issuanceDate": "2026-01-01T00:00:00Z", **members})


@dataclass
class Server:
    """One installation for all tests of a file: they only add to it."""

    config: Config
    runtime: Runtime
    key: str
    did: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Server]:
    """With an organisation that has a key, and an API key that may sign in its name."""
    folder = tmp_path_factory.mktemp("vcapi")
    shutil.copyfile(_sqlite_template, folder / "badgewright.sqlite3")
    config = Config(
        var=folder,
        secret_key="s" * 40,
        key_secret="k" * 40,
        vc_api_identities=write_identities(folder / "identities.json"),
        vc_api_rate="100000 per minute",
    )
    runtime = replace(build_runtime(config), clock=lambda: NOW)
    with runtime.sessions() as session:
        here = factories.organisation(session)
        keys.create_key(session, runtime.keyring, here.id, COMMAND, NOW)
        _, text = api_keys.create(
            session,
            organisation_id=here.id,
            name="suite",
            scopes=["credentials:issue", "credentials:revoke"],
            actor=COMMAND,
            now=NOW,
        )
        session.commit()
    yield Server(config, runtime, text, runtime.addresses.organisation_did("lakeside"))
    runtime.close()


@pytest.fixture(scope="module")
def application(server: Server) -> Flask:
    app = create_app(runtime=server.runtime)
    app.testing = True
    return app


@pytest.fixture
def suite(server: Server, application: Flask) -> Iterator[Suite]:
    kept = dict(application.extensions)
    yield Suite(application.test_client(), server.key, server.did)
    application.extensions.update(kept)


def write_identities(path: Path) -> Path:
    """One open identity for each kind of key, one that needs a token, one that an organisation keeps the status for."""
    entries: list[dict[str, str]] = [
        {"secretKeyMultibase": secret_and_did(kind)[0], "access": "open"} for kind in ("Ed25519", "P-256", "P-384")
    ]
    guarded = {"tokenSha256": hashlib.sha256(TOKEN.encode()).hexdigest()}
    entries.append({"secretKeyMultibase": secret_and_did("Ed25519", "guarded")[0], **guarded})
    served = {"access": "open", "organisation": "lakeside"}
    entries.append({"secretKeyMultibase": secret_and_did("Ed25519", "with status")[0], **served})
    path.write_text(json.dumps({"identities": entries}))
    return path


def sees(suite: Suite, fetcher: Any) -> None:
    """From now on the server reads other people's documents through `fetcher`."""
    tools = suite.client.application.extensions
    tools["badgewright"] = replace(tools["badgewright"], verifier=Verifier(fetcher))
    tools["badgewright_fetcher"] = fetcher
