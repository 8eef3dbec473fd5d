"""Durable background work (DBOS): thin workflows that call services, and the worker that runs them."""

from issuer.jobs.reissuing import MailNotSent
from issuer.jobs.reissuing import run as run_reissue
from issuer.jobs.worker import JobFailed, migrate, run_worker, sweep, wait_for_credential, working

__all__ = [
    "JobFailed",
    "MailNotSent",
    "migrate",
    "run_reissue",
    "run_worker",
    "sweep",
    "wait_for_credential",
    "working",
]
