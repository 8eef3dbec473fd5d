"""Only `VerifierError` comes out of what reads strangers' bytes: what fuzzing found, again, and chance beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds

CORPUS = Path(__file__).parents[2] / "fuzz" / "corpus"


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_what_was_found(name: str) -> None:
    found = (CORPUS / f"{name}.txt").read_text().split()
    for data in [*seeds(name), *map(bytes.fromhex, found)]:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes(name: str) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.binary(max_size=60))
    def run(data: bytes) -> None:
        TARGETS[name](data)

    run()
