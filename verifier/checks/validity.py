"""Whether now lies between the two dates (VCDM 2.0 section 4.9; VCDM 1.1 sections 4.6 and 4.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from verifier.checks.reading import is_vcdm_1
from verifier.checks.run import Run
from verifier.errors import VerifierError
from verifier.formats import datetimes
from verifier.report import CheckId, CheckResult, Finding, Outcome

SECTION = "VCDM 2.0, section 4.9: validity period"


def date_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the dates themselves, whatever the moment. Any of them may lie in the past or the future."""
    moments: dict[str, datetime] = {}
    older = is_vcdm_1(document)
    first, last = ("issuanceDate", "expirationDate") if older else ("validFrom", "validUntil")
    for name in (first, last):
        if name in document:
            try:
                moments[name] = datetimes.parse(document[name], pointer=f"/{name}")
            except VerifierError as error:
                yield Finding(error.code, error.message, pointer=error.pointer)
    if older and first not in document:
        yield Finding("valid_from_missing", "The credential does not say when it was issued.", pointer=f"/{first}")
    if len(moments) > 1 and moments[last] < moments[first]:
        yield Finding("validity_reversed", "The credential ends before it begins.", pointer=f"/{last}")


def _moments(document: Mapping[str, Any], names: Iterable[str]) -> list[datetime]:
    return [datetimes.parse(document[name], pointer=f"/{name}") for name in names if name in document]


def check(run: Run) -> CheckResult:
    """Both ends get `limits.clock_skew` seconds of grace, because clocks differ.

    Raises:
        VerifierError: `date_malformed`, `date_without_zone`.
    """
    document = run.credential.document
    first, last = ("issuanceDate", "expirationDate") if is_vcdm_1(document) else ("validFrom", "validUntil")
    # The contexts of 1.1 define the names of 2.0 as well. What the issuer signed holds: the latest beginning, the
    # earliest end.
    begins = max(_moments(document, (first, "validFrom")), default=None)
    ends = min(_moments(document, (last, "validUntil")), default=None)
    skew = timedelta(seconds=run.limits.clock_skew)
    details = {name: document[name] for name in (first, last, "validFrom", "validUntil") if name in document}

    def result(outcome: Outcome, code: str, message: str) -> CheckResult:
        return CheckResult(
            CheckId.VALIDITY,
            outcome,
            code,
            message,
            details=details,
            looked_at=f"{first} and {last}, against {datetimes.render(run.now)}",
            specification=SECTION,
        )

    if begins is not None and ends is not None and ends < begins:
        return result(Outcome.FAILED, "validity_reversed", "The credential ends before it begins.")
    if begins is not None and run.now + skew < begins:
        return result(
            Outcome.FAILED, "not_yet_valid", f"The credential is not valid before {datetimes.render(begins)}."
        )
    if ends is not None and run.now - skew > ends:
        return result(Outcome.FAILED, "expired", f"The credential expired on {datetimes.render(ends)}.")
    if ends is None:
        return result(Outcome.PASSED, "in_time", "The credential is in time; it does not expire.")
    return result(Outcome.PASSED, "in_time", f"The credential is in time, until {datetimes.render(ends)}.")
