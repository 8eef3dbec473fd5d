"""`badgewright record`: what an organisation has on record of a person, which badges state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from issuer.cli.environment import open_database, settings
from issuer.cli.group import ServiceCommand, ServiceGroup

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

record = ServiceGroup("record", help="Names on record, which badges state.")


@record.command("set", cls=ServiceCommand)
@click.argument("email")
@click.option("--org", "slug", metavar="SLUG", required=True, help="Short name of the organisation.")
@click.option("--name", metavar="NAME", required=True, help="The name that badges signed from now on state.")
@click.option("--educator-id", metavar="ID", help="The organisation's own number for the person. Default: as it is.")
def set_(email: str, slug: str, name: str, educator_id: str | None) -> None:
    """Set the record of the person with the address EMAIL. Badges that are out keep what they say."""
    from issuer import clock
    from issuer.db import make_sessions, unit_of_work
    from issuer.queries import records
    from issuer.services import member_records
    from issuer.services.access import Actor

    engine = open_database(settings())
    try:
        with unit_of_work(make_sessions(engine)) as session:
            organisation_id, user_id = _find(session, slug, email)
            made = member_records.set_record(
                session,
                organisation_id=organisation_id,
                user_id=user_id,
                name=name,
                educator_id=educator_id,
                actor=Actor.command(),
                now=clock.now(),
            )
            outdated = len(records.outdated(session, organisation_id, user_id, clock.now()))
    finally:
        engine.dispose()
    click.echo(f"{email} is on record at {slug} as “{made.name}”.")
    if outdated:
        click.echo(
            f"{outdated} badges say something else. To sign them again: badgewright record reissue {email} --org {slug}"
        )


@record.command("reissue", cls=ServiceCommand)
@click.argument("email")
@click.option("--org", "slug", metavar="SLUG", required=True, help="Short name of the organisation.")
def reissue(email: str, slug: str) -> None:
    """Sign the badges of EMAIL again that say something else than the record does now.

    Each old badge is revoked as replaced, its page leads to the new one, and the holder gets a mail.
    """
    from issuer import jobs
    from issuer.db import unit_of_work
    from issuer.runtime import build_runtime
    from issuer.services import reissuing
    from issuer.services.access import Actor

    config = settings()
    open_database(config).dispose()
    runtime = build_runtime(config)
    try:
        with unit_of_work(runtime.sessions) as session:
            organisation_id, user_id = _find(session, slug, email)
            job = reissuing.start_for_person(
                session,
                organisation_id=organisation_id,
                user_id=user_id,
                actor=Actor.command(),
                now=runtime.clock(),
            )
        if job is None:
            click.echo("There is nothing to sign again.")
            return
        job = jobs.run_reissue(runtime, job.number)
    finally:
        runtime.close()
    click.echo(f"{job.reissued} badges were signed again, {job.failed} could not be.")


def _find(session: Session, slug: str, email: str) -> tuple[int, int]:
    from issuer.errors import NotFound
    from issuer.queries import credentials as queries
    from issuer.services import accounts

    user = accounts.find_user(session, email)
    if user is None:
        raise NotFound("There is no such person here.")
    return queries.organisation_by_slug(session, slug).id, user.id
