"""Whether the credential was revoked or suspended: each `credentialStatus` entry is given to the reader of its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from verifier.checks import status_bitstring, status_list_2021, status_revocation_list
from verifier.checks.reading import objects, types
from verifier.checks.run import Run
from verifier.errors import CouldNotCheck, VerifierError
from verifier.report import CheckId, CheckResult, Finding, Outcome

SECTION = "VCDM 2.0, section 4.10; W3C Bitstring Status List v1.0, section 3.2"
_MAX_ENTRIES = 16
_MAX_DEPTH = 4

#: Reads one entry: a sentence about what it says, and details. Raises if the credential must not be relied upon.
Reader: TypeAlias = Callable[[Run, Mapping[str, Any], str], tuple[str, Mapping[str, Any]]]

_READERS: Mapping[str, Reader] = {
    status_bitstring.KIND.entry: status_bitstring.read,
    status_list_2021.KIND.entry: status_list_2021.read,
    "1EdTechRevocationList": status_revocation_list.read,
}


def check(run: Run) -> CheckResult:
    """A bad answer of any entry outranks an open one; an open one outranks a good one."""
    entries = list(objects(run.credential.document.get("credentialStatus"), "/credentialStatus"))
    if not entries:
        return CheckResult(
            CheckId.STATUS,
            Outcome.NOT_APPLICABLE,
            "status_none",
            "The credential names no list on which it could be revoked.",
            looked_at="credentialStatus",
            specification=SECTION,
        )
    if len(entries) > _MAX_ENTRIES:
        raise VerifierError(
            "status_malformed", f"More than {_MAX_ENTRIES} statuses are named.", pointer="/credentialStatus"
        )
    if run.depth >= _MAX_DEPTH:
        raise CouldNotCheck("nested_too_deep", "Status lists point to status lists without end.")
    failure: VerifierError | None = None
    sentences: list[str] = []
    details: list[Mapping[str, Any]] = []
    for pointer, entry in entries:
        try:
            sentence, facts = _read(run, entry, pointer)
        except VerifierError as error:
            if failure is None or (isinstance(failure, CouldNotCheck) and not isinstance(error, CouldNotCheck)):
                failure = error
        else:
            sentences.append(sentence)
            details.append(facts)
    looked_at = ", ".join(f"{pointer} ({'/'.join(map(str, types(entry)))})" for pointer, entry in entries)
    if failure is not None:
        return CheckResult(
            CheckId.STATUS,
            Outcome.UNDETERMINED if isinstance(failure, CouldNotCheck) else Outcome.FAILED,
            failure.code,
            failure.message,
            details={**failure.details, "entries": details},
            findings=(Finding(failure.code, failure.message, pointer=failure.pointer),),
            looked_at=looked_at,
            specification=SECTION,
        )
    return CheckResult(
        CheckId.STATUS,
        Outcome.PASSED,
        "status_good",
        " ".join(sentences),
        details={"entries": details},
        looked_at=looked_at,
        specification=SECTION,
    )


def _read(run: Run, entry: Any, pointer: str) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(entry, Mapping):
        raise VerifierError("status_malformed", "The status of the credential is not an object.", pointer=pointer)
    for name in types(entry):
        reader = _READERS.get(name) if isinstance(name, str) else None
        if reader is not None:
            return reader(run, entry, pointer)
    raise CouldNotCheck(
        "status_type_unknown",
        "The credential names a kind of status that is not known here.",
        pointer=f"{pointer}/type",
    )
