from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from issuer.config import Config, ConfigError, ensure_secrets, read_secrets, secrets_file, settings

SECRETS = {"BADGEWRIGHT_SECRET_KEY": "s" * 40, "BADGEWRIGHT_KEY_SECRET": "k" * 40}


def test_defaults_need_nothing_but_the_secrets(tmp_path: Path) -> None:
    config = Config.from_environ({"BADGEWRIGHT_VAR": str(tmp_path), **SECRETS})
    assert config.base_url == "http://localhost:8000"
    assert config.database_url == f"sqlite:///{tmp_path / 'badgewright.sqlite3'}"
    assert config.storage_url == str(tmp_path / "evidence")
    assert not config.secure


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("BADGEWRIGHT_BASE_URL", "http://badges.example.org", "https"),
        ("BADGEWRIGHT_BASE_URL", "https://192.0.2.7", "IP"),
        ("BADGEWRIGHT_BASE_URL", "https://[2001:db8::1]:8000", "IP"),
        ("BADGEWRIGHT_BASE_URL", "https://badges.example.org/app", "bare address"),
        ("BADGEWRIGHT_BASE_URL", "badges.example.org", "https://"),
        ("BADGEWRIGHT_BASE_URL", "https://badges.example.org:99999", "not an address"),
        ("BADGEWRIGHT_KEY_SECRET", "s" * 40, "must differ"),
        ("BADGEWRIGHT_KEY_SECRET", "short", "too short"),
        ("DATABASE_URL", "mysql://x", "postgresql"),
        ("BADGEWRIGHT_MAX_UPLOAD_BYTES", "many", "whole number"),
        ("BADGEWRIGHT_MAX_UPLOAD_BYTES", "0", "positive"),
        ("BADGEWRIGHT_PROXIES", "-1", "negative"),
        ("BADGEWRIGHT_SESSION_IDLE_HOURS", "0", "from 1"),
        ("BADGEWRIGHT_SESSION_DAYS", "3650", "to 366"),
        ("BADGEWRIGHT_TRUST_FILES", "/nowhere/trust.json", "not a file"),
        ("BADGEWRIGHT_TRUST_SIGNERS", "did:key:z6Mk", "needs BADGEWRIGHT_TRUST_FILES"),
        ("BADGEWRIGHT_MAIL_URL", "http://mail", "smtp"),
        ("BADGEWRIGHT_MAIL_FROM", "nobody", "e-mail"),
        ("BADGEWRIGHT_METRICS_TOKEN", "short", "too short"),
        ("BADGEWRIGHT_LOG_LEVEL", "loud", "must be one of"),
        ("BADGEWRIGHT_BASE_ULR", "https://x.example", "no setting"),
    ],
)
def test_a_wrong_setting_stops_the_start(variable: str, value: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        Config.from_environ({"BADGEWRIGHT_VAR": str(tmp_path), **SECRETS, variable: value})
    assert variable in str(caught.value)


def test_missing_secrets_are_never_invented(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="BADGEWRIGHT_SECRET_KEY is not set"):
        Config.from_environ({"BADGEWRIGHT_VAR": str(tmp_path)})


def test_secrets_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    assert ensure_secrets(tmp_path)
    made = read_secrets(tmp_path)
    assert stat.S_IMODE(secrets_file(tmp_path).stat().st_mode) == 0o600
    assert made["secret_key"] != made["key_secret"]
    assert not ensure_secrets(tmp_path)
    assert read_secrets(tmp_path) == made
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.json"]
    config = Config.from_environ({"BADGEWRIGHT_VAR": str(tmp_path)})
    assert config.secret_key == made["secret_key"]


@pytest.mark.parametrize("content", ["{", "[]", '{"secret_key": 7}', "\xff"])
def test_a_damaged_secrets_file_is_an_error_and_not_no_secrets(content: str, tmp_path: Path) -> None:
    secrets_file(tmp_path).write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"secrets\.json"):
        Config.from_environ({"BADGEWRIGHT_VAR": str(tmp_path), **SECRETS})


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    secrets_file(tmp_path).write_text(json.dumps({"secret_key": "f" * 40, "key_secret": "g" * 40}))
    config = Config.from_environ({"BADGEWRIGHT_VAR": str(tmp_path), "BADGEWRIGHT_SECRET_KEY": "e" * 40})
    assert (config.secret_key, config.key_secret) == ("e" * 40, "g" * 40)


def test_secrets_do_not_show_in_logs(tmp_path: Path) -> None:
    config = Config(var=tmp_path, secret_key="s" * 40, key_secret="k" * 40, database_url="postgresql://u:hidden@h/d")
    shown = repr(config)
    assert "ssss" not in shown
    assert "kkkk" not in shown
    assert "hidden" not in shown


def test_every_setting_says_what_it_is_for() -> None:
    assert all(meaning.endswith(".") and variable for variable, meaning, _ in settings())
