"""`badgewright key`: the signing keys of an organisation, on the command line."""

from __future__ import annotations

import click

from issuer.cli.environment import require_key_secret
from issuer.cli.group import ServiceCommand, ServiceGroup

key = ServiceGroup("key", help="Signing keys of an organisation.")


@key.command("create", cls=ServiceCommand)
@click.argument("slug")
def create(slug: str) -> None:
    """Make the first signing key of the organisation SLUG."""
    _say(slug, _change(slug, rotate=False))


@key.command("rotate", cls=ServiceCommand)
@click.argument("slug")
def rotate(slug: str) -> None:
    """Retire the signing key of the organisation SLUG and make a new one.

    What the old key signed goes on verifying: its public half stays in the organisation's DID document.
    """
    _say(slug, _change(slug, rotate=True))


@key.command("list", cls=ServiceCommand)
@click.argument("slug")
def show(slug: str) -> None:
    """List the signing keys of the organisation SLUG, the newest first."""
    from issuer.config import Config
    from issuer.db import make_engine, make_sessions, reading
    from issuer.queries import credentials as queries

    engine = make_engine(Config.from_environ().database_url)
    with reading(make_sessions(engine)) as session:
        organisation = queries.organisation_by_slug(session, slug)
        for row in queries.signing_keys(session, organisation.id):
            state = "active" if row.active else f"retired {row.retired_at:%Y-%m-%d}"
            click.echo(f"{row.public_multibase}  {row.algorithm}  made {row.created_at:%Y-%m-%d}  {state}")
    engine.dispose()


def _change(slug: str, *, rotate: bool) -> str:
    from issuer import clock
    from issuer.config import Config
    from issuer.db import make_engine, make_sessions, unit_of_work
    from issuer.queries import credentials as queries
    from issuer.services import keys
    from issuer.services.access import Actor
    from issuer.signing import Keyring

    config = Config.from_environ()
    engine = make_engine(config.database_url)
    try:
        require_key_secret(config, engine)
        with unit_of_work(make_sessions(engine)) as session:
            organisation = queries.organisation_by_slug(session, slug)
            change = keys.rotate if rotate else keys.create_key
            made = change(session, Keyring(config.key_secret), organisation.id, Actor.command(), clock.now())
            return made.public_multibase
    finally:
        engine.dispose()


def _say(slug: str, public_multibase: str) -> None:
    click.echo(f"{slug} now signs with {public_multibase}.")
