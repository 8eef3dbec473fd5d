"""`init`, `migrate`, `org add` and `user add`: what makes an installation one's own."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import click

from issuer.cli.environment import (
    migrate_database,
    open_database,
    require_key_secret,
    settings,
    settings_with_secrets,
)
from issuer.cli.group import ServiceCommand, ServiceGroup

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from issuer.config import Config
    from issuer.models import Organisation

ROLES = ("teacher", "coach", "admin", "agency")


def slug_from(name: str) -> str:
    """A short name for addresses from a full one: `Río Verde Schools` becomes `rio-verde-schools`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].strip("-")


@click.command(cls=ServiceCommand)
@click.option("--organisation", metavar="NAME", help="Full name of the first organisation. Asked for if left out.")
@click.option("--slug", metavar="WORD", help="Its short name in addresses and in its DID. Default: made from the name.")
@click.option(
    "--admin", metavar="EMAIL", help="The first admin, who also runs this installation. Asked for if left out."
)
@click.option("--admin-name", metavar="NAME", help="The admin's name. Default: the part of the e-mail before the @.")
def init(organisation: str | None, slug: str | None, admin: str | None, admin_name: str | None) -> None:
    """Set up an installation: secrets, database, first organisation with its issuer key, first admin.

    Makes the secrets once in the data folder (BADGEWRIGHT_VAR, ./var if not set), brings the database (DATABASE_URL, a
    SQLite file in the data folder if not set) up to date, and prints the admin's password once. Set
    BADGEWRIGHT_BASE_URL to the public address first: every identifier in a credential starts with it. Running it again
    changes nothing.
    """
    from sqlalchemy import select

    from issuer.db import make_sessions, reading
    from issuer.models import Organisation

    config = settings_with_secrets()
    migrate_database(config)
    sessions = make_sessions(open_database(config))
    with reading(sessions) as session:
        there = session.execute(select(Organisation.name).order_by(Organisation.id).limit(1)).scalar_one_or_none()
    if there is not None:
        click.echo(f"This installation is ready: secrets and database are in place, and “{there}” exists.")
        return
    organisation = organisation or click.prompt("Name of the organisation that issues")
    admin = admin or click.prompt("E-mail address of its admin")
    _organisation(config, organisation, slug, admin, admin_name, operator=True)
    click.echo(f"\nPublic address: {config.base_url}\nNext: badgewright serve")


@click.command(cls=ServiceCommand)
def migrate() -> None:
    """Bring the database up to date with this version. Changes nothing if it is.

    DATABASE_URL says which database. All of it happens or nothing; make a backup first all the same.
    """
    done = migrate_database(settings())
    click.echo("The database is now up to date." if done else "The database was up to date already.")


org = ServiceGroup("org", help="Organisations that issue.")


@org.command("add")
@click.argument("name")
@click.option("--slug", metavar="WORD", help="Short name in addresses and in its DID. Default: made from the name.")
@click.option(
    "--admin", metavar="EMAIL", required=True, help="Its first admin; a new account gets a password, printed once."
)
@click.option("--admin-name", metavar="NAME", help="The admin's name. Default: the part of the e-mail before the @.")
def org_add(name: str, slug: str | None, admin: str, admin_name: str | None) -> None:
    """Add the organisation NAME with its issuer key and its first admin.

    Its DID is did:web:<public address>:orgs:<short name>. The short name never changes.
    """
    _organisation(settings(), name, slug, admin, admin_name, operator=False)


user = ServiceGroup("user", help="People.")


@user.command("add")
@click.argument("email")
@click.option("--name", metavar="NAME", help="Full name. Default: the part of the e-mail before the @.")
@click.option("--org", "slug", metavar="WORD", required=True, help="Short name of the organisation.")
@click.option(
    "--role", "roles", type=click.Choice(ROLES), multiple=True, required=True, help="May be given several times."
)
def user_add(email: str, name: str | None, slug: str, roles: tuple[str, ...]) -> None:
    """Give the person with the address EMAIL a role in an organisation.

    A person without an account gets one, with a password that is printed once. Whoever has one is added directly: the
    person is not asked, unlike on the page and through the API.
    """
    from sqlalchemy import select

    from issuer import clock
    from issuer.db import make_sessions, unit_of_work
    from issuer.models import Organisation
    from issuer.services import accounts, member_records
    from issuer.services.access import Actor

    sessions = make_sessions(open_database(settings()))
    with unit_of_work(sessions) as session:
        found = session.execute(select(Organisation).where(Organisation.slug == slug)).scalar_one_or_none()
        if found is None:
            raise click.ClickException(f"There is no organisation “{slug}”. badgewright org add makes one.")
        user_id, password = _person(session, email, name)
        for role in dict.fromkeys(roles):
            accounts.add_member(
                session,
                user_id=user_id,
                organisation_id=found.id,
                role=role,
                actor=Actor.command(),
                now=clock.now(),
            )
        if name:
            member_records.begin_record(
                session, organisation_id=found.id, user_id=user_id, name=name, actor=Actor.command(), now=clock.now()
            )
    click.echo(f"{email} is now {' and '.join(dict.fromkeys(roles))} at {found.name}.")
    _say_password(password)


@user.command("remove")
@click.argument("email")
@click.option("--org", "slug", metavar="WORD", required=True, help="Short name of the organisation.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="The role to take away.")
def user_remove(email: str, slug: str, role: str) -> None:
    """Take a role in an organisation away from the person with the address EMAIL.

    The API keys that an admin made end with the role; they are printed.
    """
    from issuer import clock
    from issuer.db import make_sessions, unit_of_work
    from issuer.queries import credentials as queries
    from issuer.services import accounts
    from issuer.services.access import Actor

    with unit_of_work(make_sessions(open_database(settings()))) as session:
        found = queries.organisation_by_slug(session, slug)
        person = accounts.find_user(session, email)
        if person is None:
            raise click.ClickException(f"There is no account with the address {email}.")
        ended = accounts.remove_member(
            session, user_id=person.id, organisation_id=found.id, role=role, actor=Actor.command(), now=clock.now()
        )
        keys = [f"  {key.prefix}  {key.name}" for key in ended]
    click.echo(f"{email} is no longer {role} at {found.name}.")
    if keys:
        click.echo("\n".join(["API keys that ended with it:", *keys]))


def _organisation(
    config: Config, name: str, slug: str | None, admin: str, admin_name: str | None, *, operator: bool
) -> Organisation:
    from issuer import clock
    from issuer.credentials.addresses import Addresses
    from issuer.db import make_sessions, unit_of_work
    from issuer.services import accounts, keys
    from issuer.services.access import Actor
    from issuer.signing import Keyring

    actor, now = Actor.command(), clock.now()
    engine = open_database(config)
    # Or else the new key would be stored under another secret than the others.
    require_key_secret(config, engine)
    with unit_of_work(make_sessions(engine)) as session:
        organisation = accounts.create_organisation(
            session, slug=slug or slug_from(name), name=name, actor=actor, now=now
        )
        keys.create_key(session, Keyring(config.key_secret), organisation.id, actor, now)
        user_id, password = _person(session, admin, admin_name)
        accounts.add_member(
            session, user_id=user_id, organisation_id=organisation.id, role="admin", actor=actor, now=now
        )
        if operator:
            accounts.grant_operator(session, user_id=user_id, actor=actor, now=now)
    click.echo(f"Organisation: {organisation.name}")
    click.echo(f"Its DID:      {Addresses(config.base_url).organisation_did(organisation.slug)}")
    click.echo(f"Admin:        {admin}")
    _say_password(password)
    return organisation


def _person(session: Session, email: str, name: str | None) -> tuple[int, str | None]:
    """The person's number, and a password if the account is new."""
    from issuer import clock
    from issuer.services import accounts
    from issuer.services.access import Actor
    from issuer.services.passwords import hash_password, random_password

    found = accounts.find_user(session, email)
    if found is not None:
        return found.id, None
    password = random_password()
    made = accounts.create_user(
        session,
        email=email,
        name=name or email.partition("@")[0],
        password_hash=hash_password(password),
        actor=Actor.command(),
        now=clock.now(),
    )
    return made.id, password


def _say_password(password: str | None) -> None:
    if password is None:
        click.echo("The account was there already; its password stays.")
    else:
        click.echo(f"Password:     {password}   (shown once; change it after the first sign-in)")
