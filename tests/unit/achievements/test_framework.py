from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from achievements.framework import Tree
from achievements.model import Competency, Framework


def competency(name: str, parent: str, sequence: int = 0) -> Competency:
    return Competency(f"urn:x:{name}", name, f"Does {name}.", parent=parent and f"urn:x:{parent}", sequence=sequence)


def tree(*items: Competency) -> Tree:
    return Tree(Framework("urn:x:f", "f", "Framework", competencies=items))


def test_children_stand_by_sequence_and_then_as_in_the_file() -> None:
    found = tree(competency("a", ""), competency("b", "a", 2), competency("c", "a", 1), competency("d", "a", 2))
    assert [item.identifier for item in found.children("urn:x:a")] == ["c", "b", "d"]
    assert [item.identifier for item in found.children("")] == ["a"]
    assert [item.identifier for item in found.leaves()] == ["c", "b", "d"]


def test_a_competency_is_found_by_uri_and_by_identifier() -> None:
    found = tree(competency("a", ""))
    assert found.find("urn:x:a") is found.find_identifier("a") is not None
    assert found.find("urn:x:z") is None
    assert found.ancestors("urn:x:z") == ()


@given(st.lists(st.integers(0, 7), max_size=7))
def test_whatever_the_parents_each_competency_is_walked_once(parents: list[int]) -> None:
    """Parents that are missing, their own child, or in a ring."""
    found = tree(*(competency(str(number), str(parent)) for number, parent in enumerate(parents)))
    walked = [item.identifier for _, item in found.walk()]
    assert sorted(walked) == sorted(str(number) for number in range(len(parents)))
    for number in range(len(parents)):
        assert len(found.ancestors(f"urn:x:{number}")) < len(parents)
    assert len(found.coverage([])) == len(parents)
