"""Two windows, one form: what was typed here, what was saved there, and which of them the person chose."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request


def chosen(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The form's values after the person's choices; a value that yields to the saved one is left out.

    A page that showed two versions of a field sends `resolve-<field>` (`mine`, `saved` or `both`) and `saved-<field>`.
    """
    made: dict[str, str] = {}
    for key, mine in values.items():
        field = prefix + key
        match request.form.get(f"resolve-{field}"):
            case "saved":
                continue
            case "both":
                made[key] = joined(mine, request.form.get(f"saved-{field}", ""))
            case _:
                made[key] = mine
    return made


def joined(mine: str, saved: str) -> str:
    """Both texts, one after the other; the same text is not repeated."""
    mine, saved = mine.rstrip(), saved.rstrip()
    if not mine or not saved or mine == saved:
        return mine or saved
    return f"{mine}\n\n{saved}"


def differing(mine: Mapping[str, str], saved: Mapping[str, str]) -> dict[str, str]:
    """Field name to the saved text, for each field of `mine` that says something else."""
    return {name: saved.get(name, "") for name, text in mine.items() if lines(text) != saved.get(name, "")}


def lines(text: str) -> str:
    """Browsers send CRLF; texts are stored with LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def conflict(mine: Mapping[str, str], saved: Mapping[str, str], revision: int) -> dict[str, object]:
    """For our own script: the members of the problem document that say which fields differ, and how."""
    fields = {name: {"yours": mine[name], "theirs": text} for name, text in differing(mine, saved).items()}
    return {"revision": revision, "fields": fields}
