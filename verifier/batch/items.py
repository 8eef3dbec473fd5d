"""What comes in and what goes out: one `Item` in, one `Row` out, in the same order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from verifier.errors import CouldNotCheck, VerifierError
from verifier.report import CheckId, Outcome, Report, Verdict, report_to_json


@dataclass(frozen=True, slots=True)
class Item:
    """One input. Exactly one of `data`, `url` and `error` is given.

    Attributes:
        name: what the person who handed it in knows it by: a file name, a line number, an address.
        url: where the credential is.
        error: why there is nothing to verify.
    """

    name: str
    data: bytes | None = None
    url: str = ""
    error: VerifierError | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The answer to one input.

    Attributes:
        number: its place in the input, from 1.
        code, message: of the gravest problem; "" if verified, but for a presentation that of its holder.
        credential_id, issuer: as the credential states them, "" if it could not be read or is a presentation.
        registry: the name of the trust registry that recognises the issuer, "" if none or unnamed.
        sha256: hex digest of the bytes that were verified, "" if there were none.
        status_lists: (address, SHA-256) of each status list that was looked at.
        report: the whole report as JSON text, if it was asked for.
    """

    number: int
    name: str
    verdict: Verdict
    code: str = ""
    message: str = ""
    credential_id: str = ""
    issuer: str = ""
    registry: str = ""
    sha256: str = ""
    status_lists: tuple[tuple[str, str], ...] = ()
    report: str | None = None


def row_of_report(number: int, name: str, report: Report, *, full: bool = False) -> Row:
    problem = next(iter(report.problems), None)
    if problem is None and report.is_presentation:
        # What was verified is who shows the credentials inside, so that nobody takes the row for a badge.
        problem = report.result(CheckId.HOLDER)
    document = {} if report.is_presentation else report.credential or {}
    issuer = document.get("issuer")
    policy = report.result(CheckId.POLICY)
    recognised = policy is not None and policy.outcome is Outcome.PASSED and not report.is_presentation
    return Row(
        number=number,
        name=name,
        verdict=report.verdict,
        code=problem.code if problem else "",
        message=problem.message if problem else "",
        credential_id=_text(document.get("id")),
        issuer=_text(issuer.get("id") if isinstance(issuer, Mapping) else issuer),
        registry=_text(policy.details.get("registry")) if policy is not None and recognised else "",
        sha256=report.sha256,
        status_lists=tuple(dict.fromkeys(_status_lists(report))),
        report=json.dumps({"source": name, **report_to_json(report)}, ensure_ascii=True) if full else None,
    )


def row_of_error(number: int, name: str, error: VerifierError, *, full: bool = False) -> Row:
    verdict = Verdict.UNDETERMINED if isinstance(error, CouldNotCheck) else Verdict.FAILED
    shape = {"source": name, "verdict": str(verdict), "verified": False, "code": error.code, "message": error.message}
    return Row(
        number, name, verdict, error.code, error.message, report=json.dumps(shape, ensure_ascii=True) if full else None
    )


def _text(value: Any) -> str:
    return value[:2000] if isinstance(value, str) else ""


def _status_lists(report: Report) -> Iterator[tuple[str, str]]:
    status = report.result(CheckId.STATUS)
    if status is not None:
        entries = status.details.get("entries")
        for facts in (status.details, *(entries if isinstance(entries, list) else ())):
            url, digest = facts.get("url"), facts.get("listSha256")
            if isinstance(url, str) and isinstance(digest, str):
                yield url, digest
    for inner in report.contents:
        yield from _status_lists(inner)
