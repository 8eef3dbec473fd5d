"""The bulk benchmark measures what it says: every credential is one of its own, and all of them verify."""

from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks import badge, bulk


def test_a_small_run(tmp_path: Path) -> None:
    path = tmp_path / "badges.jsonl"
    lines = [json.dumps(badge.secured(number)) for number in range(5)]
    assert len(set(lines)) == 5
    path.write_text("\n".join(lines))
    found = bulk.run(path, 5, 1, tmp_path)
    assert (found.jobs, found.resident > 10_000_000, found.proportional <= found.resident) == (1, True, True)
