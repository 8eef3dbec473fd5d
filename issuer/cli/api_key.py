"""`badgewright api-key`: the API keys of an organisation, on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from issuer.cli.environment import open_database, settings
from issuer.cli.group import ServiceCommand, ServiceGroup

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from issuer.config import Config

api_key = ServiceGroup("api-key", help="API keys of an organisation.")


@api_key.command("list", cls=ServiceCommand)
@click.argument("slug")
def show(slug: str) -> None:
    """List the API keys of the organisation SLUG, the newest first."""
    from issuer import clock
    from issuer.queries import keys

    now = clock.now()
    with _work() as (session, _):
        for key in keys.of_organisation(session, _organisation(session, slug)):
            if key.revoked_at is not None:
                state = f"revoked {key.revoked_at:%Y-%m-%d}"
            else:
                state = f"{'expired' if key.expires_at <= now else 'works until'} {key.expires_at:%Y-%m-%d}"
                if key.previous_ends_at is not None and key.previous_ends_at > now:
                    state += f", old secret until {key.previous_ends_at:%Y-%m-%d %H:%M} UTC"
            used = f"last used {key.last_used_at:%Y-%m-%d}" if key.last_used_at else "never used"
            bound = f"  from {', '.join(key.networks)}" if key.networks else ""
            click.echo(f"{key.prefix}  {key.name}  {', '.join(key.scopes)}  {state}  {used}{bound}")


@api_key.command("create", cls=ServiceCommand)
@click.argument("slug")
@click.option("--name", required=True, metavar="TEXT", help="What it is for.")
@click.option("--scope", "scopes", required=True, multiple=True, metavar="SCOPE", help="May be given several times.")
@click.option("--days", type=int, help="After how many days it ends. Default: a year, or the bound of the settings.")
@click.option(
    "--from",
    "networks",
    multiple=True,
    metavar="ADDRESS",
    help="IP address or network that it is bound to; repeatable.",
)
def create(slug: str, name: str, scopes: tuple[str, ...], days: int | None, networks: tuple[str, ...]) -> None:
    """Make an API key for the organisation SLUG. It is printed once.

    A key made here belongs to no person: it ends on its date or when it is revoked.
    """
    from issuer import clock
    from issuer.services import api_keys
    from issuer.services.access import Actor

    with _work() as (session, config):
        key, text = api_keys.create(
            session,
            organisation_id=_organisation(session, slug),
            name=name,
            scopes=scopes,
            days=days,
            networks=networks,
            max_days=config.api_key_max_days,
            actor=Actor.command(),
            now=clock.now(),
        )
    click.echo(f"Key:  {text}   (shown once)")
    click.echo(f"Ends: {key.expires_at:%Y-%m-%d}")


@api_key.command("rotate", cls=ServiceCommand)
@click.argument("slug")
@click.argument("prefix")
@click.option("--overlap", type=int, default=7, show_default=True, help="Days for which the old secret still works.")
@click.option("--days", type=int, help="After how many days the new secret ends.")
def rotate(slug: str, prefix: str, overlap: int, days: int | None) -> None:
    """Give the key PREFIX of the organisation SLUG a new secret. It is printed once."""
    from issuer import clock
    from issuer.services import api_keys
    from issuer.services.access import Actor

    with _work() as (session, config):
        key, text = api_keys.rotate(
            session,
            organisation_id=_organisation(session, slug),
            prefix=prefix,
            overlap_days=overlap,
            days=days,
            max_days=config.api_key_max_days,
            actor=Actor.command(),
            now=clock.now(),
        )
    click.echo(f"Key:  {text}   (shown once)")
    click.echo(f"Ends: {key.expires_at:%Y-%m-%d}; the old secret works until {key.previous_ends_at:%Y-%m-%d %H:%M} UTC")


@api_key.command("revoke", cls=ServiceCommand)
@click.argument("slug")
@click.argument("prefix")
def revoke(slug: str, prefix: str) -> None:
    """Make the key PREFIX of the organisation SLUG useless for good."""
    from issuer import clock
    from issuer.services import api_keys
    from issuer.services.access import Actor

    with _work() as (session, _):
        key = api_keys.revoke(
            session,
            organisation_id=_organisation(session, slug),
            prefix=prefix,
            actor=Actor.command(),
            now=clock.now(),
        )
        name = key.name
    click.echo(f"The key “{name}” no longer works.")


def _organisation(session: Session, slug: str) -> int:
    from issuer.queries import credentials as queries

    return queries.organisation_by_slug(session, slug).id


@contextmanager
def _work() -> Iterator[tuple[Session, Config]]:
    from issuer.db import make_sessions, unit_of_work

    config = settings()
    engine = open_database(config)
    try:
        with unit_of_work(make_sessions(engine)) as session:
            yield session, config
    finally:
        engine.dispose()
