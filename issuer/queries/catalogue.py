"""What a district offers: its microcredentials, and the frameworks they are aligned to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from achievements.framework import Tree
from achievements.model import Achievement, Competency, Framework
from achievements.serialise import load, load_framework
from issuer.errors import NotFound
from issuer.models import AchievementRow, AchievementVersion, CompetencyRow, FrameworkRow, Organisation


@dataclass(frozen=True, slots=True)
class Offer:
    """A version with its definition as a value."""

    version: AchievementVersion
    achievement: Achievement

    @property
    def organisation(self) -> Organisation:
        return self.version.achievement.organisation

    @property
    def key(self) -> str:
        return self.version.achievement.key


@dataclass(frozen=True, slots=True)
class Branch:
    """One competency on a page, in reading order. `depth` 0 at the top; `direct` and `below`: keys of the published
    microcredentials aligned to it, or to something under it."""

    depth: int
    competency: Competency
    direct: tuple[str, ...]
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrameworkTree:
    row: FrameworkRow
    framework: Framework
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class FrameworkRubric:
    """A CFRubric that a microcredential may adopt."""

    uri: str
    title: str
    framework: str
    criteria: int


def search(
    session: Session, *, text: str = "", competency: str = "", organisation_id: int | None = None
) -> tuple[Offer, ...]:
    """Published versions by name.

    Args:
        text: every word of it is in the name, the description, the tags or the competencies; in any case.
        competency: the URI of one that the microcredential, or a criterion of it, is aligned to.
        organisation_id: of one district; None for all of them.
    """
    question = _versions().where(AchievementVersion.status == "published")
    if organisation_id is not None:
        question = question.where(AchievementRow.organisation_id == organisation_id)
    offers = _offers(session, question.order_by(AchievementVersion.name, AchievementVersion.id))
    words = text.casefold().split()
    return tuple(
        offer
        for offer in offers
        if all(word in _searched(offer.achievement) for word in words)
        and (not competency or competency in _aligned_to(offer.achievement))
    )


def one(session: Session, slug: str, key: str, number: int | None = None) -> Offer:
    """A version that is or was published; without a number the newest of those. Raises: NotFound."""
    question = (
        _versions()
        .join(Organisation, Organisation.id == AchievementRow.organisation_id)
        .where(Organisation.slug == slug, AchievementRow.key == key, AchievementVersion.published_at.is_not(None))
        .order_by(AchievementVersion.number.desc())
        .limit(1)
    )
    if number is not None:
        question = question.where(AchievementVersion.number == number)
    found = next(iter(_offers(session, question)), None)
    if found is None:
        raise NotFound("There is no such microcredential.")
    return found


def of_organisation(session: Session, organisation_id: int) -> tuple[Offer, ...]:
    """Every version of a district, drafts and retired ones too, for its admins: by key, the newest first."""
    return tuple(
        _offers(
            session,
            _versions()
            .where(AchievementRow.organisation_id == organisation_id)
            .order_by(AchievementRow.key, AchievementVersion.number.desc()),
        )
    )


def version_of_organisation(session: Session, organisation_id: int, version_id: int) -> Offer:
    """One version of a district in whatever state, for its admins. Raises: NotFound."""
    question = _versions().where(AchievementRow.organisation_id == organisation_id, AchievementVersion.id == version_id)
    found = next(iter(_offers(session, question)), None)
    if found is None:
        raise NotFound("There is no such microcredential.")
    return found


def frameworks(session: Session, organisation_id: int) -> tuple[FrameworkRow, ...]:
    """The frameworks of a district, by title."""
    return tuple(
        session.scalars(
            select(FrameworkRow)
            .where(FrameworkRow.organisation_id == organisation_id)
            .order_by(FrameworkRow.title, FrameworkRow.id)
        )
    )


def framework_places(session: Session, organisation_id: int, uris: Iterable[str]) -> dict[str, int]:
    """Which of these competencies are in a framework of the district: URI to the framework's id."""
    found = session.execute(
        select(CompetencyRow.uri, FrameworkRow.id)
        .join(FrameworkRow, FrameworkRow.id == CompetencyRow.framework_id)
        .where(FrameworkRow.organisation_id == organisation_id, CompetencyRow.uri.in_(list(uris)))
        .order_by(FrameworkRow.id.desc())
    )
    return {uri: framework_id for uri, framework_id in found}  # noqa: C416 - typed rows, which dict() does not take


def rubrics(session: Session, organisation_id: int) -> tuple[FrameworkRubric, ...]:
    """The CFRubrics of the frameworks of a district, by framework."""
    return tuple(
        FrameworkRubric(uri, value.rubric_titles.get(uri, uri), value.title, len(rubric.criteria))
        for row in frameworks(session, organisation_id)
        for value in (load_framework(row.body),)
        for uri, rubric in value.rubrics.items()
    )


def framework(session: Session, organisation_id: int, framework_id: int) -> FrameworkTree:
    """A framework as a tree in reading order, with what covers it. Raises: NotFound."""
    row = session.scalars(
        select(FrameworkRow).where(FrameworkRow.organisation_id == organisation_id, FrameworkRow.id == framework_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such framework.")
    value = load_framework(row.body)
    tree = Tree(value)
    offered = [offer.achievement for offer in search(session, organisation_id=organisation_id)]
    covered = {each.competency.uri: each for each in tree.coverage(offered)}
    branches = tuple(
        Branch(depth, competency, covered[competency.uri].direct, covered[competency.uri].below)
        for depth, competency in tree.walk()
    )
    return FrameworkTree(row, value, branches)


def _versions() -> Select[AchievementVersion]:
    return select(AchievementVersion).join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)


def _offers(session: Session, question: Select[AchievementVersion]) -> Iterable[Offer]:
    return (Offer(version, load(version.body)) for version in session.scalars(question).unique())


def _searched(achievement: Achievement) -> str:
    parts = [achievement.name, achievement.description, achievement.key_method, *achievement.tags]
    for alignment in achievement.alignment:
        parts += [alignment.target_code, alignment.target_name, alignment.target_description]
    return "\n".join(parts).casefold()


def _aligned_to(achievement: Achievement) -> set[str]:
    alignments = [*achievement.alignment, *(each for c in achievement.rubric.criteria for each in c.alignment)]
    return {each.target_url for each in alignments}
