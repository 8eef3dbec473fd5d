"""The checks, one a file. Each takes a `Run` and answers with a `CheckResult`; none of them decides alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from verifier.checks import endorsements, evidence, issuer, proof, recipient, schema, status, structure, validity
from verifier.checks.run import Run
from verifier.report import CheckId, CheckResult

Check: TypeAlias = Callable[[Run], CheckResult]

#: In the order in which they run and are reported. The policy comes after them.
CHECKS: tuple[tuple[CheckId, Check], ...] = (
    (CheckId.STRUCTURE, structure.check),
    (CheckId.SCHEMA, schema.check),
    (CheckId.ISSUER, issuer.check),
    (CheckId.PROOF, proof.check),
    (CheckId.VALIDITY, validity.check),
    (CheckId.STATUS, status.check),
    (CheckId.RECIPIENT, recipient.check),
    (CheckId.EVIDENCE, evidence.check),
    (CheckId.ENDORSEMENTS, endorsements.check),
)

__all__ = ["CHECKS", "Check", "Run"]
