"""A wrong key secret stops whatever would sign, with a sentence; it never stops what repairs an installation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from issuer.cli import commands
from issuer.config import Config
from issuer.db import make_engine, make_sessions, unit_of_work
from issuer.models import Organisation, SigningKey

SENTENCE = "BADGEWRIGHT_KEY_SECRET does not open the signing key of Lakeside Schools, made on"


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words)


def lose_the_key_secret(folder: Path) -> None:
    path = folder / "secrets.json"
    secrets = json.loads(path.read_text())
    path.write_text(json.dumps({**secrets, "key_secret": "w" * 40}))


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "var"
    monkeypatch.setenv("BADGEWRIGHT_VAR", str(folder))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    # `serve` sets it for its children.
    monkeypatch.setenv("BADGEWRIGHT_BASE_URL", "http://localhost:8193")
    assert run("init", "--organisation", "Lakeside Schools", "--admin", "ada@example.org").exit_code == 0
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--port", "8193"),
        ("serve", "--demo", "--port", "8193"),
        ("worker",),
        ("key", "create", "lakeside-schools"),
        ("key", "rotate", "lakeside-schools"),
        ("org", "add", "Hillside Schools", "--admin", "sam@example.org"),
    ],
)
def test_what_signs_does_not_start(installation: Path, words: tuple[str, ...]) -> None:
    lose_the_key_secret(installation)
    refused = run(*words)
    assert refused.exit_code == 1
    assert SENTENCE in refused.output
    assert "Traceback" not in refused.output
    engine = make_engine(Config.from_environ().database_url)
    with make_sessions(engine)() as session:
        assert session.scalar(select(func.count()).select_from(SigningKey)) == 1
        assert session.scalar(select(func.count()).select_from(Organisation)) == 1
    engine.dispose()


def test_what_repairs_goes_on(installation: Path) -> None:
    lose_the_key_secret(installation)
    for words in (("migrate",), ("init",), ("key", "list", "lakeside-schools")):
        assert run(*words).exit_code == 0, words
    user = run("user", "add", "tara@example.org", "--org", "lakeside-schools", "--role", "teacher")
    assert user.exit_code == 0


def test_one_key_under_an_older_secret_is_found(installation: Path) -> None:
    """As when a backup of the secrets was brought back halfway."""
    assert run("org", "add", "Hillside Schools", "--admin", "sam@example.org").exit_code == 0
    engine = make_engine(Config.from_environ().database_url)
    with unit_of_work(make_sessions(engine)) as session:
        oldest = session.scalars(select(SigningKey).order_by(SigningKey.id)).first()
        assert oldest is not None
        oldest.private_encrypted = b"\x01" + bytes(100)
    engine.dispose()
    refused = run("worker")
    assert refused.exit_code == 1
    assert SENTENCE in refused.output


def test_an_installation_without_keys_starts_with_any_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BADGEWRIGHT_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("BADGEWRIGHT_SECRET_KEY", "s" * 40)
    monkeypatch.setenv("BADGEWRIGHT_KEY_SECRET", "k" * 40)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run("migrate").exit_code == 0
    monkeypatch.setenv("BADGEWRIGHT_KEY_SECRET", "w" * 40)
    assert run("org", "add", "Lakeside Schools", "--admin", "ada@example.org").exit_code == 0
