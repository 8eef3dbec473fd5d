"""The decision rule: is everything there, and does it meet every criterion?

Both questions are answered by pure functions. They fail closed: what is not known to be met is not met, and an
achievement without a single criterion can never be met.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from achievements import file_kinds
from achievements.model import (
    Achievement,
    Criterion,
    EvidenceItem,
    EvidenceKind,
    EvidenceRequirement,
    Prompt,
    RubricLevel,
)
from achievements.problems import pointer

# A word is a run of letters and digits with what may stand inside one (don't, well-known, 3.5).
_WORD = re.compile(r"[^\W_](?:[\w'’.,\-]*[^\W_])?")
# Scripts written without spaces: each character counts as a word, as word processors count them.
_UNSPACED = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿ｦ-ﾝ\U00020000-\U0003FFFF]")
_WITH_MEDIA_TYPE = frozenset({EvidenceKind.FILE, EvidenceKind.VIDEO, EvidenceKind.AUDIO, EvidenceKind.IMAGE})


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that keeps a submission from being handed in. `key` is that of the prompt or artifact."""

    code: str
    message: str
    pointer: str
    key: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What a reviewer found: the level id for each criterion id, and passing or not for each prompt key scored."""

    levels: Mapping[str, str]
    prompts: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CriterionOutcome:
    """`achieved` is None where the reviewer gave no level that this criterion has."""

    criterion: Criterion
    achieved: RubricLevel | None
    required: RubricLevel | None
    met: bool

    @property
    def unscored(self) -> bool:
        return self.achieved is None


@dataclass(frozen=True, slots=True)
class PromptOutcome:
    """`passing` is None where the prompt was not scored."""

    prompt: Prompt
    passing: bool | None


@dataclass(frozen=True, slots=True)
class FindingProblem:
    """A finding that speaks of something this achievement does not have."""

    code: str
    message: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """`met` is true only if every criterion reached its required level, no scored prompt failed, and no finding is
    about something unknown."""

    criteria: tuple[CriterionOutcome, ...]
    prompts: tuple[PromptOutcome, ...]
    problems: tuple[FindingProblem, ...]
    met: bool

    @property
    def complete(self) -> bool:
        """Every criterion has a level, whether or not it is high enough."""
        return bool(self.criteria) and all(not outcome.unscored for outcome in self.criteria)

    @property
    def unmet(self) -> tuple[CriterionOutcome, ...]:
        return tuple(outcome for outcome in self.criteria if not outcome.met)


def count_words(text: str) -> int:
    """Words as a person counts them; in scripts without spaces each character is one."""
    return len(_UNSPACED.findall(text)) + len(_WORD.findall(_UNSPACED.sub(" ", text)))


def missing_evidence(
    achievement: Achievement, answers: Mapping[str, str], items: Sequence[EvidenceItem]
) -> tuple[Missing, ...]:
    """What keeps these answers (prompt key to text) and items from being handed in; empty when nothing does."""
    found: list[Missing] = []
    prompts = {prompt.key: prompt for prompt in (*achievement.overview, *achievement.reflection)}
    for prompt in prompts.values():
        found += _judge_answer(prompt, answers.get(prompt.key, ""))
    for key in answers:
        if key not in prompts:
            message = f"There is no question “{key}” in this microcredential."
            found.append(Missing("answer_unknown_prompt", message, pointer("answers", key), key))
    requirements = {requirement.key for requirement in achievement.evidence}
    for requirement in achievement.evidence:
        found += _judge_artifact(requirement, items)
    for index, item in enumerate(items):
        if item.requirement not in requirements:
            message = f"There is no artifact “{item.requirement}” in this microcredential."
            found.append(Missing("artifact_unknown", message, pointer("evidence", index), item.requirement))
    return tuple(found)


def assess(achievement: Achievement, findings: Findings) -> Assessment:
    """Judge a reviewer's findings against the rubric."""
    problems: list[FindingProblem] = []
    outcomes: list[CriterionOutcome] = []
    for criterion in achievement.rubric.criteria:
        level_id = findings.levels.get(criterion.id)
        achieved = criterion.level(level_id) if level_id is not None else None
        if level_id is not None and achieved is None:
            message = f"The criterion “{criterion.name}” has no level “{level_id}”."
            problems.append(FindingProblem("finding_unknown_level", message, pointer("levels", criterion.id)))
        required = required_level(criterion)
        met = achieved is not None and required is not None and achieved.passing and achieved.order >= required.order
        outcomes.append(CriterionOutcome(criterion, achieved, required, met))
    for criterion_id in findings.levels:
        if achievement.rubric.criterion(criterion_id) is None:
            message = f"The rubric has no criterion “{criterion_id}”."
            problems.append(FindingProblem("finding_unknown_criterion", message, pointer("levels", criterion_id)))

    prompts = tuple(
        PromptOutcome(prompt, findings.prompts.get(prompt.key))
        for prompt in (*achievement.overview, *achievement.reflection)
    )
    known = {outcome.prompt.key for outcome in prompts}
    for key in findings.prompts:
        if key not in known:
            message = f"There is no question “{key}” in this microcredential."
            problems.append(FindingProblem("finding_unknown_prompt", message, pointer("prompts", key)))

    met = (
        bool(outcomes)
        and all(outcome.met for outcome in outcomes)
        and all(outcome.passing is None or outcome.passing is True for outcome in prompts)
        and not problems
    )
    return Assessment(tuple(outcomes), prompts, tuple(problems), met)


def required_level(criterion: Criterion) -> RubricLevel | None:
    """The lowest level that passes, or None where no level does (such a criterion can never be met)."""
    passing = [level for level in criterion.levels if level.passing]
    return min(passing, key=lambda level: level.order) if passing else None


def accepts_media_type(requirement: EvidenceRequirement, media_type: str) -> bool:
    """Whether `media_type` is one of those listed (`image/png`, or `image/*` for all of a kind); no list, no bound."""
    if not requirement.media_types:
        return True
    bare = media_type.split(";", 1)[0].strip().lower()
    family = bare.split("/", 1)[0] + "/*"
    return bool(bare) and any(accepted.lower() in (bare, family) for accepted in requirement.media_types)


def _judge_answer(prompt: Prompt, text: str) -> list[Missing]:
    where = pointer("answers", prompt.key)
    if not text.strip():
        if not prompt.required:
            return []
        return [Missing("answer_missing", f"Please answer: “{_short(prompt.text)}”", where, prompt.key)]
    words = count_words(text)
    if prompt.min_words and words < prompt.min_words:
        message = f"“{_short(prompt.text)}” asks for at least {prompt.min_words} words; your answer has {words}."
        return [Missing("answer_too_short", message, where, prompt.key)]
    if prompt.max_words and words > prompt.max_words:
        message = f"“{_short(prompt.text)}” allows at most {prompt.max_words} words; your answer has {words}."
        return [Missing("answer_too_long", message, where, prompt.key)]
    return []


def _judge_artifact(requirement: EvidenceRequirement, items: Sequence[EvidenceItem]) -> list[Missing]:
    key, title = requirement.key, requirement.title
    where = pointer("evidence", key)
    mine = [(index, item) for index, item in enumerate(items) if item.requirement == key]
    found: list[Missing] = []
    if not mine:
        if requirement.required:
            found.append(Missing("artifact_missing", f"“{title}” has not been handed in.", where, key))
        return found
    if len(mine) < requirement.min_items:
        message = f"“{title}” asks for at least {requirement.min_items} items; there are {len(mine)}."
        found.append(Missing("artifact_too_few", message, where, key))
    if len(mine) > requirement.max_items:
        message = f"“{title}” takes at most {requirement.max_items} items; there are {len(mine)}."
        found.append(Missing("artifact_too_many", message, where, key))
    for index, item in mine:
        place = pointer("evidence", index)
        if item.kind not in requirement.kinds:
            accepted = file_kinds.one_of(requirement.kinds)
            message = f"“{title}” takes {accepted}, not {file_kinds.one_of([item.kind])}."
            found.append(Missing("artifact_kind_not_accepted", message, place, key))
        elif item.kind in _WITH_MEDIA_TYPE and not accepts_media_type(requirement, item.media_type):
            accepted = file_kinds.describe(requirement.media_types)
            found_kind = file_kinds.describe([item.media_type])
            message = f"“{title}” takes {accepted}. One of its files is of another kind: {found_kind}."
            found.append(Missing("artifact_type_not_accepted", message, place, key))
        if item.size > requirement.max_bytes:
            limit = file_kinds.size(requirement.max_bytes)
            message = f"“{title}” takes files of at most {limit}; one of its files is larger."
            found.append(Missing("artifact_too_large", message, place, key))
    return found


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77].rstrip() + "…"
