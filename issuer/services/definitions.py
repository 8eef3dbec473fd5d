"""Definitions of microcredentials: import with a dry run, publish, retire.

What is published is never edited, only succeeded: a changed definition becomes a new draft version beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements import adoption
from achievements.model import Achievement, Framework
from achievements.problems import Problem
from achievements.publication import publication_problems
from achievements.ragged import has_rubric
from achievements.serialise import load
from achievements.sources import free_key
from issuer.errors import Conflict, Invalid, NotFound
from issuer.models import AchievementRow, AchievementVersion
from issuer.services import frameworks
from issuer.services.access import Actor, is_known_in, lock_organisation, note, require_role
from issuer.services.changes import Plan, faults_of, require_ok
from issuer.services.definition_steps import Incoming, Step, by_key, plan_file, plan_items, write
from issuer.services.words import line


@dataclass(frozen=True, slots=True)
class Adoption:
    """Which CFRubric (its URI) is to be that of which microcredential (its key).

    With a `name`, a key that nobody has means a new microcredential; without a key, one is made from the name.
    `required_level`: id, name or points of the level that passes; "" for the upper half of the levels.
    """

    rubric: str
    key: str = ""
    name: str = ""
    required_level: str = ""


def plan(session: Session, *, organisation_id: int, data: bytes, actor: Actor) -> Plan:
    """What importing this file would do. Nothing is written.

    References are filled in from the organisation's frameworks, and from those in the file itself.

    Raises:
        Forbidden: the actor is no admin there.
    """
    require_role(session, actor, organisation_id, "admin", scope="achievements:write")
    return plan_file(session, organisation_id, data)[0]


def apply(session: Session, *, organisation_id: int, data: bytes, actor: Actor, now: datetime) -> Plan:
    """Import the definitions of this file as drafts. Returns what was done, in the words of the dry run.

    Raises:
        Forbidden: the actor is no admin there. Invalid: `import_refused`, with every fault of the file.
    """
    require_role(session, actor, organisation_id, "admin", scope="achievements:write")
    lock_organisation(session, organisation_id)
    return _carry_out(session, organisation_id, *plan_file(session, organisation_id, data), actor, now)


def apply_items(
    session: Session, *, organisation_id: int, achievements: Sequence[Achievement], actor: Actor, now: datetime
) -> Plan:
    """The same for definitions that are values already: from a form, or made from a framework
    (`achievements.adoption`).

    Raises:
        Forbidden: the actor is no admin there. Invalid: `import_refused`.
    """
    require_role(session, actor, organisation_id, "admin", scope="achievements:write")
    lock_organisation(session, organisation_id)
    known = frameworks.of_organisation(session, organisation_id)
    found, steps = plan_items(by_key(session, organisation_id, achievements), known, "", ())
    return _carry_out(session, organisation_id, found, steps, actor, now)


def plan_adoption(session: Session, *, organisation_id: int, wanted: Adoption, actor: Actor) -> Plan:
    """What adopting a framework's rubric would do. Nothing is written.

    Raises:
        Forbidden: the actor is no admin there. NotFound: no microcredential has the key.
    """
    require_role(session, actor, organisation_id, "admin", scope="achievements:write")
    return _plan_adoption(session, organisation_id, wanted)[0]


def adopt(session: Session, *, organisation_id: int, wanted: Adoption, actor: Actor, now: datetime) -> Plan:
    """Assess a microcredential with a CFRubric of one of the organisation's frameworks: criteria, levels and their
    URIs are taken over. A draft is changed; what is published is followed by a draft.

    Raises:
        Forbidden: the actor is no admin there. NotFound: no microcredential has the key.
        Invalid: `import_refused`, with every fault of the rubric.
    """
    require_role(session, actor, organisation_id, "admin", scope="achievements:write")
    lock_organisation(session, organisation_id)
    found, steps = _plan_adoption(session, organisation_id, wanted)
    return _carry_out(session, organisation_id, found, steps, actor, now)


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


def _carry_out(
    session: Session, organisation_id: int, found: Plan, steps: Sequence[Step], actor: Actor, now: datetime
) -> Plan:
    """Raises: Invalid: `import_refused`. Nothing has been written then."""
    require_ok(found)
    for change, version_id in write(session, organisation_id, steps, now):
        _note(session, actor, session.get_one(AchievementVersion, version_id), "achievement.import", now, change)
    return found


def _plan_adoption(session: Session, organisation_id: int, wanted: Adoption) -> tuple[Plan, list[Step]]:
    if not wanted.rubric:
        raise Invalid("Please choose a rubric.", code="rubric_not_chosen")
    row = _row(session, organisation_id, wanted.key)
    if row is None and not wanted.name.strip():
        raise NotFound("There is no such microcredential.")
    known = frameworks.of_organisation(session, organisation_id)
    framework = next((each for each in known if has_rubric(each, wanted.rubric)), None)
    if framework is None:
        problem = Problem("rubric_unresolved", f"No framework here has a CFRubric {wanted.rubric}.")
        return plan_items((), known, "", [problem])
    notes = _passing_note(framework, wanted)
    if row is not None and row.versions:
        made = adoption.with_framework_rubric(load(row.versions[-1].body), wanted.rubric, wanted.required_level)
        return plan_items([Incoming(made, row, notes=notes)], known, "", ())
    try:
        made = adoption.achievement_from_framework(
            framework,
            rubric_uri=wanted.rubric,
            required_level=wanted.required_level,
            key=wanted.key,
            name=line(wanted.name, "name", max_chars=300),
        )
    except adoption.AdoptionError as error:
        return plan_items((), known, "", error.problems or [Problem(error.code, error.message)])
    taken = session.scalars(select(AchievementRow.key).where(AchievementRow.organisation_id == organisation_id))
    return plan_items([Incoming(replace(made, key=free_key(made.key, set(taken))), row, notes=notes)], known, "", ())


def _passing_note(framework: Framework, wanted: Adoption) -> tuple[str, ...]:
    rubric = framework.rubrics.get(wanted.rubric)
    if rubric is None or wanted.required_level:
        return ()
    names = "”, “".join(dict.fromkeys(each.required_level.name for each in rubric.criteria))
    return (f"The framework does not say which level passes. Here it is “{names}” and above, unless you name another.",)


def _row(session: Session, organisation_id: int, key: str) -> AchievementRow | None:
    if not key:
        return None
    question = select(AchievementRow).where(
        AchievementRow.organisation_id == organisation_id, AchievementRow.key == key
    )
    return session.execute(question).unique().scalar_one_or_none()


def _for_admin(session: Session, version_id: int, actor: Actor) -> AchievementVersion:
    """The version, its microcredential's row locked, so that two admins do not publish two versions at once."""
    version = session.get(AchievementVersion, version_id)
    if version is None or not is_known_in(session, actor, version.achievement.organisation_id):
        raise NotFound("There is no such microcredential.")
    require_role(session, actor, version.achievement.organisation_id, "admin", scope="achievements:write")
    session.execute(
        select(AchievementRow)
        .where(AchievementRow.id == version.achievement_id)
        .with_for_update(of=AchievementRow, key_share=True)
        .execution_options(populate_existing=True)
    ).unique().scalar_one()
    session.refresh(version)
    return version


def _note(
    session: Session,
    actor: Actor,
    version: AchievementVersion,
    action: str,
    now: datetime,
    change: str | None = None,
) -> None:
    details = {"version": version.number, "content": version.content_hash}
    if change is not None:
        details["change"] = change
    row = version.achievement
    note(session, actor, row.organisation_id, action, f"achievement:{row.key}", now, details)
