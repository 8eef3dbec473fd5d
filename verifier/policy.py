"""Whom and what the caller accepts. Every verification needs a policy; there is no default.

A policy judges a credential after all other checks, and nothing in the credential can change it. `AllOf()` and
`AnyOf()` without members fail. The one way to accept any issuer says so in its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from verifier.checks.reading import is_vcdm_1, many
from verifier.checks.recipient import ExpectedRecipient
from verifier.credential import Credential
from verifier.errors import VerifierError
from verifier.formats import datetimes
from verifier.report import CheckId, CheckResult, Outcome

__all__ = [
    "AcceptedProofs",
    "AllOf",
    "AnyOf",
    "ExpectedRecipient",
    "Policy",
    "StatusPublisher",
    "TrustedIssuer",
    "TrustedIssuers",
    "UnsafeAnyIssuer",
]

_SECTION = "Open Badges 3.0 implementation guide: issuer trust"


class Policy(Protocol):
    def judge(self, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
        """A result for `CheckId.POLICY`. `results` are those of all checks that ran before."""
        ...


_PROOF_RESULTS = "the answers of the checks of issuer and proof"


def _result(
    outcome: Outcome, code: str, message: str, *, looked_at: str = "", details: Mapping[str, Any] | None = None
) -> CheckResult:
    return CheckResult(
        CheckId.POLICY,
        outcome,
        code,
        message,
        details=MappingProxyType(dict(details or {})),
        looked_at=looked_at,
        specification=_SECTION,
    )


def _proven(results: Sequence[CheckResult]) -> bool:
    passed = {r.check for r in results if r.outcome is Outcome.PASSED}
    return {CheckId.ISSUER, CheckId.PROOF} <= passed


def _not_reached() -> CheckResult:
    return _result(
        Outcome.UNDETERMINED,
        "issuer_not_proven",
        "Who issued this is not proven, so whether you recognise the issuer was not judged.",
        looked_at=_PROOF_RESULTS,
    )


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """One issuer that the caller recognises.

    Attributes:
        id: the DID or https URL that must stand in the credential's `issuer`, character for character.
        valid_from, valid_until: recognised for credentials that became valid in this time; None leaves it open.
        achievements: ids of the achievements it is recognised for; empty for all.
    """

    id: str
    name: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    achievements: frozenset[str] = frozenset()


class TrustedIssuers:
    """The issuers the caller recognises, such as one trust registry.

    Args:
        issuers: ids, or `TrustedIssuer` where more is to be said.
        registry: the registry's name, for the report.
    """

    def __init__(self, *issuers: str | TrustedIssuer, registry: str = "") -> None:
        entries = [i if isinstance(i, TrustedIssuer) else TrustedIssuer(i) for i in issuers]
        self._issuers: dict[str, list[TrustedIssuer]] = {}
        for entry in entries:
            self._issuers.setdefault(entry.id, []).append(entry)
        self.registry = registry

    def __len__(self) -> int:
        return len(self._issuers)

    def judge(self, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
        if not _proven(results):
            return _not_reached()
        issuer = credential.issuer_id or ""
        looked_at = f"{self.registry or 'the list of recognised issuers'} ({len(self)} issuers)"
        details: dict[str, Any] = {"issuer": issuer, "registry": self.registry}
        entries = self._issuers.get(issuer, [])
        if not entries:
            return _result(
                Outcome.FAILED,
                "issuer_not_recognised",
                "The issuer is not on the list of recognised issuers; whether to trust it is for you to decide.",
                looked_at=looked_at,
                details=details,
            )
        in_time = [entry for entry in entries if _in_time(entry, credential)]
        if not in_time:
            return _result(
                Outcome.FAILED,
                "issuer_not_recognised_then",
                "You recognise this issuer, but not for the time at which the credential was issued.",
                looked_at=looked_at,
                details=details,
            )
        for entry in in_time:
            if not entry.achievements or (
                _achievements(credential) and _achievements(credential) <= entry.achievements
            ):
                by = f" by {self.registry}" if self.registry else ""
                return _result(
                    Outcome.PASSED,
                    "issuer_recognised",
                    f"The issuer, {entry.name or entry.id}, is recognised{by}.",
                    looked_at=looked_at,
                    details={**details, "name": entry.name},
                )
        return _result(
            Outcome.FAILED,
            "achievement_not_recognised",
            "You recognise this issuer, but not for this achievement.",
            looked_at=looked_at,
            details=details,
        )


def _in_time(entry: TrustedIssuer, credential: Credential) -> bool:
    if entry.valid_from is None and entry.valid_until is None:
        return True
    name = "issuanceDate" if is_vcdm_1(credential.document) else "validFrom"
    try:
        issued = datetimes.parse(credential.document.get(name))
    except VerifierError:
        return False
    after = entry.valid_from is None or issued >= entry.valid_from
    return after and (entry.valid_until is None or issued <= entry.valid_until)


def _achievements(credential: Credential) -> frozenset[str]:
    """Ids of the achievements; one that cannot be named stands as "" and matches no entry."""
    found: set[str] = set()
    for subject in many(credential.document.get("credentialSubject")):
        for achievement in many(subject.get("achievement") if isinstance(subject, Mapping) else None):
            identifier = achievement.get("id") if isinstance(achievement, Mapping) else achievement
            found.add(identifier if isinstance(identifier, str) else "")
    return frozenset(found)


class AcceptedProofs:
    """Only credentials whose proof passed with one of the named cryptosuites or JWS algorithms."""

    def __init__(self, *names: str) -> None:
        self._names = frozenset(names)

    def judge(self, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
        if not _proven(results):
            return _not_reached()
        used = next((r.details.get("suite") for r in results if r.check is CheckId.PROOF), None)
        if used in self._names:
            return _result(
                Outcome.PASSED,
                "proof_kind_accepted",
                f"The proof is of a kind you accept ({used}).",
                looked_at=_PROOF_RESULTS,
            )
        return _result(
            Outcome.FAILED,
            "proof_kind_not_accepted",
            f"The proof is of a kind that you do not accept ({used}).",
            looked_at=_PROOF_RESULTS,
            details={"suite": used},
        )


class AllOf:
    """Every member must pass. Without members it fails."""

    def __init__(self, *policies: Policy) -> None:
        self._policies = policies

    def judge(self, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
        answers = [policy.judge(credential, results) for policy in self._policies]
        if not answers:
            return _empty()
        for outcome in (Outcome.FAILED, Outcome.UNDETERMINED, Outcome.NOT_APPLICABLE):
            for answer in answers:
                if answer.outcome is outcome:
                    return answer
        return answers[0]


class AnyOf:
    """One passing member is enough, such as one of several registries. Without members it fails."""

    def __init__(self, *policies: Policy) -> None:
        self._policies = policies

    def judge(self, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
        answers = [policy.judge(credential, results) for policy in self._policies]
        if not answers:
            return _empty()
        for outcome in (Outcome.PASSED, Outcome.UNDETERMINED):
            for answer in answers:
                if answer.outcome is outcome:
                    return answer
        return answers[0]


def _empty() -> CheckResult:
    return _result(
        Outcome.FAILED,
        "policy_empty",
        "No rule says whom you recognise, so nobody is recognised.",
        looked_at="the policy",
    )


class UnsafeAnyIssuer:
    """Accepts whoever proves to be the issuer. It says nothing about who that is; never use it to decide anything."""

    def judge(self, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
        if not _proven(results):
            return _not_reached()
        return _result(
            Outcome.PASSED,
            "any_issuer_accepted",
            "Any issuer was accepted: whether to trust this one is for you to judge.",
            looked_at=_PROOF_RESULTS,
            details={"issuer": credential.issuer_id},
        )


class StatusPublisher:
    """Who may publish the status of a credential: its issuer, or somebody the caller's own policy recognises.

    Bitstring Status List lets anybody publish a list, so that a list by a stranger has to be asked about.
    """

    def __init__(self, issuer: str | None, otherwise: Policy) -> None:
        self._issuer = issuer
        self._otherwise = otherwise

    def judge(self, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
        if self._issuer is not None and credential.issuer_id == self._issuer:
            return TrustedIssuers(self._issuer).judge(credential, results)
        return self._otherwise.judge(credential, results)
