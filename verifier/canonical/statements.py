"""From a JSON-LD document to RDF statements, in safe mode: whatever would be lost or guessed is refused.

This is the expansion algorithm and the conversion to RDF (JSON-LD API 1.1, sections 5.1 and 8.1) in one pass, for the
part of JSON-LD that credentials use. The rest (`@graph`, `@included`, `@reverse`, `@nest`, index maps, nested arrays,
keys that are IRIs) is refused: it says in other words what the checks read by name, so that a signed statement could be
hidden from them. What is left means the same to PyLD, which the tests compare statement by statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.canonical import literals
from verifier.canonical.contexts import SENTINEL, Scope, Term
from verifier.canonical.names import reserved
from verifier.errors import VerifierError
from verifier.limits import Limits

#: Subject, predicate, object and graph, each in canonical N-Quads; the graph is "" for the default graph.
Quad = tuple[str, str, str, str]

_TYPE = f"<{literals.RDF}type>"
_FIRST, _REST, _NIL = (f"<{literals.RDF}{name}>" for name in ("first", "rest", "nil"))
_VALUE_KEYS = frozenset({"@value", "@language", "@direction"})
_DEPTH = 100
#: Only these may bring contexts into the middle of a document.
_SELF_CONTAINED = frozenset({"VerifiableCredential", "VerifiablePresentation"})
#: They decide which rules a credential is held to.
_CREDENTIAL_TYPES = frozenset(
    {
        *("VerifiableCredential", "VerifiablePresentation", "AchievementCredential", "OpenBadgeCredential"),
        *("EndorsementCredential", "ClrCredential"),
    }
)

_MESSAGES = {
    "undefined_term": "The contexts do not define {name!r}, so nobody signed it.",
    "keyword_not_allowed": "{name!r} may not be used in a credential.",
    "invalid_iri": "The key {name!r} stands for no valid IRI.",
    "iri_key": "The key {name!r} is an IRI; credentials use the short names of their contexts.",
    "term_alias": "{name!r} is another name for something that is read by its usual name.",
    # Statements do not remember which object they stood in: with the credential's id on an object elsewhere, its status
    # or its end could be moved there, out of the checks' sight, under the same signature.
    "credential_split": "Two places of the document speak of the same credential or status.",
    "blank_node_id": "{name!r} is a blank node label, which a signature does not cover.",
}


class _Refused(VerifierError):
    """Collects the place on its way up; `segments` is innermost first."""

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(code, message, details=details)
        self.segments: list[str | int] = []


#: Where a blank node stands: the id() of the JSON object it belongs to, and which of its nodes it is ("" for itself).
Place = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Naming:
    """Labels that blank nodes have already, for writing a part of a document as if it were written with the whole.

    `labels`: by place in the whole. `origin`: the id() of each copied object to that of the object it was copied from.
    """

    labels: Mapping[Place, str]
    origin: Mapping[int, int]


def statements(document: Mapping[str, Any], scope: Scope, *, inline_allowed: bool, limits: Limits) -> list[Quad]:
    """The statements of one document, blank nodes labelled `_:b0`, `_:b1`, ... in the order of the text.

    Raises:
        VerifierError: with a code of the safe mode (see `verifier.canonical`) and a pointer to the place.
    """
    return labelled_statements(document, scope, inline_allowed=inline_allowed, limits=limits)[0]


def labelled_statements(
    document: Mapping[str, Any], scope: Scope, *, inline_allowed: bool, limits: Limits, naming: Naming | None = None
) -> tuple[list[Quad], dict[Place, str]]:
    """As `statements`, with the label of every blank node by its place. No object may occur twice in `document`.

    Blank nodes that `naming` does not know get labels that it does not use.
    """
    writer = _Writer(inline_allowed, limits, naming)
    try:
        writer.node(document, scope, None, "", 0)
    except _Refused as refused:
        pointer = "".join(f"/{str(s).replace('~', '~0').replace('/', '~1')}" for s in reversed(refused.segments))
        raise VerifierError(
            refused.code, refused.message, pointer=pointer, details=refused.details
        ) from refused.__cause__
    return writer.quads, writer.labels


class _Writer:
    def __init__(self, inline_allowed: bool, limits: Limits, naming: Naming | None) -> None:
        self.quads: list[Quad] = []
        self.labels: dict[Place, str] = {}
        self._credentials: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._naming = naming
        self._inline_allowed = inline_allowed
        self._limit = limits.quads
        self._contexts = limits.contexts
        self._blank = 0

    def _add(self, subject: str, predicate: str, value: str, graph: str) -> None:
        if len(self.quads) >= self._limit:
            raise _Refused("too_many_statements", f"The document makes more than {self._limit} statements.")
        self.quads.append((subject, predicate, value, graph))

    def _label(self, owner: Mapping[str, Any], which: str = "") -> str:
        place = id(owner), which
        if self._naming is None:
            found = f"_:b{self._blank}"
        else:
            known = self._naming.origin.get(place[0], place[0]), which
            found = self._naming.labels.get(known) or f"_:new{self._blank}"
        self._blank += 1
        self.labels[place] = found
        return found

    def node(self, element: Mapping[str, Any], scope: Scope, via: Term | None, graph: str, depth: int) -> str:
        """Write what `element` says and return its subject. `via` is the property that leads to it, in `scope`."""
        if depth > _DEPTH:
            raise _Refused("too_deep", f"The document is nested more than {_DEPTH} levels deep.")
        scope = self._scope_of(element, scope, via, depth)
        by_type, scope, has_type = self._type_scope(element, scope)
        subject: str | None = None
        entries: list[tuple[str, Term, Any]] = []
        for key, value in element.items():
            if key == "@context":
                continue
            term = scope.term(key)
            if term.refused:
                raise self._at(key, _Refused(term.refused, _MESSAGES[term.refused].format(name=key), term=key))
            if term.iri == "@id":
                subject = self._reference(value, scope, key)
            elif term.iri != "@type":
                entries.append((key, term, value))
        if subject is None:
            subject = self._label(element)
        if has_type:
            self._types(element, by_type, subject, graph)
        for key, term, value in entries:
            if term.central:
                self._claim(element, subject, graph, key)
            try:
                self._property(element, subject, term, value, scope, graph, depth)
            except _Refused as refused:
                refused.segments.append(key)
                raise
            except VerifierError as plain:
                raise self._at(key, _Refused(plain.code, plain.message, **plain.details)) from plain
        return subject

    def _scope_of(self, element: Mapping[str, Any], scope: Scope, via: Term | None, depth: int) -> Scope:
        """The scope inside `element`: type-scoped contexts end, the property's own and the element's own begin."""
        outer = scope
        if outer.previous is not None and not (len(element) == 1 and outer.term(next(iter(element))).iri == "@id"):
            scope = outer.previous
        if via is not None:
            again = outer.term(via.name)
            if again.has_context:
                scope = scope.enter(again.context)
        if "@context" not in element:
            return scope
        if depth and not _SELF_CONTAINED.intersection(_texts(element.get("type"))):
            message = "Only a whole credential inside another may bring contexts."
            raise self._at("@context", _Refused("inline_context", message))
        # A context costs far more than a statement, the more so where nobody has combined it with others before.
        self._contexts -= len(element["@context"]) if isinstance(element["@context"], list) else 1
        if self._contexts < 0:
            message = "The document and the credentials in it list too many contexts."
            raise self._at("@context", _Refused("too_many_contexts", message))
        try:
            return scope.with_context(element["@context"], inline_allowed=self._inline_allowed)
        except VerifierError as plain:
            raise self._at("@context", _Refused(plain.code, plain.message, **plain.details)) from plain

    @staticmethod
    def _type_scope(element: Mapping[str, Any], scope: Scope) -> tuple[Scope, Scope, bool]:
        """The scope that types are read in, the scope that they lead to, and whether there are any."""
        by_type = scope
        if "type" not in element or scope.term("type").iri != "@type":
            return by_type, scope, False
        for name in sorted(_texts(element["type"])):
            context = by_type.term(name).context
            if context is not None and context is not False:
                scope = scope.enter(context, propagate=False, override_protected=False)
        return by_type, scope, True

    def _claim(self, element: Mapping[str, Any], subject: str, graph: str, key: str) -> None:
        """Refuse what the checks read of a credential or of its status, if two different objects of one id hold it."""
        first = self._credentials.setdefault((subject, graph), element)
        if first is not element and first != element:
            raise self._at(key, _Refused("credential_split", _MESSAGES["credential_split"], term=key))

    def _types(self, element: Mapping[str, Any], scope: Scope, subject: str, graph: str) -> None:
        value = element["type"]
        for name in value if isinstance(value, list) else [value]:
            if not isinstance(name, str):
                raise self._at("type", _Refused("invalid_type", "A type is a text or a list of texts."))
            iri = scope.expand_vocab(name)
            if iri is None or iri.startswith(SENTINEL):
                raise self._at(
                    "type", _Refused("relative_type", f"The contexts do not define the type {name!r}.", term=name)
                )
            if not literals.is_iri(iri):
                raise self._at("type", _Refused("invalid_iri", f"The type {name!r} is no IRI.", term=name))
            known = reserved().get(iri)
            if known is not None and name not in known:
                raise self._at("type", _Refused("term_alias", _MESSAGES["term_alias"].format(name=name), term=name))
            if name in _CREDENTIAL_TYPES:
                self._claim(element, subject, graph, "type")
            self._add(subject, _TYPE, f"<{iri}>", graph)

    def _reference(self, value: object, scope: Scope, key: str | None = None) -> str:
        """An id as it stands: absolute, and not a short form that the contexts would turn into something else."""
        refused: _Refused | None = None
        if not isinstance(value, str):
            refused = _Refused("invalid_id", "An id is one text.")
        elif value.startswith("_:"):
            refused = _Refused("blank_node_id", _MESSAGES["blank_node_id"].format(name=value))
        else:
            expanded = scope.expand_reference(value)
            if expanded is None or expanded.startswith(SENTINEL):
                refused = _Refused("relative_iri", f"{value!r} is not an absolute address.", value=value)
            elif not literals.is_iri(expanded):
                refused = _Refused("invalid_iri", f"{value!r} holds a character that no IRI may hold.", value=value)
            elif expanded != value:
                refused = _Refused("compact_iri", f"{value!r} is a short form of another address.", value=value)
            else:
                return f"<{value}>"
        raise self._at(key, refused) if key is not None else refused

    def _property(
        self, owner: Mapping[str, Any], subject: str, term: Term, value: Any, scope: Scope, graph: str, depth: int
    ) -> None:
        predicate = term.predicate
        if term.coercion == "@json":
            self._add(subject, predicate, literals.json_literal(value), graph)
            return
        if value is None:
            return
        inner = scope.enter(term.context) if term.has_context else scope
        if term.is_map and isinstance(value, dict):
            raise _Refused("container_not_supported", f"{term.name!r} holds a map, which is not supported.")
        if term.is_list:
            self._add(subject, predicate, self._list(owner, value, term, inner, graph, depth), graph)
            return
        values = value if isinstance(value, list) else (value,)
        for position, item in enumerate(values):
            try:
                if item is None:
                    continue
                if term.is_graph:
                    self._graph(subject, predicate, item, term, inner, graph, depth)
                else:
                    self._add(subject, predicate, self._object(item, term, inner, graph, depth), graph)
            except _Refused as refused:
                if values is value:
                    refused.segments.append(position)
                raise

    def _graph(
        self, subject: str, predicate: str, item: object, term: Term, scope: Scope, graph: str, depth: int
    ) -> None:
        """A proof or credential in a graph of its own (JSON-LD 1.1, section 4.9.1)."""
        if not isinstance(item, dict):
            raise _Refused("unsigned_value", f"What {term.name!r} holds here would be left out of the signature.")
        name = self._label(item, "@graph")
        self._add(subject, predicate, name, graph)
        before = len(self.quads)
        self.node(item, scope, term, name, depth + 1)
        if len(self.quads) == before:
            raise _Refused("unsigned_value", f"What {term.name!r} holds here would be left out of the signature.")

    def _object(self, item: object, term: Term, scope: Scope, graph: str, depth: int) -> str:
        if isinstance(item, dict):
            if "@value" in item:
                return self._value_object(item)
            return self.node(item, scope, term, graph, depth + 1)
        if isinstance(item, list):
            raise _Refused("nested_array", "An array stands inside an array.")
        if not isinstance(item, str | int | float):
            raise _Refused("invalid_value", "A value is neither text, number nor truth value.")
        # A property-scoped context may define its own property anew.
        term = scope.term(term.name) if term.has_context else term
        coercion = term.coercion
        if isinstance(item, str):
            if coercion == "@id":
                return self._reference(item, scope)
            if coercion == "@vocab":
                return self._vocabulary(item, scope)
            if coercion is None or coercion == "@none":
                return literals.tagged(item, term.language, term.direction)
        return literals.native(item, None if coercion in (None, "@id", "@vocab", "@none") else coercion)

    def _vocabulary(self, item: str, scope: Scope) -> str:
        iri = scope.expand_vocab(item)
        if iri is None or iri.startswith(SENTINEL):
            raise _Refused(
                "relative_iri", f"{item!r} is neither a word of the contexts nor an absolute address.", value=item
            )
        if not literals.is_iri(iri):
            raise _Refused("invalid_iri", f"{item!r} stands for no valid IRI.", value=item)
        known = reserved().get(iri)
        if known is not None and item not in known:
            raise _Refused("term_alias", _MESSAGES["term_alias"].format(name=item), term=item)
        return f"<{iri}>"

    @staticmethod
    def _value_object(item: Mapping[str, Any]) -> str:
        """A text with its language and direction; any other use of `@value` is a second way to say the same."""
        value, language, direction = item["@value"], item.get("@language"), item.get("@direction")
        if not _VALUE_KEYS.issuperset(item) or not isinstance(value, str):
            raise _Refused("invalid_value", "Only a text may be written with @value, with @language and @direction.")
        if language is not None and not (isinstance(language, str) and literals.is_language(language)):
            raise _Refused("invalid_language", "@language is no language tag.")
        if direction not in (None, "ltr", "rtl"):
            raise _Refused("invalid_language", "@direction is neither ltr nor rtl.")
        return literals.tagged(value, language.lower() if language is not None else None, direction)

    def _list(self, owner: Mapping[str, Any], value: object, term: Term, scope: Scope, graph: str, depth: int) -> str:
        items = [item for item in (value if isinstance(value, list) else [value]) if item is not None]
        head = following = self._label(owner, f"{term.name}/0") if items else _NIL
        for position, item in enumerate(items):
            subject = following
            following = self._label(owner, f"{term.name}/{position + 1}") if position + 1 < len(items) else _NIL
            try:
                self._add(subject, _FIRST, self._object(item, term, scope, graph, depth), graph)
            except _Refused as refused:
                refused.segments.append(position)
                raise
            self._add(subject, _REST, following, graph)
        return head

    @staticmethod
    def _at(key: str, refused: _Refused) -> _Refused:
        refused.segments.append(key)
        return refused


def _texts(value: object) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
