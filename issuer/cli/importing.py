"""`import framework`, `import definitions` and `import rubric`: a dry run first, the import only when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from issuer.cli.environment import open_database, settings
from issuer.cli.group import ServiceGroup

if TYPE_CHECKING:
    from issuer.services.changes import Plan
    from issuer.services.definitions import Adoption

_WORDS = {"new": "new", "revised": "changed", "new_version": "a new version", "unchanged": "as it was"}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

import_ = ServiceGroup("import", help="Frameworks and definitions from files.")


@import_.command("framework")
@click.argument("file", type=_FILE)
@click.option("--org", "slug", metavar="WORD", required=True, help="Short name of the organisation.")
@click.option("--apply", "really", is_flag=True, help="Import. Without it only what would happen is said.")
def framework(file: Path, slug: str, really: bool) -> None:
    """Import a competency framework (CASE JSON or CSV). Importing it again changes nothing."""
    from issuer.services import frameworks

    _run(frameworks, file, slug, really=really)


@import_.command("definitions")
@click.argument("file", type=_FILE)
@click.option("--org", "slug", metavar="WORD", required=True, help="Short name of the organisation.")
@click.option("--apply", "really", is_flag=True, help="Import. Without it only what would happen is said.")
@click.option("--publish", is_flag=True, help="Open what was imported for submissions. Needs --apply.")
def definitions(file: Path, slug: str, really: bool, publish: bool) -> None:
    """Import definitions of microcredentials, in any format that is read, as drafts.

    What is published is never edited: a changed definition becomes a new version beside it.
    """
    from issuer.services import definitions as service

    if publish and not really:
        raise click.UsageError("--publish needs --apply.")
    _run(service, file, slug, really=really, publish=publish)


@import_.command("rubric")
@click.argument("uri")
@click.option("--org", "slug", metavar="WORD", required=True, help="Short name of the organisation.")
@click.option("--key", default="", help="Key of the microcredential. With --name it may be a new one.")
@click.option("--name", default="", help="Name of a new microcredential.")
@click.option("--level", default="", help="Name, score or id of the level that passes. Default: the upper half.")
@click.option("--apply", "really", is_flag=True, help="Adopt it. Without it only what would happen is said.")
def rubric(uri: str, slug: str, key: str, name: str, level: str, really: bool) -> None:
    """Assess a microcredential with a rubric (the URI of a CFRubric) of an imported framework."""
    from issuer.services.definitions import Adoption

    if not key and not name:
        raise click.UsageError("Name the microcredential with --key, or a new one with --name.")
    _adopt(Adoption(uri, key, name, level), slug, really=really)


@import_.command("template")
@click.argument("key")
@click.option("--org", "slug", metavar="WORD", required=True, help="Short name of the organisation.")
def template(key: str, slug: str) -> None:
    """Print the newest version of a microcredential as a definition file, what it lacks left empty."""
    from achievements.exports import definition_text
    from issuer.db import make_sessions, reading
    from issuer.errors import NotFound
    from issuer.queries.catalogue import of_organisation
    from issuer.queries.credentials import organisation_by_slug

    with reading(make_sessions(open_database(settings()))) as session:
        here = organisation_by_slug(session, slug)
        found = next((offer for offer in of_organisation(session, here.id) if offer.key == key), None)
    if found is None:
        raise NotFound("There is no such microcredential.")
    click.echo(definition_text([found.achievement]), nl=False)


def _adopt(wanted: Adoption, slug: str, *, really: bool) -> None:
    from issuer import clock
    from issuer.db import make_sessions, reading, unit_of_work
    from issuer.queries.credentials import organisation_by_slug
    from issuer.services import definitions as service
    from issuer.services.access import Actor

    sessions, actor = make_sessions(open_database(settings())), Actor.command()
    if really:
        with unit_of_work(sessions) as session:
            here = organisation_by_slug(session, slug)
            done = service.adopt(session, organisation_id=here.id, wanted=wanted, actor=actor, now=clock.now())
        _say(done)
        click.echo("Adopted." if done.changes else "Nothing had to be changed.")
        return
    with reading(sessions) as session:
        here = organisation_by_slug(session, slug)
        plan = service.plan_adoption(session, organisation_id=here.id, wanted=wanted, actor=actor)
    _say(plan)
    if not plan.ok:
        raise click.ClickException("This rubric cannot be adopted.")
    click.echo("Nothing has been changed. Adopt it with --apply.")


def _run(service: Any, file: Path, slug: str, *, really: bool, publish: bool = False) -> None:
    from issuer import clock
    from issuer.db import make_sessions, reading, unit_of_work
    from issuer.queries.catalogue import of_organisation
    from issuer.queries.credentials import organisation_by_slug
    from issuer.services import definitions as published
    from issuer.services.access import Actor
    from issuer.storage import readable

    config = settings()
    if file.stat().st_size > config.max_import_bytes:
        raise click.ClickException(f"{file} is larger than {readable(config.max_import_bytes)}.")
    engine, data, actor, now = open_database(config), file.read_bytes(), Actor.command(), clock.now()
    sessions = make_sessions(engine)
    if not really:
        with reading(sessions) as session:
            here = organisation_by_slug(session, slug)
            plan = service.plan(session, organisation_id=here.id, data=data, actor=actor)
        _say(plan)
        if not plan.ok:
            raise click.ClickException("This file cannot be imported.")
        click.echo("Nothing has been changed. Import it with --apply.")
        return
    with unit_of_work(sessions) as session:
        here = organisation_by_slug(session, slug)
        plan = service.apply(session, organisation_id=here.id, data=data, actor=actor, now=now)
        keys = {item.key for item in plan.items}
        drafts = [o for o in of_organisation(session, here.id) if o.key in keys and o.version.status == "draft"]
        for offer in drafts if publish else ():
            published.publish(session, version_id=offer.version.id, actor=actor, now=now)
    _say(plan)
    click.echo(f"Imported: {len(plan.changes)} of {len(plan.items)} changed." + (" Published." if publish else ""))


def _say(plan: Plan) -> None:
    for item in plan.items:
        notes = f" ({'; '.join(item.notes)})" if item.notes else ""
        key = f" [{item.key}]" if item.kind == "achievement" else ""
        click.echo(f"{_WORDS[item.change.value]:>14}  {item.name}{key}{notes}")
        for each in item.differences:
            click.echo(f"{'':>14}  {each.field}: {each.before or '–'} → {each.after or '–'}")
        for problem in item.missing:
            click.echo(f"{'missing':>14}  {problem.message}")
    for problem in plan.problems:
        click.echo(f"{problem.severity.value:>14}  {problem.pointer or '/'}: {problem.message}", err=True)
