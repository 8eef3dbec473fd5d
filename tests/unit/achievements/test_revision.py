from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from achievements.model import Achievement, Rubric
from achievements.revision import content_hash, diff
from achievements.serialise import StoredFormError, canonical_json, dump, load
from tests.unit.achievements.strategies import achievements


@settings(max_examples=40)
@given(achievements())
def test_stored_json_is_an_exact_inverse(achievement: Achievement) -> None:
    stored = json.loads(json.dumps(dump(achievement)))
    assert load(stored) == achievement
    assert content_hash(load(stored)) == content_hash(achievement)


@settings(max_examples=20)
@given(achievements(), st.sampled_from(["description", "key_method", "version"]))
def test_every_change_of_words_is_another_version(achievement: Achievement, name: str) -> None:
    changed = replace(achievement, **{name: getattr(achievement, name) + "!"})
    assert content_hash(changed) != content_hash(achievement)
    assert [change.pointer for change in diff(achievement, changed)] == ["/" + name]


@settings(max_examples=20)
@given(achievements())
def test_a_criterion_put_in_front_is_one_change(achievement: Achievement) -> None:
    first = replace(achievement.rubric.criteria[0], id="urn:x:new")
    changed = replace(achievement, rubric=Rubric((first, *achievement.rubric.criteria)))
    assert [(change.pointer, change.before) for change in diff(achievement, changed)] == [
        ("/rubric/criteria/urn:x:new", None)
    ]
    turned = replace(changed, rubric=Rubric(changed.rubric.criteria[::-1]))
    assert [change.pointer for change in diff(changed, turned)] == ["/rubric/criteria"]
    assert diff(turned, turned) == ()


def test_the_hash_of_a_known_definition_stays() -> None:
    plain = Achievement("k", "n", "d", "c", Rubric(()))
    assert dump(plain) == {
        "schema": 1,
        "key": "k",
        "name": "n",
        "description": "d",
        "criteria_narrative": "c",
        "rubric": {"criteria": []},
    }
    assert content_hash(plain) == "sha256:6cc4a41ff443a2bf5e3ba96eaf38ecc21b490acccf25b2be88a8e8094b418148"


def test_canonical_json() -> None:
    assert canonical_json({"b": 1.0, "a": ["é", 0.5]}) == '{"a":["é",0.5],"b":1}'.encode()


@pytest.mark.parametrize(
    "spoil",
    [
        {"schema": 2},
        {"surprise": 1},
        {"hours": "8"},
        {"tags": "x"},
        {"rubric": []},
        {"extensions": []},
        {"name": None},
        {"expires_after_months": True},
        {"evidence": [{"key": "k", "title": "t", "kinds": ["smell"]}]},
        {"evidence": [{"key": "k"}]},
    ],
)
def test_a_spoilt_stored_form_is_refused(spoil: dict[str, object]) -> None:
    stored = dump(Achievement("k", "n", "d", "c", Rubric(())))
    with pytest.raises(StoredFormError):
        load({**stored, **spoil})
