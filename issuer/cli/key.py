"""`badgewright key`: the signing keys of an organisation, on the command line."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING

import click

from issuer.cli.environment import open_database, require_key_secret, settings
from issuer.cli.group import ServiceCommand, ServiceGroup

if TYPE_CHECKING:
    from issuer.models import Reissue
    from issuer.queries.reissues import Signed

#: Of the awards to look at by hand; a file holds all of them. And after how many the command says how far it is.
_SHOWN = 50
_COLUMNS = ("signed_at", "awarded_at", "state", "subject", "microcredential", "teacher", "decided_by")

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
            state = "active" if row.active else "not active"
            if row.revoked_at:
                state = f"revoked {row.revoked_at:%Y-%m-%d} ({row.revocation_reason})"
            elif row.retired_at:
                state = f"retired {row.retired_at:%Y-%m-%d}"
            click.echo(f"{row.public_multibase}  {row.algorithm}  made {row.created_at:%Y-%m-%d}  {state}")
    engine.dispose()


@key.command("revoke", cls=ServiceCommand)
@click.option("--org", "slug", metavar="SLUG", required=True, help="Short name of the organisation.")
@click.option(
    "--reason",
    type=click.Choice(["compromised"]),
    required=True,
    help="compromised: its private half may be in other hands. A key that is only old is rotated instead.",
)
@click.option("--key", "public_multibase", metavar="KEY", default="", help="Which key. Default: the active one.")
@click.option(
    "--suspected-since",
    "since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="List what the key signed from this day (UTC) on, to be looked at by hand. Changes nothing about trust.",
)
@click.option("--csv", "listing", type=click.File("w", encoding="utf-8", lazy=True), help="Write that list to a file.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke(
    slug: str, reason: str, public_multibase: str, since: datetime | None, listing: IO[str] | None, yes: bool
) -> None:
    """Distrust a signing key: from now on nothing that it signed verifies, whatever date it states.

    A new key takes the place of an active one in the same step, and the status lists are signed anew. Then
    `badgewright key reissue` signs the good awards again. Revoking twice changes nothing.
    """
    from issuer import clock
    from issuer.credentials.addresses import Addresses
    from issuer.db import make_sessions, unit_of_work
    from issuer.queries import credentials as queries
    from issuer.queries import reissues
    from issuer.services import key_revocation
    from issuer.services.access import Actor
    from issuer.signing import Keyring, OwnOutput

    config = settings()
    engine = open_database(config)
    require_key_secret(config, engine)
    sessions, addresses, now = make_sessions(engine), Addresses(config.base_url), clock.now()
    try:
        # Not a reading session: whoever names no key means the one that is active.
        with unit_of_work(sessions) as session:
            organisation = queries.organisation_by_slug(session, slug)
            if not public_multibase and (earlier := queries.revoked_keys(session, organisation.id)):
                # Run twice, it must not take the key that has just been made.
                _say_earlier(slug, earlier)
                return
            found = key_revocation.named_key(session, organisation.id, public_multibase)
            method = addresses.verification_method(addresses.organisation_did(slug), found.public_multibase)
            use = reissues.key_use(session, found, method, now)
            if since is not None:
                _list(reissues.signed_since(session, found, method, since.replace(tzinfo=UTC), now), listing)
        if found.revoked_at is not None:
            click.echo(f"{found.public_multibase} was revoked on {found.revoked_at:%Y-%m-%d}. Nothing was changed.")
            return
        click.echo(
            f"Key {found.public_multibase} of {slug}, {'active' if found.active else 'retired'}, has signed:\n"
            f"  {use.good} awards in force: they fail to verify until `key reissue` signs them again\n"
            f"  {use.revoked} revoked and {use.expired} expired awards: they stay so and are not signed again\n"
            f"  {use.plain} credentials through /vc-api, not stored here: whoever asked for them must ask anew"
        )
        if not yes:
            click.confirm("Revoke this key for good?", abort=True)
        with unit_of_work(sessions) as session:
            done = key_revocation.revoke(
                session,
                Keyring(config.key_secret),
                OwnOutput(),
                addresses,
                organisation.id,
                found.public_multibase,
                reason,
                Actor.command(),
                clock.now(),
            )
    finally:
        engine.dispose()
    click.echo(f"Revoked. {done.lists} status lists were signed anew.")
    if done.successor is not None:
        click.echo(f"{slug} now signs with {done.successor.public_multibase}.")
    click.echo(done.missing or f"Next: badgewright key reissue --org {slug}")


@key.command("reissue", cls=ServiceCommand)
@click.option("--org", "slug", metavar="SLUG", required=True, help="Short name of the organisation.")
def reissue(slug: str) -> None:
    """Sign again what a revoked key signed and is still good: status lists, receipts, awards.

    Each award gets a new credential with an id of its own; the old one's page leads to it, and its holder gets a mail.
    Revoked and expired awards stay as they are. It can be stopped at any moment: run again, or left to a worker, it
    goes on where it stopped, and nothing is done twice.
    """
    from issuer import jobs
    from issuer.db import unit_of_work
    from issuer.queries import credentials as queries
    from issuer.runtime import build_runtime
    from issuer.services import reissuing
    from issuer.services.access import Actor

    config = settings()
    engine = open_database(config)
    require_key_secret(config, engine)
    engine.dispose()
    runtime = build_runtime(config)
    try:
        with unit_of_work(runtime.sessions) as session:
            organisation = queries.organisation_by_slug(session, slug)
            job = reissuing.start_for_keys(
                session, organisation_id=organisation.id, actor=Actor.command(), now=runtime.clock()
            )
        if job is None:
            click.echo("There is nothing to sign again.")
            return
        job = jobs.run_reissue(runtime, job.number, _say_progress)
    finally:
        runtime.close()
    click.echo(f"{job.reissued} awards were signed again.")
    if job.failed:
        click.echo(f"{job.failed} could not be: the audit trail says why (…_failed). Run this again after mending it.")


def _say_earlier(slug: str, revoked: dict[str, datetime]) -> None:
    for public_multibase, revoked_at in revoked.items():
        click.echo(f"{public_multibase} was revoked on {revoked_at:%Y-%m-%d}.")
    click.echo(
        f"Nothing was changed. To revoke another key of {slug}, name it with --key (badgewright key list {slug})."
    )


def _say_progress(job: Reissue) -> None:
    if job.stage != "awards" or (job.reissued + job.failed) % _SHOWN == 0:
        click.echo(f"{job.stage}: {job.reissued} awards signed again, {job.failed} not", err=True)


def _list(found: Iterable[Signed], listing: IO[str] | None) -> None:
    if listing is not None:
        writer = csv.writer(listing)
        writer.writerow(_COLUMNS)
        for each in found:
            writer.writerow([_cell(getattr(each, name)) for name in _COLUMNS])
        return
    for number, each in enumerate(found):
        if number == _SHOWN:
            click.echo("… and more: --csv FILE writes all of them.")
            return
        click.echo("  ".join(filter(None, (_cell(getattr(each, name)) for name in _COLUMNS))))


def _cell(value: object) -> str:
    """A text that a spreadsheet does not run."""
    text = value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


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
