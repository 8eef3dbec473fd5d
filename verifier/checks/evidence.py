"""Whether evidence files that the caller has are the ones the credential speaks of (VCDM 2.0, section 5.3).

The digest stands in the signed credential, so a file that fits is the file the reviewer saw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from verifier.checks.reading import many
from verifier.checks.run import Run
from verifier.formats import digests
from verifier.report import CheckId, CheckResult, Finding, Outcome

SECTION = "VCDM 2.0, section 5.3: integrity of related resources"


def _stated(document: Mapping[str, Any]) -> Iterator[str]:
    for entry in [*many(document.get("evidence")), *many(document.get("relatedResource"))]:
        if isinstance(entry, Mapping):
            for name in ("digestSRI", "digestMultibase"):
                yield from (digest for digest in many(entry.get(name)) if isinstance(digest, str))


def check(run: Run) -> CheckResult:
    """Not applicable unless the caller handed files in."""
    return judge([run.credential.document], run.evidence)


def judge(documents: Sequence[Mapping[str, Any]], files: Sequence[bytes | IO[bytes]]) -> CheckResult:
    """Whether each of `files` is named in one of the credentials."""
    if not files:
        return CheckResult(
            CheckId.EVIDENCE,
            Outcome.NOT_APPLICABLE,
            "evidence_not_asked",
            "No evidence file was handed in.",
            looked_at="the files handed in, of which there are none",
            specification=SECTION,
        )
    stated = [digest for document in documents for digest in _stated(document)]
    looked_at = f"{len(stated)} digests in the credential, {len(files)} files"
    named = frozenset(part for digest in stated for part in digests.listed(digest))
    known = [digests.of(file) for file in files]
    strangers = [each for each in known if named.isdisjoint(each.forms)]
    if strangers:
        findings = tuple(
            Finding("evidence_mismatch", f"No digest fits the file with SHA-256 {each.sha256}.") for each in strangers
        )
        return CheckResult(
            CheckId.EVIDENCE,
            Outcome.FAILED,
            "evidence_mismatch",
            "A file that you handed in is not among the evidence of this credential.",
            findings=findings,
            looked_at=looked_at,
            specification=SECTION,
        )
    return CheckResult(
        CheckId.EVIDENCE,
        Outcome.PASSED,
        "evidence_matches",
        "Every file that you handed in is evidence named in this credential.",
        looked_at=looked_at,
        specification=SECTION,
    )
