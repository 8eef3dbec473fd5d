"""An installation from nothing, by commands alone, and every way in which the world may not be ready."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner, Result
from sqlalchemy import select

from issuer.cli import commands
from issuer.cli.installing import slug_from
from issuer.config import Config
from issuer.db import make_engine, make_sessions
from issuer.models import AuditEvent, Membership, Organisation, SigningKey, User
from issuer.services.access import Actor, is_operator

INIT = ("init", "--organisation", "Río Verde Schools", "--admin", "Ada@Example.org")


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BADGEWRIGHT_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words)


def test_init_makes_everything_once(tmp_path: Path) -> None:
    first = run(*INIT)
    assert first.exit_code == 0, first.output
    assert "did:web:localhost%3A8000:orgs:rio-verde-schools" in first.output
    password = re.search(r"Password: +(\S+)", first.output)
    assert password
    assert (tmp_path / "var" / "secrets.json").stat().st_mode & 0o777 == 0o600
    engine = make_engine(Config.from_environ().database_url)
    with make_sessions(engine)() as session:
        ada = session.execute(select(User)).scalar_one()
        assert ada.email == "ada@example.org"
        assert PasswordHasher().verify(ada.password or "", password[1])
        assert is_operator(session, Actor.of(ada))
        assert session.execute(select(SigningKey.active)).scalar_one() is True
        events = len(session.execute(select(AuditEvent)).all())
    again = run(*INIT)
    assert again.exit_code == 0
    assert "Password" not in again.output
    with make_sessions(engine)() as session:
        assert len(session.execute(select(Organisation)).all()) == 1
        assert len(session.execute(select(AuditEvent)).all()) == events
    engine.dispose()


def test_init_asks_only_for_what_it_cannot_choose() -> None:
    result = CliRunner().invoke(commands, ["init"], input="Lakeside Schools\nada@example.org\n")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("Name of the organisation that issues: ")


def test_more_organisations_and_people() -> None:
    run(*INIT)
    added = run("user", "add", "tara@example.org", "--org", "rio-verde-schools", "--role", "teacher", "--role", "coach")
    assert "tara@example.org is now teacher and coach at Río Verde Schools." in added.output
    assert "Password:" in added.output
    other = run("org", "add", "Hill Schools", "--admin", "tara@example.org")
    assert "its password stays" in other.output
    engine = make_engine(Config.from_environ().database_url)
    with make_sessions(engine)() as session:
        roles = session.execute(select(Membership).join(User).where(User.email == "tara@example.org")).scalars()
        assert {(each.organisation.slug, each.role) for each in roles} == {
            ("rio-verde-schools", "teacher"),
            ("rio-verde-schools", "coach"),
            ("hill-schools", "admin"),
        }
    engine.dispose()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("user", "add", "t@example.org", "--org", "nowhere", "--role", "teacher"),
            "There is no organisation “nowhere”",
        ),
        (("user", "add", "not-an-address", "--org", "rio-verde-schools", "--role", "teacher"), "not an e-mail address"),
        (("user", "add", "ada@example.org", "--org", "rio-verde-schools", "--role", "admin"), "already has the role"),
        (("org", "add", "Río Verde Schools", "--admin", "ada@example.org"), "There is already an organisation"),
        (("org", "add", "!", "--admin", "ada@example.org"), "A short name has"),
    ],
)
def test_refusals_are_sentences_and_leave_nothing_behind(words: tuple[str, ...], sentence: str) -> None:
    run(*INIT)
    result = run(*words)
    assert result.exit_code == 1
    assert sentence in result.output
    engine = make_engine(Config.from_environ().database_url)
    with make_sessions(engine)() as session:
        assert len(session.execute(select(User)).all()) == 1
        assert len(session.execute(select(Organisation)).all()) == 1
    engine.dispose()


def test_commands_say_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "badgewright init" in run("migrate").output
    run("init", "--organisation", "A B", "--admin", "a@example.org")
    (tmp_path / "var" / "badgewright.sqlite3").unlink()
    assert "badgewright migrate" in run("org", "add", "Hill", "--admin", "a@example.org").output
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    unreachable = run("migrate")
    assert (unreachable.exit_code, "The database cannot be used" in unreachable.output) == (1, True)
    monkeypatch.setenv("BADGEWRIGHT_BASE_URL", "http://192.0.2.1")
    assert "BADGEWRIGHT_BASE_URL" in run("migrate").output


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Río Verde Schools", "rio-verde-schools"), ("  A & B ", "a-b"), ("学校", ""), ("x" * 80, "x" * 63)],
)
def test_a_short_name_comes_from_the_full_one(name: str, slug: str) -> None:
    assert slug_from(name) == slug
