"""How an import of definitions is worked out: what each of them is compared with, and what would become of it.

Three kinds come in. A definition of our own format is found by its key, and completes what a badge from elsewhere
began. A badge from elsewhere is found by its id. A definition that is a value already is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from achievements import imports
from achievements.differences import describe
from achievements.imports import open_badges_2
from achievements.model import Achievement, Framework
from achievements.problems import Problem, Severity
from achievements.publication import publication_problems
from achievements.refresh import refreshed
from achievements.resolution import resolve
from achievements.revision import content_hash
from achievements.serialise import dump, load
from achievements.sources import folded, free_key, source_id
from issuer.models import AchievementRow, AchievementVersion
from issuer.services import frameworks
from issuer.services.changes import Change, Plan, Planned
from issuer.services.words import kept

_MAX_DIFFERENCES = 60


@dataclass(frozen=True, slots=True)
class Incoming:
    """One definition, and the microcredential that it is about. `source`: identity and content hash of a badge from
    elsewhere. `known`: this very badge was imported before, so nothing is done."""

    achievement: Achievement
    row: AchievementRow | None
    source: tuple[str, str] | None = None
    known: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    incoming: Incoming
    achievement: Achievement
    newest: AchievementVersion | None
    planned: Planned


def plan_file(session: Session, organisation_id: int, data: bytes) -> tuple[Plan, list[Step]]:
    read = imports.read(data, _Begun(session, organisation_id))
    problems = list(read.problems)
    if not read.achievements and not read.errors:
        missing = Problem("definition_missing", "There is no microcredential definition in this file.")
        if read.frameworks:
            text = "This file is a competency framework, not a definition. Import it as “A competency framework”."
            missing = replace(missing, message=text)
        problems.append(missing)
    known = (*frameworks.of_organisation(session, organisation_id), *read.frameworks)
    if read.format in imports.BADGE_FORMATS:
        typed = read.format != open_badges_2.FORMAT
        incoming, warnings = _badges(session, organisation_id, read.achievements, typed=typed)
        problems += warnings
    else:
        incoming = by_key(session, organisation_id, read.achievements)
    return plan_items(incoming, known, read.format, problems)


def by_key(session: Session, organisation_id: int, achievements: Sequence[Achievement]) -> list[Incoming]:
    rows = {
        row.key: row
        for row in _rows(session, organisation_id, AchievementRow.key.in_([each.key for each in achievements]))
    }
    return [Incoming(each, rows.get(each.key)) for each in achievements]


def plan_items(
    incoming: Sequence[Incoming], known: Sequence[Framework], file_format: str, problems: Sequence[Problem]
) -> tuple[Plan, list[Step]]:
    steps: list[Step] = []
    found = list(problems)
    used: set[str] = set()
    for each in incoming:
        key = each.achievement.key
        if key in used:
            found.append(Problem("key_repeated", f"The key “{key}” is used twice."))
        used.add(key)
        if each.known:
            steps.append(_unchanged(each))
            continue
        resolved = resolve(each.achievement, known)
        found += resolved.problems
        if len(key) > 120 or len(each.achievement.name) > 300:
            found.append(Problem("name_too_long", "A key has at most 120 characters and a name at most 300."))
        steps.append(_step(each, resolved.achievement))
    return Plan(file_format, tuple(step.planned for step in steps), tuple(found)), steps


def write(session: Session, organisation_id: int, steps: Iterable[Step], now: datetime) -> list[tuple[str, int]]:
    """Carry the steps out: drafts are replaced, what was published is followed by a draft.

    Returns:
        (change, id of the version) of each that was written, flushed.
    """
    written: list[tuple[str, AchievementVersion]] = []
    for step in steps:
        change, version, row = step.planned.change, step.newest, step.incoming.row
        if change is Change.UNCHANGED:
            continue
        if row is None:
            row = AchievementRow(organisation_id=organisation_id, key=step.achievement.key, created_at=now)
            session.add(row)
        if change is not Change.REVISED or version is None:
            number = version.number + 1 if version is not None else 1
            version = AchievementVersion(number=number, status="draft", created_at=now)
            row.versions.append(version)
        if step.incoming.source is not None:
            row.source_id, row.source_hash = step.incoming.source
        version.name = kept(step.achievement.name, "name")
        version.body = dump(step.achievement)
        version.content_hash = content_hash(step.achievement)
        written.append((change.value, version))
    session.flush()
    return [(change, version.id) for change, version in written]


class _Begun:
    """What imports of other formats began in the organisation, by key; read from the database when first asked for."""

    def __init__(self, session: Session, organisation_id: int) -> None:
        self._session, self._organisation_id = session, organisation_id
        self._found: dict[str, Achievement] | None = None

    def __call__(self, key: str) -> Achievement | None:
        if self._found is None:
            rows = _rows(self._session, self._organisation_id, AchievementRow.source_id.is_not(None))
            self._found = {row.key: load(row.versions[-1].body) for row in rows if row.versions}
        return self._found.get(key)


def _badges(
    session: Session, organisation_id: int, achievements: Sequence[Achievement], *, typed: bool
) -> tuple[list[Incoming], list[Problem]]:
    """Badges from elsewhere: each found by its identity, or given a key that nobody has."""
    here = AchievementRow.organisation_id == organisation_id
    held = session.execute(select(AchievementRow.key, AchievementRow.source_id).where(here)).all()
    taken = {key for key, _ in held}
    alike = {folded(identity): key for key, identity in held if identity is not None}
    rows = {
        row.source_id: row
        for row in _rows(
            session, organisation_id, AchievementRow.source_id.in_([source_id(each) for each in achievements])
        )
    }
    incoming: list[Incoming] = []
    problems: list[Problem] = []
    for each in achievements:
        identity = source_id(each)
        source = identity, content_hash(replace(each, key=""))
        row = rows.get(identity)
        if row is not None and row.versions:
            badge = refreshed(load(row.versions[-1].body), each, typed=typed)
            incoming.append(Incoming(badge, row, source, known=row.source_hash == source[1]))
            continue
        near = alike.get(folded(identity))
        key = free_key(each.key, taken)
        taken.add(key)
        alike[folded(identity)] = key
        if near is not None:
            problems.append(
                Problem(
                    "source_id_similar",
                    f"The id of “{each.name}” differs from that of {near} only in case or a trailing slash. It is "
                    "taken for another badge.",
                    severity=Severity.WARNING,
                )
            )
        notes = () if key == each.key else (f"Another microcredential has the key {each.key}: this one gets {key}.",)
        incoming.append(Incoming(replace(each, key=key), row, source, notes=notes))
    return incoming, problems


def _step(incoming: Incoming, achievement: Achievement) -> Step:
    newest = incoming.row.versions[-1] if incoming.row is not None and incoming.row.versions else None
    if newest is None:
        change, before = Change.NEW, None
    elif newest.content_hash == content_hash(achievement):
        change, before = Change.UNCHANGED, None
    else:
        change = Change.REVISED if newest.status == "draft" else Change.NEW_VERSION
        before = load(newest.body)
    planned = Planned(
        "achievement",
        achievement.key,
        achievement.name,
        change,
        incoming.notes,
        describe(before, achievement)[:_MAX_DIFFERENCES] if before is not None else (),
        _missing(achievement, newest if change is Change.UNCHANGED else None),
    )
    return Step(incoming, achievement, newest, planned)


def _missing(achievement: Achievement, stays: AchievementVersion | None) -> tuple[Problem, ...]:
    """What keeps it from being published; nothing where the version that stays has been published already."""
    return () if stays is not None and stays.status != "draft" else publication_problems(achievement)


def _unchanged(incoming: Incoming) -> Step:
    row = incoming.row
    if row is None:
        raise RuntimeError("a badge that was imported before has a row")
    newest = row.versions[-1]
    held = load(newest.body)
    missing = _missing(held, newest)
    planned = Planned("achievement", held.key, held.name, Change.UNCHANGED, incoming.notes, missing=missing)
    return Step(incoming, held, newest, planned)


def _rows(session: Session, organisation_id: int, *conditions: object) -> Sequence[AchievementRow]:
    question = select(AchievementRow).where(
        AchievementRow.organisation_id == organisation_id,
        or_(*conditions),  # type: ignore[arg-type]  # column expressions
    )
    return session.execute(question.order_by(AchievementRow.id)).unique().scalars().all()
