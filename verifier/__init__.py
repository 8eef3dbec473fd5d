"""Verify Open Badges 3.0 and W3C Verifiable Credentials, offline unless told otherwise.

    from verifier import Verifier, policy

    report = Verifier().verify(data, policy.TrustedIssuers("did:web:district.example"))
    print(report.verdict, [result.message for result in report.problems])

Nothing here imports Flask; the HTTP endpoint is `verifier.endpoint`.
"""

from verifier import policy
from verifier.checks.requested import PresentationRequest
from verifier.errors import CouldNotCheck, NotVerified, VerifierError
from verifier.fetch import Documents, Fetched, Fetcher, HttpsFetcher, Offline
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.memory import Memory
from verifier.policy import ExpectedRecipient, Policy, TrustedIssuer, TrustedIssuers, UnsafeAnyIssuer
from verifier.report import CheckId, CheckResult, Finding, Holder, Outcome, Report, Severity, Verdict
from verifier.verifier import Verifier

__all__ = [
    "DEFAULT_LIMITS",
    "CheckId",
    "CheckResult",
    "CouldNotCheck",
    "Documents",
    "ExpectedRecipient",
    "Fetched",
    "Fetcher",
    "Finding",
    "Holder",
    "HttpsFetcher",
    "Limits",
    "Memory",
    "NotVerified",
    "Offline",
    "Outcome",
    "Policy",
    "PresentationRequest",
    "Report",
    "Severity",
    "TrustedIssuer",
    "TrustedIssuers",
    "UnsafeAnyIssuer",
    "Verdict",
    "Verifier",
    "VerifierError",
    "policy",
]
