"""Our definition files written: what is read back is what was there."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given, settings

from achievements import definitions, imports
from achievements.exports import definition_file
from achievements.model import Achievement, Rubric
from achievements.resolution import resolve
from tests.unit.achievements.strategies import achievements


def back(achievement: Achievement) -> Achievement:
    data = json.dumps(definition_file([achievement])).encode()
    empty = Achievement(achievement.key, "", "", "", Rubric(()))
    found = imports.read(data, {achievement.key: empty}.get)
    assert found.ok, found.problems
    (made,) = found.achievements
    return made


def plain(achievement: Achievement) -> Achievement:
    """Without what a file does not say: `requiredLevel` of the whole rubric is that of each criterion."""
    return replace(achievement, rubric=replace(achievement.rubric, required_level=""))


def once(achievement: Achievement) -> bool:
    """A key is used once over both lists of prompts."""
    used = [prompt.key for prompt in (*achievement.overview, *achievement.reflection)]
    return len(set(used)) == len(used)


@settings(max_examples=100, deadline=None)
@given(achievements().filter(once))
def test_what_is_written_is_read_back(achievement: Achievement) -> None:
    assert plain(back(achievement)) == plain(achievement)


def test_our_own_definitions_are_written_and_read_back() -> None:
    for each in definitions.load().achievements:
        made = back(each)
        assert made.criteria_narrative == ""
        assert plain(resolve(made, definitions.load().frameworks).achievement) == plain(each)


def test_what_is_missing_stands_there_empty() -> None:
    bare = replace(definitions.load().achievements[0], evidence=(), overview=(), reflection=())
    (said,) = definition_file([bare])["microcredentials"]
    assert (said["artifacts"], said["overview"], said["reflection"]) == ([], [], [])
