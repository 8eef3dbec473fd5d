"""Whatever a badge holds, the lint answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.verifier.lint.conftest import NOW, sign, unsigned, world
from verifier.lint import lint, lint_to_json

GOOD = sign(unsigned())


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([at] if at else []), *(path for key, member in inner for path in paths(member, (*at, key)))]


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=9)
    | st.sampled_from(["id", "urn:x", "did:web:x"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from([*paths(GOOD), ("endorsement",), ("credentialSchema",), ("refreshService",)]), value=values)
def test_any_value_anywhere(path: tuple[Any, ...], value: Any) -> None:
    document = json.loads(json.dumps(GOOD))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    report = lint(json.dumps(document).encode(), now=NOW, fetcher=world())
    assert json.dumps(lint_to_json(report))


@pytest.mark.parametrize("depth", [30, 60, 400])
def test_deep_endorsements(depth: int) -> None:
    document: dict[str, Any] = {"type": ["VerifiableCredential"]}
    for _ in range(depth):
        document = {"type": ["VerifiableCredential"], "endorsement": [document]}
    report = lint(json.dumps(document).encode(), now=NOW)
    assert not report.passes
    assert len(report.endorsements) <= 256
