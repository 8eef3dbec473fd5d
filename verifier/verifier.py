"""Verification, step by step. The numbers are those of Open Badges 3.0, section 8 (Verification and Validation).

1. Read the bytes: limits, image or envelope, JSON.
2. Conform: data model, contexts, types, schema.
3. Prove: the issuer's own document lists the key; the signature is by that key.
4. Refresh, if the credential asks for it.
5. Status: in time, not revoked, not suspended.
6. Recipient, if the caller named one; evidence, if the caller has it.
7. What is inside: endorsements, credentials of a transcript or presentation.
8. Policy: does the caller recognise the issuer? Of a presentation, every issuer inside; the presenter is no issuer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import IO, Any, TypeVar

from verifier.allowance import allowance, require_time
from verifier.checks import ABOUT, CHECKS, Run, open_badges_2, presentations, refresh
from verifier.checks.recipient import ExpectedRecipient
from verifier.checks.requested import PresentationRequest
from verifier.credential import Credential
from verifier.errors import CouldNotCheck, NotVerified, VerifierError
from verifier.fetch import Budgeted, Fetcher, Offline
from verifier.intake import take_in
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.memory import Memory
from verifier.policy import Policy, StatusPublisher
from verifier.report import CheckId, CheckResult, Finding, Outcome, Report, Severity, Verdict
from verifier.resolvers import Keys

_Subject = TypeVar("_Subject")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the caller wants to know, the same for everything inside but for what `about` leaves out."""

    policy: Policy
    fetcher: Fetcher
    keys: Keys
    memory: Memory | None
    recipient: ExpectedRecipient | None = None
    evidence: tuple[bytes | IO[bytes], ...] = ()
    request: PresentationRequest | None = None
    may_refresh: bool = True

    def about(self, policy: Policy) -> _Asked:
        """For a credential inside, or a status list: the recipient, evidence and request are not about it."""
        return _Asked(policy, self.fetcher, self.keys, self.memory, may_refresh=False)

    def about_shown(self) -> _Asked:
        """For a credential inside a presentation: it has to be about the recipient, as if it had come by itself."""
        return replace(self.about(self.policy), recipient=self.recipient)


class Verifier:
    """Verifies credentials. Holds no state between calls; one instance serves all threads if its fetcher does.

    Args:
        fetcher: gets the documents of issuers and status lists; `Offline()` gets none.
        limits: bounds for one verification.
    """

    def __init__(self, fetcher: Fetcher | None = None, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self._fetcher: Fetcher = fetcher or Offline()
        self._limits = limits

    def verify(
        self,
        data: bytes,
        policy: Policy,
        *,
        now: datetime | None = None,
        recipient: ExpectedRecipient | None = None,
        evidence: Sequence[bytes | IO[bytes]] = (),
        memory: Memory | None = None,
        request: PresentationRequest | None = None,
    ) -> Report:
        """Everything that can be said about `data`; never raises for what is in it.

        Args:
            data: JSON, compact JWS, or PNG or SVG with a credential baked in.
            policy: whom the caller recognises; see `verifier.policy`.
            now: the moment to judge for, aware; the present by default.
            recipient: whom the credential should be about.
            evidence: evidence files at hand, as bytes or open and seekable; their digests are looked for in the
                credential.
            request: what the holder was asked for; with one, `data` has to be a presentation that answers it. Without
                one a presentation is accepted as well, though it may be one that was made for somebody else.
            memory: what earlier verifications of the same run found out about issuers and status lists.

        Raises:
            ValueError: `now` has no time zone.
            RuntimeError: `memory` belongs to another verifier, policy or moment.
        """
        moment = datetime.now(UTC) if now is None else now
        if moment.tzinfo is None:
            raise ValueError("now needs a time zone")
        moment = moment.astimezone(UTC)
        if memory is None:
            fetcher = Budgeted(self._fetcher, self._limits)
            keys = Keys(fetcher, self._limits, moment)
        else:
            memory.bind(self, policy, moment)
            fetcher = memory.fetcher(self._fetcher, self._limits)
            keys = memory.keys(fetcher, self._limits, moment)
        asked = _Asked(policy, fetcher, keys, memory, recipient, tuple(evidence), request)
        with allowance(self._limits):
            return self._verify(bytes(data), asked, depth=0)

    def require(
        self,
        data: bytes,
        policy: Policy,
        *,
        now: datetime | None = None,
        recipient: ExpectedRecipient | None = None,
        evidence: Sequence[bytes | IO[bytes]] = (),
        request: PresentationRequest | None = None,
    ) -> Report:
        """As `verify`, for callers that go on only with a verified credential.

        Raises:
            NotVerified: with the code and sentence of the gravest problem, and the whole report.
            ValueError: `now` has no time zone.
        """
        report = self.verify(data, policy, now=now, recipient=recipient, evidence=evidence, request=request)
        if report.verdict is Verdict.VERIFIED:
            return report
        problem = next(iter(report.problems), None)
        if problem is None:
            raise NotVerified("not_verified", "The credential was not verified.", report=report)
        raise NotVerified(problem.code, problem.message, report=report)

    def _verify(self, data: bytes, asked: _Asked, *, depth: int) -> Report:
        policy = asked.policy
        # (1) Read
        try:
            require_time()
            credential = take_in(data, asked.fetcher, self._limits)
        except VerifierError as error:
            return Report(
                results=(_from_error(CheckId.STRUCTURE, error),),
                checked_at=asked.keys.now,
                sha256=hashlib.sha256(data).hexdigest(),
            )

        # (2) to (7) Check
        def verify_list(body: bytes) -> Report:
            def judge() -> Report:
                publisher = StatusPublisher(credential.issuer_id, policy)
                return self._verify(body, asked.about(publisher), depth=depth + 1)

            if asked.memory is None:
                return judge()
            # Whatever else the answer should come to depend on belongs into the question that is remembered.
            return asked.memory.judged_list(policy, credential.issuer_id, depth, body, judge)

        def verify_inner(inner: Mapping[str, Any] | str) -> Report:
            text = inner if isinstance(inner, str) else json.dumps(inner, ensure_ascii=False)
            question = asked.about_shown() if is_presentation else asked.about(policy)
            return self._verify(text.encode("utf-8", "surrogatepass"), question, depth=depth + 1)

        is_presentation = depth == 0 and presentations.is_presentation(credential.document)
        run = Run(
            credential=credential,
            now=asked.keys.now,
            fetcher=asked.fetcher,
            limits=self._limits,
            keys=asked.keys,
            verify_list=verify_list,
            verify_inner=verify_inner,
            depth=depth,
            recipient=asked.recipient,
            evidence=asked.evidence,
            request=asked.request,
        )
        if is_presentation:
            presented = presentations.Presented.of(run)
            results = [_run(check_id, check, presented) for check_id, check in presentations.PRESENTATION_CHECKS]
            results.sort(key=lambda result: list(CheckId).index(result.check))
            results.append(presentations.judge_issuers(presented))
            return replace(_report(run, results), holder=presentations.holder_of(presented))
        if asked.request is not None:
            refused = VerifierError("presentation_expected", "This is no presentation, which was asked for.")
            return _report(run, [_from_error(CheckId.STRUCTURE, refused)])
        if open_badges_2.is_older_badge(credential.document):
            older = open_badges_2.OlderBadge(run)
            results = [_run(check_id, check, older) for check_id, check in open_badges_2.OLDER_CHECKS]
            credential = replace(credential, attributed_to=older.issuer_id)
        else:
            results = []
            for check_id, check in CHECKS:
                results.append(_run(check_id, check, run))
                # (4) Refresh, once the credential is proven
                if check_id is CheckId.PROOF and asked.may_refresh:
                    refreshed = self._refreshed(run, results, asked)
                    if refreshed is not None:
                        return refreshed

        # (8) Judge
        results.append(_judge(policy, credential, results))
        return _report(run, results)

    def _refreshed(self, run: Run, results: Sequence[CheckResult], asked: _Asked) -> Report | None:
        """The report on the newer credential that a proven one offers; None to go on with the original."""
        offered = refresh.newer(run, results)
        if offered is None:
            return None
        url, body = offered
        report = self._verify(body, replace(asked, may_refresh=False), depth=run.depth)
        if not refresh.replaces(report, run.credential.document):
            return None
        return replace(report, sha256=run.credential.sha256, media_type=run.credential.media_type, refreshed_from=url)


def _report(run: Run, results: Sequence[CheckResult]) -> Report:
    return Report(
        results=tuple(_shortened(result, run.limits.findings) for result in results),
        checked_at=run.now,
        credential=run.credential.document,
        media_type=run.credential.media_type,
        sha256=run.credential.sha256,
        contents=tuple(run.contents),
    )


def _shortened(result: CheckResult, most: int) -> CheckResult:
    """A small file can hold tens of thousands of faults; a report names the first of them."""
    if len(result.findings) <= most:
        return result
    rest = len(result.findings) - most + 1
    last = Finding(
        "findings_not_listed",
        f"There are {rest} further findings of this check, which are not listed.",
        Severity.WARNING,
    )
    return replace(result, findings=(*result.findings[: most - 1], last))


def _run(check_id: CheckId, check: Callable[[_Subject], CheckResult], subject: _Subject) -> CheckResult:
    try:
        require_time()
        return check(subject)
    except VerifierError as error:
        return _from_error(check_id, error)


def _judge(policy: Policy, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
    try:
        return policy.judge(credential, tuple(results))
    except VerifierError as error:
        return _from_error(CheckId.POLICY, error)


def _from_error(check_id: CheckId, error: VerifierError) -> CheckResult:
    outcome = Outcome.UNDETERMINED if isinstance(error, CouldNotCheck) else Outcome.FAILED
    finding = Finding(error.code, error.message, pointer=error.pointer)
    details = dict(error.details) | ({"pointer": error.pointer} if error.pointer else {})
    looked_at, section = ABOUT.get(check_id, ("", ""))
    return CheckResult(
        check_id,
        outcome,
        error.code,
        error.message,
        details=details,
        findings=(finding,),
        looked_at=looked_at,
        specification=section,
    )
