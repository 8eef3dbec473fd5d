"""Whom an installation recognises: registries are read at start, pinned, and dropped when their time is over."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuer import clock, recognition
from issuer.config import Config, ConfigError

SECRETS = {"secret_key": "s" * 40, "key_secret": "k" * 40}


def registry(path: Path, name: str, *, until: datetime | None = None) -> Path:
    document: dict[str, object] = {
        "type": "BadgewrightTrustRegistry",
        "version": 1,
        "name": name,
        "issuers": [{"id": "did:web:badges.example.org"}],
    }
    if until is not None:
        document["validUntil"] = until.isoformat()
    path.write_text(json.dumps(document))
    return path


def test_several_registries_one_of_them_pinned(tmp_path: Path) -> None:
    first, second = registry(tmp_path / "a.json", "State"), registry(tmp_path / "b.json", "Neighbours")
    digest = hashlib.sha256(second.read_bytes()).hexdigest()
    environ = {
        "BADGEWRIGHT_TRUST_FILES": f"{first}; {second}#sha256={digest}",
        "BADGEWRIGHT_SECRET_KEY": "s" * 40,
        "BADGEWRIGHT_KEY_SECRET": "k" * 40,
    }
    found = recognition.load(Config.from_environ(environ))
    assert [each.name for each in found.registries] == ["State", "Neighbours"]


def test_a_file_that_is_not_the_pinned_one_stops_the_start(tmp_path: Path) -> None:
    path = registry(tmp_path / "a.json", "State")
    with pytest.raises(ConfigError, match="trust_registry_digest"):
        recognition.load(Config(**SECRETS, trust_files=((path, "0" * 64),)))


def test_an_unsigned_file_stops_the_start_where_a_signer_is_named(tmp_path: Path) -> None:
    path = registry(tmp_path / "a.json", "State")
    with pytest.raises(ConfigError, match="trust_registry_unsigned"):
        recognition.load(Config(**SECRETS, trust_files=((path, ""),), trust_signers=("did:key:z6Mk",)))


def test_a_registry_past_its_time_recognises_nobody_any_more(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    path = registry(tmp_path / "a.json", "State", until=now + timedelta(days=1))
    found = recognition.load(Config(**SECRETS, trust_files=((path, ""),)))
    assert len(found.current(clock.now())) == 1
    assert found.current(now + timedelta(days=2)) == ()
