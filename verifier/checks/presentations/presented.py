"""What the checks of one presentation share, beside the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from verifier.checks.reading import many
from verifier.checks.run import Run
from verifier.report import Holder, Report


@dataclass(slots=True)
class Presented:
    """One presentation in progress.

    Attributes:
        holder: the id that the presentation states, or that its proof names; "" if neither does.
        stated: the presentation itself names its holder.
        holder_found: the holder's own document lists the key that signed.
        proven: and the signature holds. Set by the proof check, which runs before that of the contents.
        inside: for each credential inside its place and its report, None if it could not be read at all. Filled by the
            check of the contents.
        self_asserted: how many have no proof of their own and are by the holder.
    """

    run: Run
    holder: str = ""
    stated: bool = False
    holder_found: bool = False
    proven: bool = False
    inside: list[tuple[str, Report | None]] = field(default_factory=list)
    self_asserted: int = 0

    @classmethod
    def of(cls, run: Run) -> Presented:
        stated = stated_holder(run.credential.document)
        return cls(run=run, holder=stated or "", stated=stated is not None)


def holder_of(presented: Presented) -> Holder:
    """What is known of the presenter. Only a signature that holds makes the holder one."""
    found = [subject_ids(report) for _, report in presented.inside]
    same = bool(found) and all(ids is not None and ids == [presented.holder] for ids in found)
    return Holder(presented.holder, presented.proven, same if found and presented.proven else None)


def subject_ids(report: Report | None) -> list[str | None] | None:
    """The id of each subject of a credential, None for one without; None for a credential that cannot be read."""
    if report is None or report.credential is None:
        return None
    subjects = many(report.credential.get("credentialSubject"))
    ids = (subject.get("id") if isinstance(subject, Mapping) else None for subject in subjects)
    # Anything else than one text is no id, whatever else it may be.
    return list(dict.fromkeys(each if isinstance(each, str) else None for each in ids)) or None


def stated_holder(document: Mapping[str, Any]) -> str | None:
    """`holder` itself if it is a string, else its `id`."""
    holder = document.get("holder")
    if isinstance(holder, Mapping):
        holder = holder.get("id")
    return holder if isinstance(holder, str) else None


def inner_credentials(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each credential inside with its JSON Pointer. Arrays in arrays say the same as one array, in JSON-LD too."""
    waiting = [("/verifiableCredential", document.get("verifiableCredential"))]
    while waiting:
        place, value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = [(f"{place}/{number}", item) for number, item in enumerate(value)]
        elif value is not None:
            yield place, value


def without_credentials(document: Mapping[str, Any]) -> dict[str, Any]:
    """The presentation alone. The credentials in it are read by themselves."""
    return {name: value for name, value in document.items() if name not in ("verifiableCredential", "proof")}


def domains(value: Any) -> list[Any]:
    """`domain` of a proof is one string or several; so is `aud` of a token."""
    return many(value)
