"""Competency frameworks of an organisation: a dry run, then the import. A second import of the same changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements import imports
from achievements.model import Competency, Framework
from achievements.problems import Problem
from achievements.serialise import dump_framework, load_framework
from issuer.models import CompetencyRow, FrameworkRow
from issuer.services.access import Actor, lock_organisation, note, require_role
from issuer.services.changes import Change, Plan, Planned, require_ok
from issuer.services.words import kept

_MAX_URI = 1_000


@dataclass(frozen=True, slots=True)
class _Step:
    framework: Framework
    row: FrameworkRow | None
    planned: Planned


def plan(session: Session, *, organisation_id: int, data: bytes, actor: Actor) -> Plan:
    """What importing this file would do. Nothing is written.

    Raises:
        Forbidden: the actor is no admin there.
    """
    require_role(session, actor, organisation_id, "admin", scope="achievements:write")
    return _plan(session, organisation_id, data)[0]


def apply(session: Session, *, organisation_id: int, data: bytes, actor: Actor, now: datetime) -> Plan:
    """Import the frameworks of this file. Returns what was done, in the words of the dry run.

    Published microcredentials keep the alignments that they were published with.

    Raises:
        Forbidden: the actor is no admin there. Invalid: `import_refused`, with every fault of the file.
    """
    require_role(session, actor, organisation_id, "admin", scope="achievements:write")
    # One import at a time in an organisation: two would both find a framework missing and both add it.
    lock_organisation(session, organisation_id)
    found, steps = _plan(session, organisation_id, data)
    require_ok(found)
    changed = [step for step in steps if step.planned.change is not Change.UNCHANGED]
    for step in changed:
        row = step.row
        if row is None:
            row = FrameworkRow(organisation_id=organisation_id, uri=step.framework.uri)
            session.add(row)
        row.identifier = kept(step.framework.identifier, "identifier")[:200]
        row.title = kept(step.framework.title, "title")[:500]
        row.body = dump_framework(step.framework)
        row.source, row.source_sha256 = data, hashlib.sha256(data).hexdigest()
        row.imported_at = now
        _write_competencies(row, step.framework.competencies)
    session.flush()
    for step in changed:
        details = {"change": step.planned.change.value, "sha256": hashlib.sha256(data).hexdigest()}
        subject = f"framework:{step.framework.identifier}"[:200]
        note(session, actor, organisation_id, "framework.import", subject, now, details)
    return found


def of_organisation(session: Session, organisation_id: int) -> tuple[Framework, ...]:
    """Every framework the organisation holds, as it was read."""
    bodies = session.execute(
        select(FrameworkRow.body).where(FrameworkRow.organisation_id == organisation_id).order_by(FrameworkRow.id)
    ).scalars()
    return tuple(load_framework(body) for body in bodies)


def _plan(session: Session, organisation_id: int, data: bytes) -> tuple[Plan, list[_Step]]:
    read = imports.read(data)
    problems = list(read.problems)
    if not read.frameworks and not read.errors:
        missing = Problem("framework_missing", "There is no competency framework in this file.")
        if read.achievements:
            text = "This file holds microcredentials, not a competency framework. Import it as “Microcredentials”."
            missing = replace(missing, message=text)
        problems.append(missing)
    problems += _too_long(read.frameworks)
    if len({each.uri for each in read.frameworks}) < len(read.frameworks):
        problems.append(Problem("uri_repeated", "Two frameworks in this file have the same URI."))
    rows = {
        row.uri: row
        for row in session.execute(
            select(FrameworkRow).where(
                FrameworkRow.organisation_id == organisation_id,
                FrameworkRow.uri.in_([each.uri for each in read.frameworks]),
            )
        ).scalars()
    }
    steps = [_step(framework, rows.get(framework.uri)) for framework in read.frameworks]
    return Plan(read.format, tuple(step.planned for step in steps), tuple(problems)), steps


def _step(framework: Framework, row: FrameworkRow | None) -> _Step:
    name = framework.title or framework.uri
    if row is None:
        notes: tuple[str, ...] = (f"{len(framework.competencies)} competencies",)
        if framework.rubrics:
            notes += (f"{len(framework.rubrics)} rubrics, to be used by microcredentials",)
        return _Step(framework, row, Planned("framework", framework.uri, name, Change.NEW, notes))
    if row.body == dump_framework(framework):
        return _Step(framework, row, Planned("framework", framework.uri, name, Change.UNCHANGED))
    before = {item.uri: item for item in load_framework(row.body).competencies}
    after = {item.uri: item for item in framework.competencies}
    counts = (
        ("added", len(after.keys() - before.keys())),
        ("removed", len(before.keys() - after.keys())),
        ("changed", sum(before[uri] != after[uri] for uri in before.keys() & after.keys())),
    )
    notes = tuple(f"{count} competencies {what}" for what, count in counts if count)
    return _Step(framework, row, Planned("framework", framework.uri, name, Change.REVISED, notes))


def _too_long(frameworks: Sequence[Framework]) -> list[Problem]:
    uris = [each.uri for each in frameworks] + [item.uri for each in frameworks for item in each.competencies]
    message = f"An identifier is longer than {_MAX_URI} characters."
    return [Problem("uri_too_long", message) for uri in uris if len(uri) > _MAX_URI or "\x00" in uri][:1]


def _write_competencies(row: FrameworkRow, competencies: Sequence[Competency]) -> None:
    """Rows keep their place by URI; what is no longer in the framework goes."""
    known = {each.uri: each for each in row.competencies}
    made: list[CompetencyRow] = []
    for position, item in enumerate({each.uri: each for each in competencies}.values()):
        each = known.get(item.uri) or CompetencyRow(uri=item.uri)
        each.parent_uri = item.parent[:_MAX_URI]
        each.code = kept(item.human_coding_scheme, "code")[:200]
        each.statement = kept(item.full_statement, "statement")
        each.position = position
        made.append(each)
    row.competencies = made
