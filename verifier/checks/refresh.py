"""Refreshing a credential once (1EdTech Credential Refresh 1.0; Open Badges 3.0, section 8.2, step 3).

Only a credential that is proven may send us anywhere, and what is found there replaces it only if it is proven too, by
the same issuer, under the same id, and is no older. Whatever goes wrong, the original is judged as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from verifier.checks.reading import is_vcdm_1, objects, types
from verifier.checks.run import Run
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import datetimes
from verifier.report import CheckId, CheckResult, Outcome, Report

_PROVEN = frozenset({CheckId.STRUCTURE, CheckId.ISSUER, CheckId.PROOF})


def newer(run: Run, results: Sequence[CheckResult]) -> tuple[str, bytes] | None:
    """The address and bytes that the credential offers instead of itself, if it is proven and offers any."""
    if not {result.check for result in results if result.outcome is Outcome.PASSED} >= _PROVEN:
        return None
    for _, service in objects(run.credential.document.get("refreshService"), "/refreshService"):
        url = service.get("id") if isinstance(service, Mapping) else None
        if "1EdTechCredentialRefresh" in types(service) and isinstance(url, str):
            try:
                return url, run.fetcher.get(url, max_bytes=run.limits.container_bytes).body
            except CouldNotCheck:
                return None
    return None


def replaces(report: Report, original: Mapping[str, Any]) -> bool:
    """Whether `report` is about a proven credential that takes the place of `original` (section 8.7)."""
    found = report.credential
    if (
        found is None
        or report.is_presentation
        or not {r.check for r in report.results if r.outcome is Outcome.PASSED} >= _PROVEN
    ):
        return False
    if _identity(found) != _identity(original) or None in _identity(found):
        return False
    try:
        return _begins(found) >= _begins(original)
    except VerifierError:
        return False


def _identity(document: Mapping[str, Any]) -> tuple[str | None, str | None]:
    issuer = document.get("issuer")
    values = (issuer.get("id") if isinstance(issuer, Mapping) else issuer, document.get("id"))
    first, second = (unquote(value).strip() if isinstance(value, str) else None for value in values)
    return first, second


def _begins(document: Mapping[str, Any]) -> float:
    name = "issuanceDate" if is_vcdm_1(document) else "validFrom"
    return datetimes.parse(document.get(name)).timestamp()
