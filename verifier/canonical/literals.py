"""RDF literals from JSON values, and terms as canonical N-Quads (RDF 1.1 N-Quads, canonical form as in RDFC-1.0)."""

from __future__ import annotations

import re

import rfc8785

from verifier.errors import VerifierError

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
I18N = "https://www.w3.org/ns/i18n#"

#: Beyond it JavaScript rounds, so two implementations would sign two different numbers.
_LARGEST_EXACT = 2**53
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{0,40})?([eE][+-]?\d{1,3})?\Z")
_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*\Z")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\ud800-\udfff]*\Z")
_SPECIAL = re.compile(r'[\x00-\x1f"\\\x7f\ud800-\udfff]')
_ESCAPES = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


def is_iri(value: str) -> bool:
    """Whether `value` is an absolute IRI without a character that N-Quads forbids in one."""
    return _IRI.match(value) is not None


def is_language(value: str) -> bool:
    """Whether `value` has the form of a BCP 47 language tag."""
    return _LANGUAGE.match(value) is not None


def quote(text: str) -> str:
    """`text` as a quoted N-Quads string. Raises `VerifierError` `invalid_string` for a lone surrogate."""
    return f'"{_SPECIAL.sub(_escape, text)}"' if _SPECIAL.search(text) else f'"{text}"'


def _escape(match: re.Match[str]) -> str:
    found = _ESCAPES.get(match[0])
    if found is None:
        raise VerifierError("invalid_string", "A text holds half of a surrogate pair, which is no character.")
    return found


def plain(text: str) -> str:
    """An `xsd:string`."""
    return quote(text)


def typed(text: str, datatype: str) -> str:
    """A literal with a datatype IRI, which is left out for `xsd:string`."""
    return quote(text) if datatype == XSD + "string" else f"{quote(text)}^^<{datatype}>"


def tagged(text: str, language: str | None, direction: str | None) -> str:
    """A text with language and base direction; the direction is kept by the `i18n` datatype (JSON-LD 1.1, 4.2.4.1)."""
    if direction is not None:
        return typed(text, f"{I18N}{language or ''}_{direction}")
    return f"{quote(text)}@{language}" if language is not None else quote(text)


def json_literal(value: object) -> str:
    """An `rdf:JSON` literal: the value by RFC 8785."""
    try:
        text = rfc8785.dumps(value).decode()  # type: ignore[arg-type]  # JSON values, which is what the library takes
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as cause:
        raise VerifierError("invalid_json_value", "A JSON value has no canonical form (RFC 8785).") from cause
    return typed(text, RDF + "JSON")


def native(value: bool | float | str, datatype: str | None) -> str:
    """A JSON boolean, number or text under a coercion (JSON-LD API 1.1, section 8.2.2).

    Raises:
        VerifierError: `invalid_number` for a number that implementations would read differently.
    """
    if isinstance(value, bool):
        return typed("true" if value else "false", datatype or XSD + "boolean")
    if isinstance(value, str):
        if datatype == XSD + "double":
            if not _NUMBER.match(value):
                raise VerifierError("invalid_number", "A text that should be a number is none.")
            return typed(_double(float(value)), datatype)
        return typed(value, datatype or XSD + "string")
    if value != value or value in (float("inf"), float("-inf")):
        raise VerifierError("invalid_number", "A number is not finite.")
    whole = isinstance(value, int) or value.is_integer()
    if whole and abs(value) > _LARGEST_EXACT:
        raise VerifierError("invalid_number", "A whole number is too large to mean the same everywhere.")
    if not whole or datatype == XSD + "double":
        return typed(_double(float(value)), datatype or XSD + "double")
    return typed(str(int(value)), datatype or XSD + "integer")


def _double(value: float) -> str:
    """The canonical form of `xsd:double`, such as `1.5E0`."""
    mantissa, exponent = f"{value:.15E}".split("E")
    mantissa = mantissa.rstrip("0")
    return f"{mantissa}{'0' if mantissa.endswith('.') else ''}E{int(exponent)}"
