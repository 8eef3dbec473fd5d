"""The one door to JSON-LD: expansion in safe mode and RDFC-1.0, with bounded work.

    lines = canonicalize(document)                    # canonical N-Quads, SHA-256 labels
    lines = canonicalize(document, algorithm="sha384")

Only this package imports PyLD and pyoxigraph. PyLD processes contexts (`contexts`), `statements` turns a document into
RDF statements in one pass and `rdfc` names the blank nodes. Nothing is fetched: a context is bundled or refused.

Codes that a document can be refused with, each with a JSON Pointer to the place:

* `undefined_term`, `relative_type`, `relative_iri`, `invalid_iri`: something would be dropped or guessed.
* `compact_iri`, `blank_node_id`, `term_alias`, `iri_key`, `keyword_not_allowed`, `nested_array`, `invalid_value`,
  `container_not_supported`, `unsigned_value`: what the JSON says is not what is signed.
* `credential_split`: two places of the document speak of the same credential.
* `context_not_bundled`, `inline_context`, `context_redefines_term`, `context_feature_unsupported`, `context_invalid`,
  `too_many_contexts`: the contexts are not ones to rely on.
* `invalid_type`, `invalid_id`, `invalid_language`, `invalid_number`, `invalid_string`, `invalid_json_value`,
  `empty_document`: a value is malformed.
* `too_deep`, `too_many_statements`, `too_ambiguous`: the document goes beyond a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyld import jsonld

from verifier.canonical import contexts, rdfc
from verifier.canonical.contexts import SENTINEL, Revisions
from verifier.canonical.rdfc import Algorithm
from verifier.canonical.statements import Naming, Place, Quad, labelled_statements, statements
from verifier.errors import VerifierError
from verifier.limits import DEFAULT_LIMITS, Limits

__all__ = ["Algorithm", "Named", "Naming", "Place", "Quad", "Revisions", "canonicalize", "expand", "named", "quads"]


def quads(
    document: Mapping[str, Any],
    *,
    limits: Limits = DEFAULT_LIMITS,
    inline_contexts_allowed: bool = False,
    revisions: Revisions = (),
) -> list[Quad]:
    """The RDF statements of a document, in the order of its text and before blank nodes get their canonical names.

    Args:
        document: one JSON object with `@context`.
        limits: `quads` and `ambiguous_work` are used here.
        inline_contexts_allowed: whether `@context` may hold definitions beside URLs of bundled contexts. Open Badges
            may not; other credentials may, under the same rules otherwise.
        revisions: for a context that was changed in place, which revision to read; see `schemas.bundle`.

    Raises:
        VerifierError: with one of the codes listed above.
    """
    found = statements(document, contexts.root(revisions), inline_allowed=inline_contexts_allowed, limits=limits)
    if not found:
        raise VerifierError("empty_document", "The document says nothing that a signature could cover.")
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """A document's statements with the labels of its blank nodes, as selective disclosure needs them.

    Attributes:
        quads: with the labels that `labels` gives.
        labels: label by place; see `statements.Naming`.
        canonical: the canonical name of each label.
    """

    quads: list[Quad]
    labels: Mapping[Place, str]
    canonical: Mapping[str, str]

    def lines(self, names: Mapping[str, str]) -> list[str]:
        """The statements as sorted N-Quads lines with other names for the labels."""
        return rdfc.renamed_lines(self.quads, names)


def named(
    document: Mapping[str, Any],
    *,
    naming: Naming | None = None,
    limits: Limits = DEFAULT_LIMITS,
    inline_contexts_allowed: bool = False,
) -> Named:
    """The statements of a document in which no object occurs twice, and what RDFC-1.0 calls its blank nodes.

    Args:
        naming: labels that blank nodes have in a larger document, which this one is a part of.

    Raises:
        VerifierError: as `quads` and `canonicalize`.
    """
    found, labels = labelled_statements(
        document, contexts.root(), inline_allowed=inline_contexts_allowed, limits=limits, naming=naming
    )
    return Named(found, labels, rdfc.canonical_labels(found, "sha256", limits.ambiguous_work))


def canonicalize(
    document: Mapping[str, Any],
    *,
    algorithm: Algorithm = "sha256",
    limits: Limits = DEFAULT_LIMITS,
    inline_contexts_allowed: bool = False,
    revisions: Revisions = (),
) -> str:
    """Canonical N-Quads of a document by RDFC-1.0 with SHA-256 or SHA-384, in safe mode. Arguments as for `quads`."""
    found = quads(document, limits=limits, inline_contexts_allowed=inline_contexts_allowed, revisions=revisions)
    return "".join(rdfc.canonical_lines(found, algorithm, limits.ambiguous_work))


def expand(
    document: Mapping[str, Any], *, limits: Limits = DEFAULT_LIMITS, inline_contexts_allowed: bool = False
) -> list[Any]:
    """Expanded JSON-LD by PyLD, of a document that passes the safe mode. Errors as for `quads`.

    Much slower than `quads`, which does not need it.
    """
    quads(document, limits=limits, inline_contexts_allowed=inline_contexts_allowed)
    expanded: list[Any] = jsonld.expand(
        document, {"base": SENTINEL, "documentLoader": contexts.document_loader(), "processingMode": "json-ld-1.1"}
    )
    return expanded
