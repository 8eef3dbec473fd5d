"""The backup of docs/operations.md, made while the service has the files open, and restored into an empty folder."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import select

from issuer.app import create_app
from issuer.audit import check_chain
from issuer.cli.demo_district import ensure_demo_district
from issuer.cli.environment import migrate_database
from issuer.config import Config, ensure_secrets
from issuer.db import reading
from issuer.models import Credential, EvidenceItem
from issuer.runtime import build_runtime


def config_of(var: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("BADGEWRIGHT_VAR", str(var))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return Config.from_environ()


def test_a_restored_installation_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    ensure_secrets(first)
    config = config_of(first, monkeypatch)
    migrate_database(config)
    ensure_demo_district(config)
    running = build_runtime(config)
    with reading(running.sessions) as session:
        credential = session.scalars(select(Credential)).one()
        second.mkdir()
        source, copy = (sqlite3.connect(folder / "badgewright.sqlite3") for folder in (first, second))
        source.backup(copy)
        source.close()
        copy.close()
        shutil.copytree(first / "evidence", second / "evidence")
        shutil.copy2(first / "secrets.json", second / "secrets.json")
    running.engine.dispose()
    shutil.rmtree(first)

    config = config_of(second, monkeypatch)
    migrate_database(config)
    restored = build_runtime(config)
    with reading(restored.sessions) as session:
        found = session.scalars(select(Credential)).one()
        assert found.document == credential.document
        assert check_chain(session).intact
        for item in session.scalars(select(EvidenceItem).where(EvidenceItem.sha256 != "")):
            restored.storage.open(item.sha256).close()
        # The key can still be opened: without it nothing more could be issued.
        did = restored.addresses.organisation_did(found.organisation.slug)
        signer = restored.keyring.signer(
            found.key, restored.addresses.verification_method(did, found.key.public_multibase)
        )
        assert signer.sign(b"x")
    client = create_app(runtime=restored).test_client()
    answer = client.get(f"/credentials/{credential.number}.json")
    assert (answer.status_code, answer.data) == (200, credential.document)
    restored.engine.dispose()
