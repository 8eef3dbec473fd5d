"""Durable background work (DBOS): thin workflows that call services, and the worker that runs them."""

from issuer.jobs.worker import migrate, run_worker, working

__all__ = ["migrate", "run_worker", "working"]
