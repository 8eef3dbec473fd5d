"""How many verifications there were and how they ended. Nothing about whose credential it was, or who asked."""

from __future__ import annotations

from prometheus_client import Counter

from verifier.report import Report

VERIFICATIONS = Counter(
    name="badgewright_verifications_total", documentation="Verifications answered.", labelnames=("door", "verdict")
)


def count(door: str, report: Report) -> None:
    """`door` is where it was asked: `page`, `api`, `embed`."""
    VERIFICATIONS.labels(door, str(report.verdict)).inc()
