"""Open Badges 2.0, the older standard, through the same report.

An assertion of 2.0 is either hosted (the copy on the issuer's own site is the badge) or signed (a JWS by a key that
the issuer's profile lists). Achievement and issuer are further documents at addresses of their own, so that almost
nothing can be said offline.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from verifier.checks.open_badges_2.older_badge import OlderBadge, follow
from verifier.checks.open_badges_2.proof import check_proof
from verifier.checks.open_badges_2.provenance import check_issuer, check_structure
from verifier.checks.open_badges_2.reading import CONTEXT, is_older_badge
from verifier.checks.open_badges_2.standing import check_recipient, check_status, check_validity
from verifier.report import CheckId, CheckResult

OlderCheck: TypeAlias = Callable[[OlderBadge], CheckResult]

#: In the order in which they run and are reported.
OLDER_CHECKS: tuple[tuple[CheckId, OlderCheck], ...] = (
    (CheckId.STRUCTURE, check_structure),
    (CheckId.ISSUER, check_issuer),
    (CheckId.PROOF, check_proof),
    (CheckId.VALIDITY, check_validity),
    (CheckId.STATUS, check_status),
    (CheckId.RECIPIENT, check_recipient),
)

__all__ = ["CONTEXT", "OLDER_CHECKS", "OlderBadge", "OlderCheck", "follow", "is_older_badge"]
