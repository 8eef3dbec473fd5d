"""A microcredential made from a framework alone, to begin with: a draft that a district then makes its own.

With a CFRubric in the framework, that is the rubric, criterion by criterion, and the achievement is aligned to the
items its criteria name. Without one, a general rubric of three criteria (planned, carried out, looked back on) is
used, and the achievement is aligned to the competencies asked for, or else to those at the end of the first branch.
The evidence asked for is general in both cases: a plan, work from the classroom, and a reflection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from achievements.framework import Tree
from achievements.identifiers import derived_uri, is_slug, slug
from achievements.model import (
    Achievement,
    Alignment,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Framework,
    Prompt,
    Rubric,
    RubricLevel,
)
from achievements.narrative import criteria_narrative, written_narrative
from achievements.problems import Problem
from achievements.ragged import rubric_faults
from achievements.rubrics import require_level, with_passing

MAX_DEFAULT_COMPETENCIES = 4
DEFAULT_HOURS = 15.0

_LEVELS = ("Not yet", "Developing", "Demonstrated")
# Name, description, and what is seen at each level.
_CRITERIA = (
    (
        "planning",
        "Planning with the competency in mind",
        "The plan says what learners will be able to do, how the teacher will know, and why these steps lead there.",
        (
            "The plan lists activities; what learners should gain from them cannot be told.",
            "The plan names the competency and fits most activities to it; how learning will be seen stays vague.",
            "Each step of the plan serves the competency, and the plan says what will count as a sign of learning.",
        ),
    ),
    (
        "practice",
        "Carried out with learners",
        "What was handed in shows the plan at work with learners, and what the teacher did when it went otherwise.",
        (
            "It cannot be seen that the plan was carried out with learners.",
            "The plan was carried out; what learners said or made is told about rather than shown.",
            "Learners' own words or work show the competency, and at least one change made on the spot is explained.",
        ),
    ),
    (
        "reflection",
        "Looking back at the evidence",
        "The reflection starts from what learners did and draws conclusions for the next time.",
        (
            "The reflection retells the lesson, or judges it without pointing to anything learners did.",
            "The reflection points to learners' work, and its conclusions are general.",
            "The reflection compares what was hoped for with what the work shows, and names the next step.",
        ),
    ),
)

_OVERVIEW = (
    Prompt(
        key="context",
        text="Describe the learners you worked with and why this competency matters for them now.",
        guidance="No names of learners or families. Say what you knew about their starting point, and from where.",
        max_words=400,
        passing_response="Names the starting point of these learners and what it was known from.",
    ),
)
_EVIDENCE = (
    EvidenceRequirement(
        key="plan",
        title="Plan",
        directions="The plan of the lesson or lessons, with the competency you were working on.",
        kinds=(EvidenceKind.FILE, EvidenceKind.LINK, EvidenceKind.TEXT),
        genre="Plan",
        max_items=3,
    ),
    EvidenceRequirement(
        key="classroom",
        title="Evidence from the classroom",
        directions="Learners' work, a recording or notes of an observation. Remove names and faces.",
        kinds=tuple(EvidenceKind),
        genre="Artifact",
        max_items=5,
        student_work=True,
    ),
)
_REFLECTION = (
    Prompt(
        key="reflection",
        text="What does the evidence show, what does it not show, and what will you do next?",
        max_words=600,
        passing_response="Starts from something in the evidence and names a next step that follows from it.",
    ),
)


class AdoptionError(ValueError):
    """What was asked for is not in the framework. `code` is stable; `problems` say more where there is more to say."""

    def __init__(self, code: str, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.problems = tuple(problems)


def achievement_from_framework(
    framework: Framework,
    *,
    rubric_uri: str = "",
    competency_uris: Sequence[str] = (),
    required_level: str = "",
    key: str = "",
    name: str = "",
    hours: float = DEFAULT_HOURS,
    expires_after_months: int = 0,
) -> Achievement:
    """A draft microcredential on this framework, complete enough to be published.

    `rubric_uri`: the CFRubric to use; "" takes the first one in the framework, or our general rubric where there is
    none. `required_level`: id, name or points of the level that passes; "" keeps the default (the upper half).
    `competency_uris`: what to align to, besides the items that a CFRubric names.

    Raises AdoptionError: `adoption_rubric_unknown`, `adoption_rubric_ragged`, `adoption_competency_unknown`,
    `adoption_level_unknown`, `adoption_framework_empty`.
    """
    tree = Tree(framework)
    chosen = _chosen(tree, competency_uris)
    uri = rubric_uri or next(iter(framework.rubrics), "")
    ragged = rubric_faults(framework, uri) if uri else ()
    if ragged:
        raise AdoptionError("adoption_rubric_ragged", "This rubric cannot be judged by as it stands.", ragged)
    if uri and uri not in framework.rubrics:
        raise AdoptionError("adoption_rubric_unknown", f"The framework has no CFRubric {uri}.")
    made_key = key if is_slug(key) else slug(key or name or framework.title, f"framework-{_tail(framework)}")
    if uri:
        rubric = framework.rubrics[uri]
        title = framework.rubric_titles.get(uri, framework.title)
        chosen = chosen or _aligned(rubric)
    else:
        chosen = chosen or _first_branch(tree)
        if not chosen:
            raise AdoptionError("adoption_framework_empty", "The framework has neither a rubric nor a competency.")
        rubric = _general_rubric(made_key)
        title = framework.title if len(chosen) > 1 else chosen[0].target_name
    if required_level:
        rubric, without = require_level(rubric, required_level)
        if without:
            message = f"The criterion “{without[0].name}” has no level “{required_level}”."
            raise AdoptionError("adoption_level_unknown", message)
    made = Achievement(
        key=made_key,
        name=name or title,
        description=_description(framework, chosen, title),
        criteria_narrative="",
        rubric=rubric,
        evidence=_EVIDENCE,
        overview=_OVERVIEW,
        reflection=_REFLECTION,
        alignment=tuple(chosen),
        key_method="Plan for the competency, teach, gather what learners say and make, and learn from it.",
        hours=hours,
        expires_after_months=expires_after_months,
        tags=tuple(dict.fromkeys(each.target_code for each in chosen if each.target_code)),
        audience=("teacher",),
    )
    return replace(made, criteria_narrative=criteria_narrative(made))


def with_framework_rubric(achievement: Achievement, rubric_uri: str, required_level: str = "") -> Achievement:
    """The achievement, to be judged by this CFRubric once `achievements.resolution.resolve` has filled it in.

    Everything else stays, but that an achievement that asks for nothing is asked for what our own microcredentials on a
    framework ask for: without evidence nobody could be judged.
    """
    prompted = achievement.overview or achievement.reflection
    return replace(
        achievement,
        rubric=Rubric((), rubric_uri, required_level),
        criteria_narrative=written_narrative(achievement),
        evidence=achievement.evidence or _EVIDENCE,
        overview=achievement.overview if prompted else _OVERVIEW,
        reflection=achievement.reflection if prompted else _REFLECTION,
    )


def _chosen(tree: Tree, uris: Sequence[str]) -> list[Alignment]:
    found: list[Alignment] = []
    for uri in dict.fromkeys(uris):
        competency = tree.find(uri) or tree.find_identifier(uri)
        if competency is None:
            raise AdoptionError("adoption_competency_unknown", f"The framework has no competency {uri}.")
        found.append(tree.alignment(competency))
    return found


def _aligned(rubric: Rubric) -> list[Alignment]:
    return list({each.target_url: each for criterion in rubric.criteria for each in criterion.alignment}.values())


def _first_branch(tree: Tree) -> list[Alignment]:
    """The ends of the first branch, a few of them: the most concrete statements there are, and close to each other."""
    leaves = tree.leaves()
    if not leaves:
        return []
    parent = leaves[0].parent
    siblings = [leaf for leaf in leaves if leaf.parent == parent]
    return [tree.alignment(leaf) for leaf in siblings[:MAX_DEFAULT_COMPETENCIES]]


def _description(framework: Framework, chosen: Sequence[Alignment], title: str) -> str:
    if not chosen:
        return f"The teacher shows, with evidence from their own classroom, what “{title}” asks for."
    statements = "; ".join((each.target_description or each.target_name).strip().rstrip(".") for each in chosen)
    return (
        "The teacher plans for, teaches and reflects on this with their own learners: "
        f"{statements}. (From “{framework.title}”.)"
    )


def _general_rubric(key: str) -> Rubric:
    return Rubric(
        tuple(
            Criterion(
                id=derived_uri(key, short),
                name=name,
                description=description,
                levels=with_passing(
                    [
                        RubricLevel(derived_uri(key, short, level), level, 0, text, str(order))
                        for order, (level, text) in enumerate(zip(_LEVELS, texts, strict=True))
                    ],
                    2,
                ),
            )
            for short, name, description, texts in _CRITERIA
        )
    )


def _tail(framework: Framework) -> str:
    return slug(framework.identifier[:8], "one")
