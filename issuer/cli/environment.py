"""Settings and database for a command, with a sentence where something is missing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from issuer.config import Config


def data_folder() -> Path:
    """The data folder as configured, also while the secrets that `Config` insists on are still missing."""
    from pathlib import Path

    return Path(os.environ.get("BADGEWRIGHT_VAR") or "var")


def settings() -> Config:
    """The settings of this installation.

    Raises:
        click.ClickException: one is missing or wrong.
    """
    from issuer.config import Config, ConfigError

    try:
        return Config.from_environ()
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


def settings_with_secrets() -> Config:
    """The same; makes the secrets first where neither the environment nor the data folder has them."""
    from issuer.config import ConfigError, ensure_secrets

    try:
        if not (os.environ.get("BADGEWRIGHT_SECRET_KEY") and os.environ.get("BADGEWRIGHT_KEY_SECRET")):
            ensure_secrets(data_folder())
    except (ConfigError, OSError) as error:
        raise click.ClickException(f"The data folder {data_folder()} cannot be used: {error}") from error
    return settings()


def open_database(config: Config) -> Engine:
    """An engine on a database that has the shape this version needs.

    Raises:
        click.ClickException: it has not; `badgewright migrate` brings it there.
    """
    from issuer import migrations
    from issuer.db import make_engine

    engine = make_engine(config.database_url)
    if not migrations.is_current(engine):
        engine.dispose()
        raise click.ClickException(
            "The database is not up to date with this version. Bring it there with: badgewright migrate"
        )
    return engine


def require_key_secret(config: Config, engine: Engine) -> None:
    """For what signs: go on only if the key secret opens the keys in the database.

    Raises:
        click.ClickException: it does not.
    """
    from issuer.db import make_sessions, reading
    from issuer.services import key_secret
    from issuer.signing import Keyring
    from issuer.signing.signer import KeyUnavailable

    try:
        with reading(make_sessions(engine)) as session:
            key_secret.require_key_secret(session, Keyring(config.key_secret))
    except KeyUnavailable as error:
        raise click.ClickException(error.message) from error


def migrate_database(config: Config) -> bool:
    """Bring the database up to date, and the tables of the jobs. True if the database had to be changed."""
    from issuer import jobs, migrations
    from issuer.db import make_engine

    config.var.mkdir(parents=True, exist_ok=True)
    engine = make_engine(config.database_url)
    try:
        current = migrations.is_current(engine)
        if not current:
            migrations.upgrade(engine)
    finally:
        engine.dispose()
    jobs.migrate(config)
    return not current
