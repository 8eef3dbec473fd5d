from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from achievements import imports
from achievements.adoption import AdoptionError, achievement_from_framework
from achievements.framework import Tree
from achievements.model import Framework
from achievements.serialise import dump_framework, load_framework

BASE = "https://frameworks.example.org/uri/"
DATE = "2024-03-01T10:00:00"  # without a zone, as servers write it


def item(name: str, **more: Any) -> dict[str, Any]:
    return {
        "identifier": name,
        "uri": BASE + name,
        "fullStatement": f"Does {name}.",
        "lastChangeDateTime": DATE,
        **more,
    }


def link(name: str) -> dict[str, str]:
    return {"title": name, "identifier": name, "uri": BASE + name}


def below(child: str, parent: str, sequence: Any = None) -> dict[str, Any]:
    return {
        "identifier": f"{child}-{parent}",
        "uri": f"{BASE}{child}-{parent}",
        "associationType": "isChildOf",
        "originNodeURI": link(child),
        "destinationNodeURI": link(parent),
        "sequenceNumber": sequence,
        "lastChangeDateTime": DATE,
    }


def level(name: str, score: Any = None, position: Any = None) -> dict[str, Any]:
    return {
        "identifier": name,
        "uri": BASE + name,
        "quality": name,
        "description": f"{name} it is",
        "score": score,
        "position": position,
        "feedback": "Well.",
        "lastChangeDateTime": DATE,
    }


def package(**more: Any) -> dict[str, Any]:
    return {
        "CFDocument": {
            "identifier": "doc",
            "uri": BASE + "doc",
            "title": "Framework",
            "creator": "Example",
            "lastChangeDateTime": DATE,
        },
        "CFItems": [item("a", humanCodingScheme="A"), item("b"), item("c")],
        "CFAssociations": [below("a", "doc"), below("b", "a", 2), below("c", "a", 1)],
        **more,
    }


def with_rubric(levels: list[dict[str, Any]]) -> dict[str, Any]:
    criterion = {
        "identifier": "crit",
        "uri": BASE + "crit",
        "category": "Practice",
        "description": "Asks well",
        "CFItemURI": link("b"),
        "weight": 0.5,
        "position": 1,
        "rubricId": "rub",
        "lastChangeDateTime": DATE,
        "CFRubricCriterionLevels": levels,
    }
    rubric = {"identifier": "rub", "uri": BASE + "rub", "title": "Rubric", "lastChangeDateTime": DATE}
    return package(CFRubrics=[{**rubric, "CFRubricCriteria": [criterion]}])


def read(document: Any) -> imports.ImportResult:
    return imports.read(json.dumps(document).encode())


def framework(document: Any) -> Framework:
    result = read(document)
    assert result.ok, result.problems
    (found,) = result.frameworks
    return found


def codes(document: Any) -> set[str]:
    return {problem.code for problem in read(document).problems}


def walk(document: Any) -> list[tuple[int, str]]:
    return [(depth, found.identifier) for depth, found in Tree(framework(document)).walk()]


def test_the_tree_stands_in_the_order_of_sequence_numbers() -> None:
    assert walk(package()) == [(0, "a"), (1, "c"), (1, "b")]
    assert codes(package()) == {"not_mapped"}


def test_a_wrapped_package_is_the_same_package() -> None:
    assert framework({"CFPackage": package()}) == framework(package())


def test_quirks_of_servers_are_understood() -> None:
    strange = package(
        CFItems=[
            item(
                "a",
                CFDocumentURI=BASE + "doc",
                educationalLevel="06",
                notes=None,
                fullStatement="| a | $x^2$ |\n🎓",
                CFItemTypeURI=link("Standard"),
                surprise={"deep": [1]},
            )
        ],
        CFAssociations=[{**below("a", "doc", "7"), "destinationNodeURI": BASE + "doc"}],
    )
    found = framework(strange).competencies[0]
    assert (found.education_level, found.item_type, found.sequence) == (("06",), "Standard", 7)
    assert found.full_statement == "| a | $x^2$ |\n🎓"
    assert found.extensions["surprise"] == {"deep": [1]}
    assert found.extensions["CFDocumentURI"] == BASE + "doc"
    told = next(p for p in read(strange).warnings if p.code == "not_mapped" and "surprise" in p.message)
    assert told.pointer.startswith("/CFItems/0/")


def test_ends_are_matched_by_identifier_where_a_server_gives_another_uri() -> None:
    moved = below("b", "a")
    moved["originNodeURI"]["uri"] = "http://localhost:3000/b"
    assert walk(package(CFItems=[item("a"), item("b")], CFAssociations=[below("a", "doc"), moved])) == [
        (0, "a"),
        (1, "b"),
    ]


@pytest.mark.parametrize(
    ("associations", "code", "order"),
    [
        ([below("a", "b"), below("b", "c"), below("c", "a")], "case_parent_ring", [(0, "a"), (1, "c"), (2, "b")]),
        ([below("a", "a"), below("b", "doc"), below("c", "doc")], "case_parent_ring", [(0, "a"), (0, "b"), (0, "c")]),
        (
            [below("a", "doc"), below("b", "zzz"), below("c", "doc")],
            "case_parent_unknown",
            [(0, "a"), (0, "b"), (0, "c")],
        ),
        ([below("a", "doc")], "case_orphans", [(0, "a"), (0, "b"), (0, "c")]),
        ([below("b", "a"), below("b", "c")], "case_second_parent", [(0, "a"), (1, "b"), (0, "c")]),
        ([below("b", "a", "first")], "case_sequence_unreadable", [(0, "a"), (1, "b"), (0, "c")]),
        (
            [{**below("a", "far"), "associationType": "exactMatchOf"}],
            "case_association_leaves",
            [(0, "a"), (0, "b"), (0, "c")],
        ),
        ([{"associationType": "isChildOf"}], "case_association_incomplete", [(0, "a"), (0, "b"), (0, "c")]),
    ],
)
def test_a_broken_tree_is_mended_and_told(
    associations: list[dict[str, Any]], code: str, order: list[tuple[int, str]]
) -> None:
    document = package(CFAssociations=associations)
    assert code in codes(document)
    assert sorted(walk(document)) == sorted(order)
    assert len(framework(document).associations) == len(associations)


def test_a_tree_as_deep_as_its_items_is_walked() -> None:
    names = [f"n{number}" for number in range(3000)]
    chain = [below(child, parent) for parent, child in itertools.pairwise(names)]
    found = framework(package(CFItems=[item(name) for name in names], CFAssociations=chain))
    tree = Tree(found)
    assert max(depth for depth, _ in tree.walk()) == 2999
    assert len(tree.ancestors(BASE + "n2999")) == 2999
    assert load_framework(json.loads(json.dumps(dump_framework(found)))) == found


@pytest.mark.parametrize(
    ("spoil", "code", "where"),
    [
        (lambda p: p["CFItems"][1].pop("fullStatement"), "field_missing", "/CFItems/1/fullStatement"),
        (lambda p: p["CFItems"].append(p["CFItems"][0]), "case_duplicate_item", "/CFItems/3"),
        (lambda p: p["CFItems"].append("x"), "wrong_type", "/CFItems/3"),
        (lambda p: p["CFItems"].append({"fullStatement": "x"}), "field_missing", "/CFItems/3/uri"),
        (lambda p: p["CFItems"][0].update(uri="not a uri"), "uri_invalid", "/CFItems/0/uri"),
        (lambda p: p["CFItems"][0].update(humanCodingScheme=[]), "wrong_type", "/CFItems/0/humanCodingScheme"),
        (lambda p: p.update(CFItems={}), "wrong_type", "/CFItems"),
        (lambda p: p.update(CFDocument=[]), "wrong_type", "/CFDocument"),
        (lambda p: p.update(CFDocument=None), "field_missing", "/CFDocument"),
        (lambda p: p["CFDocument"].pop("title"), "field_missing", "/CFDocument/title"),
    ],
)
def test_without_identity_or_statement_nothing_is_imported(
    spoil: Callable[[dict[str, Any]], Any], code: str, where: str
) -> None:
    document = package()
    spoil(document)
    result = read(document)
    assert (code, where) in {(problem.code, problem.pointer) for problem in result.errors}
    assert result.items == ()


def test_a_missing_uri_is_made_from_the_identifier() -> None:
    nameless = item("6a0de9a2-7b79-4a2f-9d0a-6f6d1d9dbb1e")
    del nameless["uri"]
    found = framework(package(CFItems=[nameless], CFAssociations=[]))
    assert found.competencies[0].uri == "urn:uuid:6a0de9a2-7b79-4a2f-9d0a-6f6d1d9dbb1e"


def test_localhost_is_told() -> None:
    assert "case_uri_not_public" in codes(package(CFItems=[item("a", uri="http://localhost:3000/a")]))


@pytest.mark.parametrize(
    ("levels", "names", "passing"),
    [
        ([level("high", 4), level("low", 1), level("mid", 2), level("good", 3)], "low mid good high", 2),
        ([level("top", None, 3), level("low", None, 1), level("mid", None, 2)], "low mid top", 2),
        ([level("one"), level("two")], "one two", 1),
        ([level("only", 1)], "only", 0),
        ([level("b", 1, 2), level("a", 1, 1)], "a b", 1),
        ([level("best", 4, 1), level("worst", 1, 2)], "worst best", 1),
    ],
)
def test_a_rubric_becomes_ours_one_to_one(levels: list[dict[str, Any]], names: str, passing: int) -> None:
    found = framework(with_rubric(levels))
    (criterion,) = found.rubrics[BASE + "rub"].criteria
    assert [each.name for each in criterion.levels] == names.split()
    assert [each.order for each in criterion.levels] == list(range(len(levels)))
    assert [each.passing for each in criterion.levels] == [order >= passing for order in range(len(levels))]
    assert (criterion.id, criterion.name, criterion.category, criterion.weight) == (
        BASE + "crit",
        "Asks well",
        "Practice",
        0.5,
    )
    assert criterion.alignment[0].target_url == BASE + "b"
    assert criterion.levels[0].id.startswith(BASE)
    assert found.rubric_titles[BASE + "rub"] == "Rubric"
    assert found.extensions["CFPackage.CFRubrics"][0]["lastChangeDateTime"] == DATE


def test_a_rubric_that_nobody_could_judge_by_is_left_out_and_told() -> None:
    document = with_rubric([])
    assert framework(document).rubrics == {}
    assert {"criterion_without_levels", "case_rubric_empty"} <= codes(document)


def test_two_levels_with_one_identity_are_refused() -> None:
    assert "duplicate_id" in {problem.code for problem in read(with_rubric([level("x", 1), level("x", 2)])).errors}


def test_a_microcredential_takes_over_the_rubric_of_a_framework() -> None:
    found = framework(with_rubric([level("low", 1), level("mid", 2), level("high", 3)]))
    made = achievement_from_framework(found)
    assert made.rubric == found.rubrics[BASE + "rub"]
    assert [alignment.target_url for alignment in made.alignment] == [BASE + "b"]
    assert made.name == "Rubric"
    eased = achievement_from_framework(found, required_level="MID", key="asking")
    assert [each.passing for each in eased.rubric.criteria[0].levels] == [False, True, True]
    assert eased.key == "asking"
    with pytest.raises(AdoptionError, match="no level"):
        achievement_from_framework(found, required_level="purple")


def test_a_microcredential_on_a_framework_without_rubrics_is_aligned_to_its_items() -> None:
    made = achievement_from_framework(framework(package()))
    assert [alignment.target_url for alignment in made.alignment] == [BASE + "c", BASE + "b"]
    assert all(criterion.required_level.name == "Demonstrated" for criterion in made.rubric.criteria)
    chosen = achievement_from_framework(framework(package()), competency_uris=[BASE + "a"])
    assert [alignment.target_code for alignment in chosen.alignment] == ["A"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"competency_uris": ["urn:x"]}, "adoption_competency_unknown"),
        ({"rubric_uri": "urn:x"}, "adoption_rubric_unknown"),
    ],
)
def test_only_what_is_there_can_be_adopted(asked: dict[str, Any], code: str) -> None:
    with pytest.raises(AdoptionError) as caught:
        achievement_from_framework(framework(package()), **asked)
    assert caught.value.code == code


def test_an_empty_framework_cannot_be_adopted() -> None:
    with pytest.raises(AdoptionError) as caught:
        achievement_from_framework(framework(package(CFItems=[], CFAssociations=[])))
    assert caught.value.code == "adoption_framework_empty"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        found += [place for key, part in value.items() for place in places(part, (*path, key))]
    elif isinstance(value, list):
        found += [place for index, part in enumerate(value) for place in places(part, (*path, index))]
    return found


PLAIN = with_rubric([level("low", 1), level("high", 2)])
PLACES = [place for place in places(PLAIN) if place]


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(PLACES), min_size=1, max_size=3),
    st.sampled_from([None, True, 0, -1.5, "", "x", "http://[", [], [[]], {}, {"uri": 1}, BASE + "a"]),
)
def test_whatever_stands_anywhere_is_a_problem_and_never_an_exception(where: list[tuple[Any, ...]], value: Any) -> None:
    document = copy.deepcopy(PLAIN)
    for place in where:
        target = document
        try:
            for step in place[:-1]:
                target = target[step]
            target[place[-1]] = copy.deepcopy(value)
        except (TypeError, KeyError, IndexError):
            continue
    result = read(document)
    for found in result.frameworks:
        assert load_framework(json.loads(json.dumps(dump_framework(found)))) == found
        assert len(list(Tree(found).walk())) == len(found.competencies)
    assert result.ok or result.errors
