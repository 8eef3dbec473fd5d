"""`badgewright record`: the name that badges state, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from issuer.cli import commands
from issuer.config import Config
from issuer.db import make_engine, make_sessions
from issuer.models import MemberRecord


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words)


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BADGEWRIGHT_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert run("init", "--organisation", "Lakeside", "--slug", "lakeside", "--admin", "ada@example.org").exit_code == 0


def _names() -> dict[str, str]:
    engine = make_engine(Config.from_environ().database_url)
    with make_sessions(engine)() as session:
        found = {each.name: each.educator_id for each in session.scalars(select(MemberRecord))}
    engine.dispose()
    return found


def test_a_record_is_set_and_changed() -> None:
    who = ("tara@example.org", "--org", "lakeside")
    run("user", "add", *who, "--role", "teacher", "--name", "Tara Okafor")
    assert _names() == {"Tara Okafor": ""}
    done = run("record", "set", *who, "--name", "Tara  Bell", "--educator-id", "T-4711")
    assert done.exit_code == 0, done.output
    assert "on record at lakeside as “Tara Bell”" in done.output
    assert _names() == {"Tara Bell": "T-4711"}
    run("record", "set", *who, "--name", "Tara Bell")
    assert _names() == {"Tara Bell": "T-4711"}
    assert "nothing to sign again" in run("record", "reissue", *who).output


def test_a_name_made_up_from_an_address_is_no_record() -> None:
    run("user", "add", "tara@example.org", "--org", "lakeside", "--role", "teacher")
    assert _names() == {}


def test_nobody_gets_a_record_where_they_do_not_belong() -> None:
    run("org", "add", "Hill", "--slug", "hill", "--admin", "hal@example.org")
    for who, place in (("hal@example.org", "lakeside"), ("no@example.org", "hill"), ("hal@example.org", "nowhere")):
        refused = run("record", "set", who, "--org", place, "--name", "Hal")
        assert refused.exit_code == 1
        assert "Traceback" not in refused.output
    assert _names() == {}
