"""Definitions of microcredentials: import with a dry run, publish, retire.

What is published is never edited, only succeeded: a changed definition becomes a new draft version beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements import imports
from achievements.model import Achievement, Framework
from achievements.problems import Problem
from achievements.publication import publication_problems
from achievements.resolution import resolve
from achievements.revision import content_hash, diff
from achievements.serialise import dump, load
from issuer.errors import Conflict, Invalid, NotFound
from issuer.models import AchievementRow, AchievementVersion, Organisation
from issuer.services import frameworks
from issuer.services.access import Actor, note, require_role, roles_of
from issuer.services.changes import Change, Plan, Planned, faults_of, require_ok
from issuer.services.words import kept

_MAX_NOTES = 20


@dataclass(frozen=True, slots=True)
class _Step:
    achievement: Achievement
    row: AchievementRow | None
    newest: AchievementVersion | None
    planned: Planned


def plan(session: Session, *, organisation_id: int, data: bytes, actor: Actor) -> Plan:
    """What importing this file would do. Nothing is written.

    References are filled in from the organisation's frameworks, and from those in the file itself.

    Raises:
        Forbidden: the actor is no admin there.
    """
    require_role(session, actor, organisation_id, "admin")
    return _plan_file(session, organisation_id, data)[0]


def apply(session: Session, *, organisation_id: int, data: bytes, actor: Actor, now: datetime) -> Plan:
    """Import the definitions of this file as drafts. Returns what was done, in the words of the dry run.

    Raises:
        Forbidden: the actor is no admin there. Invalid: `import_refused`, with every fault of the file.
    """
    require_role(session, actor, organisation_id, "admin")
    _lock(session, organisation_id)
    found, steps = _plan_file(session, organisation_id, data)
    require_ok(found)
    _write(session, organisation_id, steps, actor, now)
    return found


def apply_items(
    session: Session, *, organisation_id: int, achievements: Sequence[Achievement], actor: Actor, now: datetime
) -> Plan:
    """The same for definitions that are values already: from a form, or made from a framework
    (`achievements.adoption`).

    Raises:
        Forbidden: the actor is no admin there. Invalid: `import_refused`.
    """
    require_role(session, actor, organisation_id, "admin")
    _lock(session, organisation_id)
    known = frameworks.of_organisation(session, organisation_id)
    found, steps = _plan_items(session, organisation_id, achievements, known, "", ())
    require_ok(found)
    _write(session, organisation_id, steps, actor, now)
    return found


def publish(session: Session, *, version_id: int, actor: Actor, now: datetime) -> AchievementVersion:
    """Open a draft version for submissions. An earlier published version of the same microcredential is retired; who
    has begun it may finish it.

    Raises:
        NotFound. Forbidden. Conflict: `already_published`. Invalid: `not_publishable`, with every fault.
    """
    version = _for_admin(session, version_id, actor)
    if version.status != "draft":
        raise Conflict("This version has been published already.", code="already_published")
    missing = publication_problems(load(version.body))
    if missing:
        raise Invalid(
            f"“{version.name}” is not complete yet, so it cannot be published.",
            code="not_publishable",
            faults=faults_of(missing),
        )
    followed = [each for each in version.achievement.versions if each.status == "published"]
    for each in followed:
        each.status, each.retired_at = "retired", now
    version.status, version.published_at = "published", now
    session.flush()
    for each in followed:
        _note(session, actor, each, "achievement.retire", now)
    _note(session, actor, version, "achievement.publish", now)
    return version


def retire(session: Session, *, version_id: int, actor: Actor, now: datetime) -> AchievementVersion:
    """Close a published version for new submissions. What was awarded stays valid, its pages stay.

    Raises:
        NotFound. Forbidden. Conflict: `not_published`.
    """
    version = _for_admin(session, version_id, actor)
    if version.status != "published":
        raise Conflict("Only a published version can be retired.", code="not_published")
    version.status, version.retired_at = "retired", now
    session.flush()
    _note(session, actor, version, "achievement.retire", now)
    return version


def _plan_file(session: Session, organisation_id: int, data: bytes) -> tuple[Plan, list[_Step]]:
    read = imports.read(data)
    problems = list(read.problems)
    if not read.achievements and not read.errors:
        problems.append(Problem("definition_missing", "There is no microcredential definition in this file."))
    known = (*frameworks.of_organisation(session, organisation_id), *read.frameworks)
    return _plan_items(session, organisation_id, read.achievements, known, read.format, problems)


def _plan_items(
    session: Session,
    organisation_id: int,
    achievements: Sequence[Achievement],
    known: Sequence[Framework],
    file_format: str,
    problems: Sequence[Problem],
) -> tuple[Plan, list[_Step]]:
    rows = {
        row.key: row
        for row in session.execute(
            select(AchievementRow).where(
                AchievementRow.organisation_id == organisation_id,
                AchievementRow.key.in_([each.key for each in achievements]),
            )
        )
        .unique()
        .scalars()
    }
    steps: list[_Step] = []
    found = list(problems)
    seen: set[str] = set()
    for achievement in achievements:
        if achievement.key in seen:
            found.append(Problem("key_repeated", f"The key “{achievement.key}” is used twice."))
        seen.add(achievement.key)
        resolved = resolve(achievement, known)
        found += resolved.problems
        if len(achievement.key) > 120 or len(achievement.name) > 300:
            found.append(Problem("name_too_long", "A key has at most 120 characters and a name at most 300."))
        steps.append(_step(resolved.achievement, rows.get(achievement.key)))
    return Plan(file_format, tuple(step.planned for step in steps), tuple(found)), steps


def _step(achievement: Achievement, row: AchievementRow | None) -> _Step:
    newest = row.versions[-1] if row is not None and row.versions else None
    notes: tuple[str, ...] = ()
    if newest is None:
        change = Change.NEW
    elif newest.content_hash == content_hash(achievement):
        change = Change.UNCHANGED
    else:
        change = Change.REVISED if newest.status == "draft" else Change.NEW_VERSION
        places = dict.fromkeys(each.pointer for each in diff(load(newest.body), achievement))
        notes = tuple(f"differs at {place}" for place in list(places)[:_MAX_NOTES])
    return _Step(achievement, row, newest, Planned("achievement", achievement.key, achievement.name, change, notes))


def _write(session: Session, organisation_id: int, steps: Sequence[_Step], actor: Actor, now: datetime) -> None:
    written: list[tuple[AchievementVersion, Change]] = []
    for step in steps:
        change, version = step.planned.change, step.newest
        if change is Change.UNCHANGED:
            continue
        if change is not Change.REVISED or version is None:
            row = step.row
            if row is None:
                row = AchievementRow(organisation_id=organisation_id, key=step.achievement.key, created_at=now)
                session.add(row)
            version = AchievementVersion(
                number=version.number + 1 if version is not None else 1, status="draft", created_at=now
            )
            row.versions.append(version)
        version.name = kept(step.achievement.name, "name")
        version.body = dump(step.achievement)
        version.content_hash = content_hash(step.achievement)
        written.append((version, change))
    session.flush()
    for version, change in written:
        _note(session, actor, version, "achievement.import", now, change)


def _for_admin(session: Session, version_id: int, actor: Actor) -> AchievementVersion:
    """The version, its microcredential's row locked, so that two admins do not publish two versions at once."""
    version = session.get(AchievementVersion, version_id)
    if version is None or not roles_of(session, actor, version.achievement.organisation_id):
        raise NotFound("There is no such microcredential.")
    require_role(session, actor, version.achievement.organisation_id, "admin")
    session.execute(
        select(AchievementRow)
        .where(AchievementRow.id == version.achievement_id)
        .with_for_update(of=AchievementRow, key_share=True)
        .execution_options(populate_existing=True)
    ).unique().scalar_one()
    session.refresh(version)
    return version


def _lock(session: Session, organisation_id: int) -> None:
    """One import at a time in an organisation."""
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update(key_share=True))


def _note(
    session: Session,
    actor: Actor,
    version: AchievementVersion,
    action: str,
    now: datetime,
    change: Change | None = None,
) -> None:
    details = {"version": version.number, "content": version.content_hash}
    if change is not None:
        details["change"] = change.value
    row = version.achievement
    note(session, actor, row.organisation_id, action, f"achievement:{row.key}", now, details)
