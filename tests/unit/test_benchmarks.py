"""The benchmark measures what it says: its badge verifies, and means to PyLD what it means here."""

from __future__ import annotations

import pytest
from pyld import jsonld

from tests.benchmarks import __main__ as benchmark
from tests.benchmarks import badge, timing, tokens
from tests.benchmarks.peers import run as peers
from verifier import Verifier, canonical, policy


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    def once(name: str, operation: object, *, seconds: float = 0.0) -> timing.Row:
        assert callable(operation)
        operation()
        return timing.Row(name, 1.0)

    for module in (benchmark, tokens):
        monkeypatch.setattr(module, "measure", once)


def test_every_row_can_be_measured() -> None:
    assert len(benchmark.main_rows()) == 7
    assert [name for name, *_ in tokens.rows()] == ["RS256", "ES256", "EdDSA"]


def test_its_badge_means_the_same_to_pyld() -> None:
    unsigned = badge.unsigned()
    assert jsonld.normalize(unsigned, benchmark.pyld_options(static=False)) == canonical.canonicalize(unsigned)


def test_the_badge_for_the_peers_verifies() -> None:
    data = benchmark.json.dumps(peers.secured()).encode()
    benchmark.checked(Verifier(), data, policy.TrustedIssuers(peers.DID))()
