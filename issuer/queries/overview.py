"""How a district is doing: numbers for its admins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, extract, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from issuer.models import AchievementRow, AchievementVersion, Credential, Review, StatusEntry, Submission
from issuer.workflow import State

STATUSES = ("draft", "published", "retired")


@dataclass(frozen=True, slots=True)
class Overview:
    """Every status and state is there, with 0 where nothing is in it."""

    versions: Mapping[str, int]
    submissions: Mapping[str, int]
    teachers: int
    credentials: int
    revoked: int


@dataclass(frozen=True, slots=True)
class Month:
    """What happened in one month (UTC). `handed_in` counts submissions by their last hand-in."""

    year: int
    month: int
    started: int
    handed_in: int
    returned: int
    issued: int


def overview(session: Session, organisation_id: int) -> Overview:
    """The numbers of today. `teachers`: how many different people have started something."""
    versions = session.execute(
        select(AchievementVersion.status, func.count())
        .join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)
        .where(AchievementRow.organisation_id == organisation_id)
        .group_by(AchievementVersion.status)
    )
    here = _submissions_here(organisation_id)
    states = session.execute(
        select(Submission.state, func.count()).where(Submission.id.in_(here)).group_by(Submission.state)
    )
    teachers = session.scalar(select(func.count(func.distinct(Submission.teacher_id))).where(Submission.id.in_(here)))
    credentials, revoked = session.execute(
        select(func.count(), func.coalesce(func.sum(StatusEntry.value), 0))
        .select_from(Credential)
        .join(StatusEntry, StatusEntry.id == Credential.status_entry_id)
        .where(Credential.organisation_id == organisation_id, Credential.replaced_at.is_(None))
    ).one()
    return Overview(
        versions={**dict.fromkeys(STATUSES, 0), **{row[0]: row[1] for row in versions}},
        submissions={
            **dict.fromkeys((state.value for state in State), 0),
            **{row[0]: row[1] for row in states},
        },
        teachers=teachers or 0,
        credentials=credentials,
        revoked=revoked,
    )


def growth(session: Session, organisation_id: int, now: datetime, *, months: int = 12) -> tuple[Month, ...]:
    """The last months, the oldest first, the present one last; months in which nothing happened are there too."""
    here = _submissions_here(organisation_id)
    started = _by_month(session, Submission.started_at, Submission.id.in_(here))
    handed_in = _by_month(session, Submission.submitted_at, Submission.id.in_(here))
    returned = _by_month(session, Review.decided_at, Review.submission_id.in_(here), Review.outcome == "returned")
    issued = _by_month(
        session,
        Credential.awarded_at,
        Credential.organisation_id == organisation_id,
        Credential.replaced_at.is_(None),
    )
    newest = now.year * 12 + now.month - 1
    places = [divmod(each, 12) for each in range(newest - months + 1, newest + 1)]
    return tuple(
        Month(
            year,
            month + 1,
            started.get((year, month + 1), 0),
            handed_in.get((year, month + 1), 0),
            returned.get((year, month + 1), 0),
            issued.get((year, month + 1), 0),
        )
        for year, month in places
    )


def _by_month(
    session: Session, moment: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]
) -> dict[tuple[int, int], int]:
    year, month = extract("year", moment), extract("month", moment)
    rows = session.execute(
        select(year, month, func.count()).where(moment.is_not(None), *conditions).group_by(year, month)
    )
    return {(int(row[0]), int(row[1])): int(row[2]) for row in rows}


def _submissions_here(organisation_id: int) -> Select[int]:
    return (
        select(Submission.id)
        .join(AchievementVersion, AchievementVersion.id == Submission.version_id)
        .join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)
        .where(AchievementRow.organisation_id == organisation_id)
    )
