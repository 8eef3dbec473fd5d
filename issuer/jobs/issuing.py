"""Issuing as a durable workflow: what was begun before a crash is finished after it, and never done twice."""

from __future__ import annotations

import logging

from dbos import DBOS
from sqlalchemy import select

from issuer.db import unit_of_work
from issuer.errors import NotFound, ServiceError
from issuer.models import Submission
from issuer.runtime import ISSUE_WORKFLOW, Runtime
from issuer.services.issuance import issue

logger = logging.getLogger(__name__)

#: The runtime of the worker in this process: DBOS keeps its workflows per process and calls them with plain values.
_runtime: list[Runtime] = []


def use(runtime: Runtime | None) -> None:
    """Give the workflows of this process their tools, or take them away."""
    _runtime[:] = [runtime] if runtime else []


@DBOS.workflow(name=ISSUE_WORKFLOW)
def issue_credential(submission_number: str, attempt: int) -> str:
    """The number of the credential of this submission."""
    return issue_step(submission_number, attempt)


def _may_pass(error: BaseException) -> bool:
    """Whether trying again soon may help: not where a person has to change something first."""
    return not isinstance(error, ServiceError) or error.status == 503


@DBOS.step(
    name="issue", retries_allowed=True, max_attempts=5, interval_seconds=1, backoff_rate=2, should_retry=_may_pass
)
def issue_step(submission_number: str, attempt: int) -> str:
    """One transaction. Run again after a crash, it finds the credential that the first run stored."""
    runtime = _runtime[0]
    with unit_of_work(runtime.sessions) as session:
        submission_id = session.scalar(
            select(Submission.id).where(Submission.number == submission_number, Submission.attempt == attempt)
        )
        if submission_id is None:
            raise NotFound("There is no such submission.")
        credential = issue(
            session,
            runtime.keyring,
            runtime.verifier_for_own_output,
            runtime.addresses,
            runtime.storage,
            submission_id,
            runtime.clock(),
        )
        number = credential.number
    logger.info("submission %s has its credential %s", submission_number, number)
    return number
