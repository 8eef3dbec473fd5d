"""A part of a document, chosen by JSON Pointers (W3C Data Integrity ECDSA Cryptosuites 1.0, section 3.4.13 and 3.4.14).

What is chosen comes with all that is in it; the objects on the way to it come with their `id`, `type` and `@context`
alone. Elements of arrays move together, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from verifier.errors import VerifierError

_ALWAYS = ("@context", "id", "type")
_LONGEST = 1024


class Selection:
    """`document`: the chosen part. `origin`: the id() of each object in it to that of the object it was copied from."""

    def __init__(self, source: Mapping[str, Any], pointers: Iterable[str]) -> None:
        """Raises `VerifierError` `pointer_malformed` or `pointer_leads_nowhere`."""
        self.origin: dict[int, int] = {}
        chosen: _Choice = {}
        for pointer in pointers:
            _choose(chosen, source, pointer)
        self.document: dict[str, Any] = self._part(source, chosen)

    def _part(self, source: Any, chosen: _Choice | None) -> Any:
        """`source` reduced to `chosen`; `None` chooses everything."""
        if isinstance(source, Mapping):
            names = [name for name in source if chosen is None or name in chosen or name in _ALWAYS]
            found = {
                name: self._part(source[name], chosen.get(name) if chosen is not None and name in chosen else None)
                for name in names
            }
            self.origin[id(found)] = id(source)
            return found
        if isinstance(source, list):
            return [
                self._part(item, None if chosen is None else chosen[position])
                for position, item in enumerate(source)
                if chosen is None or position in chosen
            ]
        return source


#: What is chosen of an object or array: `None` for all of a member.
_Choice = dict[str | int, "dict[str | int, Any] | None"]


def _choose(chosen: _Choice, source: Mapping[str, Any], pointer: str) -> None:
    value: Any = source
    segments = parse(pointer)
    if not segments:
        raise VerifierError("pointer_malformed", "A pointer must choose a part of the document.")
    keys: list[str | int] = []
    for segment in segments:
        key, value = _step(value, segment, pointer)
        keys.append(key)
    for key in keys[:-1]:
        inner = chosen.setdefault(key, {})
        if inner is None:  # a pointer before this one chose everything here
            return
        chosen = inner
    chosen[keys[-1]] = None


def _step(value: Any, segment: str, pointer: str) -> tuple[str | int, Any]:
    if isinstance(value, Mapping) and segment in value:
        return segment, value[segment]
    if isinstance(value, list) and segment.isascii() and segment.isdigit() and len(segment) < 9:
        key = int(segment)
        if key < len(value) and str(key) == segment:
            return key, value[key]
    raise VerifierError(
        "pointer_leads_nowhere",
        "A pointer leads to a place that the document does not have.",
        details={"pointer": pointer[:200]},
    )


def parse(pointer: str) -> list[str]:
    """The segments of an RFC 6901 JSON Pointer. Raises `VerifierError` `pointer_malformed`."""
    if len(pointer) > _LONGEST or (pointer and not pointer.startswith("/")):
        raise VerifierError("pointer_malformed", "A JSON Pointer starts with a slash.")
    segments = pointer.split("/")[1:]
    if any(character != "0" and character != "1" for s in segments for character in _after_tildes(s)):
        raise VerifierError("pointer_malformed", "A tilde in a JSON Pointer is followed by 0 or 1.")
    return [segment.replace("~1", "/").replace("~0", "~") for segment in segments]


def _after_tildes(segment: str) -> list[str]:
    return [part[:1] for part in segment.split("~")[1:]]
