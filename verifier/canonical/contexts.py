"""Active contexts: what a term means at a place in a document. PyLD processes contexts; the results are kept.

Only bundled contexts are read (`schemas.bundle`), never the network. A processed context is the same for every document
that names it, so each one is computed once and shared; what a document writes inline is computed for it alone.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from typing import Any

from pyld import jsonld

from schemas import bundle
from verifier.canonical import literals
from verifier.canonical.names import id_of, reserved
from verifier.errors import VerifierError

#: Base for relative references, so that they can be recognised afterwards: nothing in a document may expand to it.
#: Its scheme is ours, because a reference such as `//host/x` keeps the scheme and replaces everything else.
SENTINEL = "x-relative://sentinel.invalid/"

#: One revision other than the current one for each named URL; see `schemas.bundle`.
Revisions = tuple[tuple[str, int], ...]

_MAX_ENTRIES = 16
_MAX_KEPT = 400
_KEYWORD_LIKE = re.compile(r"@[a-zA-Z]+\Z")
_ABSOLUTE = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*|_):\S*\Z")
#: What an inline context may say of the whole document. `@base` and `@import` would move the ground under safe mode;
#: PyLD loses a default `@direction` on the way down, so it is refused rather than half-signed.
_INLINE_KEYWORDS = frozenset({"@version", "@vocab", "@language", "@protected"})
_TERM_KEYWORDS = frozenset({"@id", "@type", "@container", "@protected", "@language", "@direction", "@prefix"})
_KEYWORDS = frozenset(jsonld.KEYWORDS)

# Property containers that need the value to be read as a map; no bundled context uses one.
_MAP_CONTAINERS = frozenset({"@index", "@language", "@id", "@type"})


_CENTRAL = (
    "https://www.w3.org/2018/credentials#",
    "https://w3id.org/security#proof",
    "https://www.w3.org/ns/credentials/status#",
    "https://w3id.org/vc/status-list#",
)
#: Says something of a file, which two badges of one learner record may have as their evidence.
_NOT_CENTRAL = frozenset({"https://www.w3.org/2018/credentials#digestSRI"})


class Term:
    """One key of a document, as a scope understands it.

    Attributes:
        iri: what it expands to, a keyword such as `@type`, or `None` if it is undefined.
        coercion: `@id`, `@vocab`, `@json`, a datatype IRI or `None`.
        is_list, is_graph, is_map: its containers.
        context: its scoped context as written, `False` for null; `has_context` says whether there is one.
        predicate: the IRI as N-Quads write it.
        central: whether it says what the checks read of a credential itself: issuer, times, subject, proof,
            or of its status.
        refused: why a document may not use it at all ("" if it may).
    """

    __slots__ = (
        "central",
        "coercion",
        "context",
        "direction",
        "has_context",
        "iri",
        "is_graph",
        "is_list",
        "is_map",
        "language",
        "name",
        "predicate",
        "refused",
    )

    def __init__(self, name: str, active: Mapping[str, Any], iri: str | None, mapping: Mapping[str, Any]) -> None:
        self.name = name
        self.iri = iri
        self.coercion: str | None = mapping.get("@type")
        container = mapping.get("@container") or ()
        self.is_list = "@list" in container
        self.is_graph = "@graph" in container
        self.is_map = not _MAP_CONTAINERS.isdisjoint(container)
        self.language: str | None = mapping.get("@language", active.get("@language"))
        self.direction: str | None = mapping.get("@direction", active.get("@direction"))
        self.context: Any = mapping.get("@context")
        self.has_context = "@context" in mapping and self.context is not None
        self.predicate = f"<{iri}>"
        self.central = iri is not None and iri.startswith(_CENTRAL) and iri not in _NOT_CENTRAL
        self.refused = _why_refused(name, iri, mapping)


def _why_refused(name: str, iri: str | None, mapping: Mapping[str, Any]) -> str:
    if iri is None:
        return "undefined_term"
    if iri in _KEYWORDS:
        return "" if iri in ("@id", "@type") and iri == "@" + name else "keyword_not_allowed"
    if mapping.get("reverse"):
        return "keyword_not_allowed"
    if iri.startswith("_:"):
        return "blank_node_id"
    if not _ABSOLUTE.match(iri) or iri.startswith(SENTINEL):
        return "undefined_term"
    if ":" in name and not mapping:
        return "iri_key"
    if not literals.is_iri(iri):
        return "invalid_iri"
    known = reserved().get(iri)
    return "term_alias" if known is not None and name not in known else ""


def _previous(before: Mapping[str, Any] | None, revisions: Revisions, origin: Scope | None) -> Scope | None:
    """The scope to go back to when a type-scoped context ends, as the same object wherever that is possible."""
    if before is None:
        return None
    for candidate in (origin, origin.previous if origin else None):
        if candidate is not None and candidate._active is before:
            return candidate
    return Scope(before, revisions)


class Scope:
    """An active context (JSON-LD API 1.1, section 4.1) and the ways that lead on from it."""

    __slots__ = ("_active", "_next", "_revisions", "_terms", "previous")

    def __init__(self, active: Mapping[str, Any], revisions: Revisions, origin: Scope | None = None) -> None:
        self._active = active
        self._revisions = revisions
        self.previous = _previous(active.get("previousContext"), revisions, origin)
        self._terms: dict[str, Term] = {}
        self._next: dict[object, tuple[object, Scope]] = {}

    def term(self, key: str) -> Term:
        """What `key` means here. Terms are kept; anything else a document may write is worked out each time."""
        found = self._terms.get(key)
        if found is not None:
            return found
        mapping = self._active["mappings"].get(key)
        if mapping is None:
            known = key in self._active["mappings"]
            return Term(key, self._active, None if known else self.expand_vocab(key), {})
        found = Term(key, self._active, mapping["@id"], mapping)
        self._terms[key] = found
        return found

    def expand_vocab(self, value: str) -> str | None:
        """`value` as a term, compact IRI or IRI relative to `@vocab` (JSON-LD API 1.1, section 5.2)."""
        if value in _KEYWORDS:
            return value
        if _KEYWORD_LIKE.match(value):
            return None
        mappings = self._active["mappings"]
        if value in mappings:
            mapping = mappings[value]
            found: str | None = mapping["@id"] if mapping else None
            return found
        compact = self._expand_compact(value)
        if compact is not None:
            return compact
        vocab = self._active.get("@vocab")
        return vocab + value if vocab is not None else SENTINEL + value

    def expand_reference(self, value: str) -> str | None:
        """`value` as an IRI reference; a relative one starts with `SENTINEL`."""
        if value in _KEYWORDS:
            return value
        if _KEYWORD_LIKE.match(value):
            return None
        compact = self._expand_compact(value)
        return compact if compact is not None else SENTINEL + value

    def _expand_compact(self, value: str) -> str | None:
        if value.find(":") <= 0:
            return None
        prefix, suffix = value.split(":", 1)
        if prefix == "_" or suffix.startswith("//"):
            return value
        mapping = self._active["mappings"].get(prefix)
        if mapping and mapping["_prefix"]:
            expanded: str = mapping["@id"] + suffix
            return expanded
        return value if _ABSOLUTE.match(value) else None

    def enter(self, context: object, *, propagate: bool = True, override_protected: bool = True) -> Scope:
        """The scope inside a term's own (scoped) context, which comes from a context and not from the document."""
        key = (id(context), propagate, override_protected)
        kept = self._next.get(key)
        if kept is not None:
            return kept[1]
        with _LOCK:
            scope = self._process(
                context,
                _resolver(self._revisions, override_protected),
                propagate=propagate,
                override_protected=override_protected,
            )
            _keep(self, key, context, scope)
        return scope

    def with_context(self, value: object, *, inline_allowed: bool) -> Scope:
        """The scope after a `@context` that a document wrote.

        Raises:
            VerifierError: `context_invalid`, `too_many_contexts`, `context_not_bundled`, `inline_context`,
                `context_redefines_term` or `context_feature_unsupported`.
        """
        entries = value if isinstance(value, list) else [value]
        if len(entries) > _MAX_ENTRIES:
            raise VerifierError("too_many_contexts", f"More than {_MAX_ENTRIES} contexts are listed in one place.")
        scope = self
        for entry in entries:
            if isinstance(entry, str):
                scope = scope._with_url(entry)
            elif isinstance(entry, dict):
                if not inline_allowed:
                    raise VerifierError(
                        "inline_context", "The document brings a context of its own; only published ones count."
                    )
                # A whole context document in place of its content (JSON-LD API 1.1, section 4.1.2).
                inner = entry["@context"] if entry.keys() == {"@context"} else entry
                scope = scope._with_inline(inner if isinstance(inner, dict) else entry)
            else:
                raise VerifierError("context_invalid", "Every entry of @context must be a URL.")
        return scope

    def _with_url(self, url: str) -> Scope:
        kept = self._next.get(url)
        if kept is not None:
            return kept[1]
        try:
            bundle.entry(url)
        except bundle.NotBundled as cause:
            raise VerifierError(
                "context_not_bundled", f"No copy of the context {url!r} is held here.", details={"url": url}
            ) from cause
        with _LOCK:
            scope = self._process(url, _resolver(self._revisions, False), propagate=True, override_protected=False)
            _keep(self, url, url, scope)
        return scope

    def _with_inline(self, context: dict[str, Any]) -> Scope:
        for key, definition in context.items():
            if key in _INLINE_KEYWORDS:
                continue
            if key.startswith("@"):
                raise VerifierError(
                    "context_feature_unsupported", f"An inline context may not set {key}.", details={"term": key}
                )
            keys = definition.keys() if isinstance(definition, dict) else ()
            iri = id_of(definition) or ""
            if not _TERM_KEYWORDS.issuperset(keys) or (_KEYWORD_LIKE.match(iri) and iri not in ("@id", "@type")):
                raise VerifierError(
                    "context_feature_unsupported",
                    f"The inline definition of {key!r} uses a feature that is not supported.",
                    details={"term": key},
                )
        if context.get("@vocab", "") is None and "@vocab" not in self._active:
            context = {key: value for key, value in context.items() if key != "@vocab"}
        if context.get("@language", "") is None and "@language" not in self._active:
            context = {key: value for key, value in context.items() if key != "@language"}
        with _LOCK:
            return self._process(
                context,
                jsonld.ContextResolver({}, document_loader(self._revisions)),
                propagate=True,
                override_protected=False,
            )

    def _process(self, context: object, resolver: Any, *, propagate: bool, override_protected: bool) -> Scope:
        try:
            active = _PROCESSOR._process_context(
                self._active,
                context,
                {"base": SENTINEL, "contextResolver": resolver, "processingMode": "json-ld-1.1"},
                override_protected=override_protected,
                propagate=propagate,
            )
        except jsonld.JsonLdError as cause:
            raise _refusal(cause) from cause
        # PyLD answers some malformed contexts with plain Python errors; they come from the document all the same.
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as cause:
            raise VerifierError("context_invalid", "A context of the document is malformed.") from cause
        return Scope(active, self._revisions, self)


def root(revisions: Revisions = ()) -> Scope:
    """The scope of a document before its `@context`."""
    found = _ROOTS.get(revisions)
    if found is None:
        with _LOCK:
            initial = _PROCESSOR._get_initial_context({"processingMode": "json-ld-1.1"})
            found = _ROOTS.setdefault(revisions, Scope(initial, revisions))
    return found


def _refusal(cause: BaseException) -> VerifierError:
    """The innermost JSON-LD error decides: PyLD wraps errors of scoped contexts."""
    found: BaseException | None = cause
    code = ""
    while found is not None:
        code = getattr(found, "code", None) or code
        found = found.__cause__
    if code == "protected term redefinition":
        return VerifierError(
            "context_redefines_term", "The contexts define a protected term a second time, differently."
        )
    return VerifierError(
        "context_invalid", "The contexts of the document do not fit together.", details={"jsonld": code}
    )


_PROCESSOR = jsonld.JsonLdProcessor()
_LOCK = threading.RLock()  # PyLD's resolver and the initial context are shared between threads
_ROOTS: dict[Revisions, Scope] = {}
#: PyLD keeps what it processed without regard to `override_protected`, so the two ways never share a memory.
_RESOLVERS: dict[tuple[Revisions, bool], Any] = {}
_kept = 0


def _keep(scope: Scope, key: object, anchor: object, following: Scope) -> None:
    """Remember a way on; `anchor` stays alive so that an id in `key` is never used again for something else.

    Documents can name bundled contexts in endless orders, so the whole memory is bounded.
    """
    global _kept
    if _kept >= _MAX_KEPT:
        for start in _ROOTS.values():
            start._next.clear()
        _kept = 0
    scope._next[key] = (anchor, following)
    _kept += 1


def document_loader(revisions: Revisions = ()) -> Any:
    """A PyLD document loader that knows the bundled contexts and nothing else."""
    chosen = dict(revisions)

    def load(url: str, _options: object) -> dict[str, Any]:
        content = bundle.load(url, chosen.get(url, 0))
        return {"contextUrl": None, "documentUrl": url, "document": json.loads(content), "tag": "static"}

    return load


def _resolver(revisions: Revisions, override_protected: bool) -> Any:
    found = _RESOLVERS.get((revisions, override_protected))
    if found is None:
        found = _RESOLVERS[revisions, override_protected] = jsonld.ContextResolver({}, document_loader(revisions))
    return found
