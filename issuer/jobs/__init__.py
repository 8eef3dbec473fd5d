"""Durable background work (DBOS): thin workflows that call services, and the worker that runs them."""

from issuer.jobs.worker import JobFailed, migrate, run_worker, sweep, wait_for_credential, working

__all__ = ["JobFailed", "migrate", "run_worker", "sweep", "wait_for_credential", "working"]
