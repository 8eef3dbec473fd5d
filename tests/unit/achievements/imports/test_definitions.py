from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from achievements import imports
from achievements.identifiers import derived_uri
from achievements.model import Achievement, Competency, EvidenceKind, Framework, Rubric
from achievements.resolution import resolve
from achievements.serialise import dump, load

FRAMEWORK = Framework(
    uri="https://frameworks.example.org/case/documents/talk",
    identifier="talk",
    title="Talk in classrooms",
    competencies=(
        Competency(
            uri="https://frameworks.example.org/case/items/talk-1",
            identifier="talk-1",
            full_statement="Uses silence so that learners think.",
            human_coding_scheme="T.1",
        ),
    ),
)


def read(document: Any) -> imports.ImportResult:
    return imports.read(json.dumps(document).encode())


def one(document: Any) -> Achievement:
    result = read(document)
    assert result.ok, result.problems
    (achievement,) = result.achievements
    return achievement


def test_the_documented_example_is_read_whole(example: dict[str, Any]) -> None:
    result = read(example)
    assert result.problems == ()
    assert result.format == "badgewright-definitions"
    (made,) = result.achievements
    assert (made.key, made.hours, made.expires_after_months) == ("waiting-time", 8.0, 60)
    assert made.evidence[0].kinds == (EvidenceKind.AUDIO, EvidenceKind.VIDEO, EvidenceKind.LINK)
    assert (made.overview[0].min_words, made.overview[0].max_words) == (100, 250)
    silence, voices = made.rubric.criteria
    assert [level.passing for level in silence.levels] == [False, True, True]
    assert [level.passing for level in voices.levels] == [False, True]
    assert silence.id == derived_uri("waiting-time", "silence")
    assert silence.levels[2].points == "2"
    assert made.extensions["districtCode"] == "PD-114"


def test_alignments_are_resolved_against_frameworks(example: dict[str, Any]) -> None:
    resolution = resolve(one(example), [FRAMEWORK])
    assert resolution.problems == ()
    case, written = resolution.achievement.alignment
    assert (case.target_code, case.target_framework) == ("T.1", "Talk in classrooms")
    assert case.target_description == "Uses silence so that learners think."
    assert (written.target_name, written.target_type) == ("Questioning", "ext:LocalStandard")
    assert resolution.achievement.rubric.criteria[0].alignment == (case,)
    assert "Silence is used on purpose" in resolution.achievement.criteria_narrative
    assert resolve(resolution.achievement, [FRAMEWORK]) == resolution


def test_an_unknown_competency_and_an_unknown_rubric_are_errors(example: dict[str, Any]) -> None:
    found = resolve(one(example), [])
    assert [(problem.code, problem.pointer) for problem in found.problems] == [
        ("alignment_unresolved", "/alignment/0"),
        ("alignment_unresolved", "/rubric/criteria/0/alignment/0"),
    ]
    example["microcredentials"][0]["rubric"] = {"uri": "https://frameworks.example.org/r"}
    assert "rubric_unresolved" in {problem.code for problem in resolve(one(example), [FRAMEWORK]).problems}


def test_a_rubric_of_a_framework_is_taken_over_with_the_level_asked_for(example: dict[str, Any]) -> None:
    rubric = one(example).rubric
    uri = "https://frameworks.example.org/r"
    framework = Framework("u", "i", "t", rubrics={uri: Rubric(rubric.criteria, uri)})
    example["microcredentials"][0]["alignment"] = []
    example["microcredentials"][0]["rubric"] = {"uri": uri, "requiredLevel": "goes beyond"}
    found = resolve(one(example), [framework, FRAMEWORK])
    assert found.ok, found.problems
    assert [criterion.required_level.name for criterion in found.achievement.rubric.criteria] == ["Goes beyond"] * 2
    example["microcredentials"][0]["rubric"]["requiredLevel"] = "Not yet"
    (problem,) = resolve(one(example), [framework, FRAMEWORK]).problems
    assert problem.code == "required_level_unknown"
    assert "More learners" in problem.message


Spoil = Callable[[dict[str, Any]], Any]
FIRST = "/microcredentials/0"


@pytest.mark.parametrize(
    ("spoil", "code", "where"),
    [
        (lambda m: m.pop("rubric"), "rubric_missing", "/rubric"),
        (lambda m: m["rubric"].pop("criteria"), "rubric_without_criteria", "/rubric/criteria"),
        (lambda m: m["rubric"].update(uri="urn:x:y"), "rubric_ambiguous", "/rubric"),
        (
            lambda m: m["rubric"].pop("requiredLevel"),
            "criterion_without_passing_level",
            "/rubric/criteria/0/requiredLevel",
        ),
        (lambda m: m["rubric"]["criteria"][1].pop("levels"), "criterion_without_levels", "/rubric/criteria/1/levels"),
        (lambda m: m["rubric"]["criteria"][1].update(id="silence"), "duplicate_id", "/rubric/criteria/1/id"),
        (
            lambda m: m["rubric"]["criteria"][0]["levels"][1].update(id="not-yet"),
            "duplicate_id",
            "/rubric/criteria/0/levels/1/id",
        ),
        (lambda m: m["rubric"]["criteria"][0].update(weight=-1), "out_of_range", "/rubric/criteria/0/weight"),
        (lambda m: m["reflection"][0].update(key="class"), "duplicate_id", "/reflection/0/key"),
        (lambda m: m.update(hours=-2), "hours_out_of_range", "/hours"),
        (lambda m: m.update(hours="eight"), "wrong_type", "/hours"),
        (lambda m: m.update(hours=True), "wrong_type", "/hours"),
        (lambda m: m.update(expiresAfterMonths=1.5), "wrong_type", "/expiresAfterMonths"),
        (lambda m: m.update(expiresAfterMonth=3), "unknown_field", "/expiresAfterMonth"),
        (lambda m: m.update(key="Waiting Time"), "key_invalid", "/key"),
        (lambda m: m.update(name=" "), "field_empty", "/name"),
        (lambda m: m.pop("description"), "field_missing", "/description"),
        (lambda m: m.update(language="english"), "language_invalid", "/language"),
        (lambda m: m.update(achievementType="Sticker"), "achievement_type_unknown", "/achievementType"),
        (lambda m: m["alignment"].append("talk-1"), "alignment_uri_invalid", "/alignment/2"),
        (lambda m: m["alignment"].append(7), "wrong_type", "/alignment/2"),
        (lambda m: m["artifacts"].clear(), "definition_without_artifacts", "/artifacts"),
        (lambda m: m["artifacts"][0].update(minItems=3), "range_reversed", "/artifacts/0/minItems"),
        (lambda m: m["artifacts"][0].update(kinds=["smell"]), "unknown_kind", "/artifacts/0/kinds/0"),
        (lambda m: m["artifacts"][0].update(mediaTypes=["png"]), "media_type_invalid", "/artifacts/0/mediaTypes/0"),
        (lambda m: m["artifacts"][0].update(maxItems=10**6), "out_of_range", "/artifacts/0/maxItems"),
        (lambda m: m["overview"][0].update(minWords=300), "range_reversed", "/overview/0/minWords"),
        (lambda m: m["overview"].append("Why?"), "wrong_type", "/overview/1"),
        (lambda m: m["resources"][0].update(url="javascript:alert(1)"), "url_invalid", "/resources/0/url"),
        (lambda m: m.update(tags=[1]), "wrong_type", "/tags"),
        (lambda m: m.update(overview=[{"key": f"k{n}", "text": "?"} for n in range(51)]), "too_many", "/overview"),
    ],
)
def test_each_fault_has_its_code_and_place(example: dict[str, Any], spoil: Spoil, code: str, where: str) -> None:
    spoil(example["microcredentials"][0])
    result = read(example)
    assert (code, FIRST + where) in {(problem.code, problem.pointer) for problem in result.errors}
    assert result.items == ()
    assert not result.ok


def test_the_same_key_twice_is_an_error(example: dict[str, Any]) -> None:
    example["microcredentials"] *= 2
    result = read(example)
    assert [(problem.code, problem.pointer) for problem in result.problems] == [
        ("duplicate_id", "/microcredentials/1/key")
    ]
    assert not result.ok


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"format": "badgewright-definitions", "version": 2}, "definitions_version_unsupported"),
        ({"format": "badgewright-definitions", "version": True}, "definitions_version_unsupported"),
        ({"format": "badgewright-definitions"}, "definitions_version_unsupported"),
        ({"format": "badgewright-definitions", "version": 1}, "definitions_empty"),
        ({"format": "something"}, "format_unknown"),
        ([], "format_unknown"),
    ],
)
def test_a_file_that_is_no_definition_file_of_this_version(document: Any, code: str) -> None:
    result = read(document)
    assert [problem.code for problem in result.problems] == [code]
    assert not result.ok


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [spot for step, part in parts for spot in spots(part, (*path, step))]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.data(),
    st.sampled_from([None, True, 0, -1.5, 10**9, "", "x", "urn:x:y", [], [[]], [None], {}, {"id": 1}]),
)
def test_whatever_stands_anywhere_is_a_problem_and_never_an_exception(
    example: dict[str, Any], data: st.DataObject, value: Any
) -> None:
    document = copy.deepcopy(example)
    spot = data.draw(st.sampled_from(spots(document)))
    target = document
    for step in spot[:-1]:
        target = target[step]
    target[spot[-1]] = value
    result = read(document)
    assert result.ok or result.errors
    for achievement in result.achievements:
        resolution = resolve(achievement, [FRAMEWORK])
        assert resolution.ok or resolution.problems
        assert load(json.loads(json.dumps(dump(achievement)))) == achievement
