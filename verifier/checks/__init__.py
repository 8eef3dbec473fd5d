"""The checks, one a file. Each takes a `Run` and answers with a `CheckResult`; none of them decides alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from verifier.checks import (
    endorsements,
    evidence,
    issuer,
    proof,
    recipient,
    schema,
    status,
    structure,
    transcript,
    validity,
)
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
    (CheckId.CONTENTS, transcript.check),
)

#: What a check looks at and where its rule stands, for the results of checks that ended with an error.
ABOUT: Mapping[CheckId, tuple[str, str]] = MappingProxyType(
    {
        CheckId.STRUCTURE: ("the file and what is in it", structure.SECTION),
        CheckId.SCHEMA: ("the JSON Schema", schema.SECTION),
        CheckId.ISSUER: ("the issuer's own documents", issuer.SECTION),
        CheckId.PROOF: ("the signature", proof.SECTION),
        CheckId.VALIDITY: ("the dates", validity.SECTION),
        CheckId.STATUS: ("credentialStatus", status.SECTION),
        CheckId.RECIPIENT: ("the subject", recipient.SECTION),
        CheckId.EVIDENCE: ("digests in the credential", evidence.SECTION),
        CheckId.ENDORSEMENTS: ("endorsements", endorsements.SECTION),
        CheckId.CONTENTS: ("credentials inside", transcript.SECTION),
        CheckId.HOLDER: ("the holder, and the subject of each credential inside", "VCDM 2.0, section 4.13"),
    }
)

__all__ = ["ABOUT", "CHECKS", "Check", "Run"]
