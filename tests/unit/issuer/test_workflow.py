"""The table of states, and the database's CHECK constraints that must agree with it."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import CheckConstraint

from issuer.errors import Conflict
from issuer.models import Submission
from issuer.workflow import DECIDED, EDITABLE, OPEN, TRANSITIONS, Action, State, advance


def _check(name: str) -> str:
    for constraint in Submission.__table__.constraints:
        if isinstance(constraint, CheckConstraint) and str(constraint.name).endswith(name):
            return str(constraint.sqltext)
    raise AssertionError(name)


def test_what_is_not_in_the_table_cannot_happen() -> None:
    for state, action in product(State, Action):
        if (state, action) in TRANSITIONS:
            assert advance(state, action) is TRANSITIONS[state, action]
            continue
        with pytest.raises(Conflict) as caught:
            advance(state, action)
        assert caught.value.code == ("already_decided" if state in DECIDED else "wrong_state")


def test_every_state_is_reached_and_two_are_the_end() -> None:
    assert set(TRANSITIONS.values()) == set(State) - {State.DRAFT}
    assert set(State) - {state for state, _ in TRANSITIONS} == {State.ISSUED, State.WITHDRAWN}


def test_the_database_knows_the_same_states() -> None:
    assert all(f"'{state.value}'" in _check("state_known") for state in State)
    assert _check("state_known").count("'") == 2 * len(State)
    assert all(f"'{state.value}'" in _check("decided_has_decider") for state in DECIDED)


def test_the_unique_index_covers_the_open_states() -> None:
    (index,) = (each for each in Submission.__table__.indexes if each.name == "uq_submissions_one_open")
    for dialect in ("sqlite", "postgresql"):
        where = str(index.dialect_options[dialect]["where"])
        assert all(f"'{state.value}'" in where for state in OPEN)
        assert where.count("'") == 2 * len(OPEN)


def test_teachers_change_only_what_no_reviewer_holds() -> None:
    assert {state for state, action in TRANSITIONS if action is Action.SUBMIT} == EDITABLE
