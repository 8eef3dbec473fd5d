"""Verifiable presentations (VCDM 2.0, section 4.13): what a holder shows, and who the holder is.

A presentation says two things: these credentials are good, each by itself, and the presenter holds the key that
signed the presentation. Whether that is the person whom a credential is about, only the credential can say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from verifier.checks.presentations import contents, holder, proof, structure, token
from verifier.checks.presentations.holder import judge_issuers
from verifier.checks.presentations.presented import Presented, holder_of
from verifier.checks.reading import types
from verifier.report import CheckId, CheckResult, Outcome

__all__ = ["PRESENTATION_CHECKS", "Presented", "holder_of", "is_presentation", "judge_issuers"]

PresentationCheck: TypeAlias = Callable[[Presented], CheckResult]


def _holder(presented: Presented) -> CheckResult:
    is_token = presented.run.credential.jws is not None
    return token.check_holder(presented) if is_token else proof.check_holder(presented)


def _proof(presented: Presented) -> CheckResult:
    is_token = presented.run.credential.jws is not None
    result = token.check_proof(presented) if is_token else proof.check_proof(presented)
    presented.proven = presented.holder_found and result.outcome is Outcome.PASSED
    return result


#: In the order in which they run. The policy comes after them.
PRESENTATION_CHECKS: tuple[tuple[CheckId, PresentationCheck], ...] = (
    (CheckId.STRUCTURE, structure.check),
    (CheckId.ISSUER, _holder),
    (CheckId.PROOF, _proof),
    (CheckId.VALIDITY, token.check_validity),
    (CheckId.STATUS, contents.check_status),
    (CheckId.CONTENTS, contents.check),
    (CheckId.RECIPIENT, contents.check_recipient),
    (CheckId.EVIDENCE, contents.check_evidence),
    (CheckId.HOLDER, holder.check),
)


def is_presentation(document: Mapping[str, Any]) -> bool:
    """Whether the document calls itself a presentation. What calls itself a credential too is judged as one."""
    return "VerifiablePresentation" in types(document) and "VerifiableCredential" not in types(document)
