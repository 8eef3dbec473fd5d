"""The worst that is still accepted: documents close to a limit, each made to be slow in its own way."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import badge
from verifier import UnsafeAnyIssuer, Verifier
from verifier.limits import DEFAULT_LIMITS


@dataclass(frozen=True)
class Cost:
    """`seconds` and `peak` bytes of memory for one whole verification of `size` bytes."""

    name: str
    size: int
    seconds: float
    peak: int
    code: str


def _documents() -> Iterator[tuple[str, dict[str, Any]]]:
    limits = DEFAULT_LIMITS
    alike = limits.ambiguous_work - 100
    document = badge.secured()
    document["evidence"] = [{"type": ["Evidence"]} for _ in range(alike)]
    yield f"{alike:,} look-alikes", document
    document = badge.secured()
    description = document["credentialSubject"]["achievement"]["resultDescription"][0]
    description["allowedValue"] = [f"value {number}" for number in range((limits.quads - 200) // 2)]
    yield "the longest list", document
    document = badge.secured()
    statements = (limits.quads - 200) // 2
    document["evidence"] = [{"id": f"urn:x:{number}", "type": ["Evidence"]} for number in range(statements)]
    yield "the most statements", document
    document = badge.secured()
    inner = document["issuer"]
    for number in range(limits.json_depth - 6):
        inner["parentOrg"] = {"id": f"urn:x:{number}", "type": ["Profile"], "name": "x" * 20_000}
        inner = inner["parentOrg"]
    yield "the deepest nesting, long texts", document
    document = badge.secured()
    document["description"] = "\\" * (limits.credential_bytes // 2 - 8_000)
    yield "one text of escapes", document


def costs() -> Iterator[Cost]:
    verifier = Verifier()
    for name, document in _documents():
        data = json.dumps(document).encode()
        start = time.process_time()
        report = verifier.verify(data, UnsafeAnyIssuer(), now=badge.NOW)
        seconds = time.process_time() - start
        tracemalloc.start()
        verifier.verify(data, UnsafeAnyIssuer(), now=badge.NOW)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        problem = report.problems[0].code if report.problems else ""
        yield Cost(name, len(data), seconds, peak, problem)
