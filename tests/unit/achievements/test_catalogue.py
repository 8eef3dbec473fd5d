from __future__ import annotations

from dataclasses import replace

from achievements import definitions
from achievements.catalogue import State, compare, compare_framework


def test_the_same_file_again_changes_nothing() -> None:
    found = definitions.load()
    entries = compare({each.key: each for each in found.achievements}, found.achievements)
    assert {entry.state for entry in entries} == {State.UNCHANGED}
    same = compare_framework(found.frameworks[0], found.frameworks[0], found.achievements)
    assert (same.state, same.affected) == (State.UNCHANGED, {})


def test_new_changed_and_retired_are_told_by_key() -> None:
    tickets, talk, families = definitions.load().achievements
    longer = replace(talk, hours=25.0)
    entries = compare({tickets.key: tickets, talk.key: talk}, [longer, families])
    assert [(entry.key, entry.state) for entry in entries] == [
        (talk.key, State.CHANGED),
        (families.key, State.NEW),
        (tickets.key, State.RETIRED),
    ]
    (change,) = entries[0].changes
    assert (change.pointer, change.before, change.after) == ("/hours", 20.0, 25.0)


def test_a_newer_framework_names_the_microcredentials_it_touches() -> None:
    found = definitions.load()
    (framework,) = found.frameworks
    gone, *rest = framework.competencies
    changed = next(item for item in rest if item.human_coding_scheme == "CT.3")
    reworded = replace(changed, full_statement="Says it otherwise.")
    newer = replace(framework, competencies=tuple(reworded if item is changed else item for item in rest))
    comparison = compare_framework(framework, newer, found.achievements)
    states = {entry.key: entry.state for entry in comparison.competencies}
    assert comparison.state is State.CHANGED
    assert states[gone.uri] is State.RETIRED
    assert states[changed.uri] is State.CHANGED
    assert comparison.affected == {changed.uri: ("productive-group-talk",)}
    assert compare_framework(None, newer).state is State.NEW
