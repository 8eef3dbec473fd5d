"""RDFC-1.0: one text for one set of statements, whatever its blank nodes were called.

Nearly every credential is settled by the first round of hashes (RDFC-1.0, section 4.6): then the labels follow from the
order of the hashes and nothing else has to be tried. Only where blank nodes look alike does the exponential part
(sections 4.7 and 4.8) begin; it is left to pyoxigraph, which cannot be interrupted, and therefore not begun before an
upper bound of its work is known to be small.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import pyoxigraph

from verifier.canonical.statements import Quad
from verifier.errors import VerifierError

Algorithm = Literal["sha256", "sha384"]

#: Names tried for each step of `ambiguous_work`. Exchangeable nodes take the first name, so that few are ever needed.
_STEPS = 20

_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}
_PYOXIGRAPH = {
    "sha256": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0,
    "sha384": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
}


def canonical_lines(quads: Sequence[Quad], algorithm: Algorithm, ambiguous_work: int) -> list[str]:
    """The canonical N-Quads, line by line; each line ends in a line feed.

    Raises:
        VerifierError: `too_ambiguous` when telling look-alikes apart could take more than `ambiguous_work` steps;
            `invalid_iri` when an address is malformed.
    """
    names, alike = _first_round(quads, algorithm, ambiguous_work)
    return _by_pyoxigraph(renamed_lines(quads, {}), algorithm) if alike else renamed_lines(quads, names)


def canonical_labels(quads: Sequence[Quad], algorithm: Algorithm, ambiguous_work: int) -> dict[str, str]:
    """The canonical name of every blank node, such as `_:b3` to `_:c14n0`. Errors as for `canonical_lines`.

    Look-alikes that could be exchanged for each other get any of the namings that lead to the canonical text.
    """
    names, alike = _first_round(quads, algorithm, ambiguous_work)
    if not alike:
        return names
    expected = frozenset(_by_pyoxigraph(renamed_lines(quads, {}), algorithm))
    free = [f"_:c14n{number}" for number in range(len(names), len(names) + len(alike))]
    search = _Search(_places(quads), expected, ambiguous_work * _STEPS)
    found = search.name(dict(names), sorted(alike), free)
    if found is None:
        raise _too_ambiguous(ambiguous_work)
    return found


class _Search:
    """Finds a naming of blank nodes under which every statement is one of the canonical ones."""

    def __init__(self, places: Mapping[str, set[Quad]], expected: frozenset[str], steps: int) -> None:
        self._places = places
        self._expected = expected
        self._steps = steps

    def name(self, names: dict[str, str], nodes: Sequence[str], labels: Sequence[str]) -> dict[str, str] | None:
        """`names` with one of `labels` for each of `nodes`, which are as many; None if the steps were used up.

        By trial and error without recursion, since there may be thousands. Labels that are still free form a ring of
        indexes, with `end` between the last and the first, so that taking one out and putting it back costs nothing.
        """
        end = len(labels)
        following = [*range(1, end + 1), 0]
        before = [end, *range(end)]
        taken: list[int] = []
        candidate = following[end]
        while len(taken) < len(nodes):
            node = nodes[len(taken)]
            while candidate != end and not self._fits(node, labels[candidate], names):
                candidate = following[candidate]
            if self._steps < 0:
                return None
            if candidate != end:
                following[before[candidate]], before[following[candidate]] = following[candidate], before[candidate]
                taken.append(candidate)
                candidate = following[end]
            elif taken:
                last = taken.pop()
                following[before[last]] = before[following[last]] = last
                del names[nodes[len(taken)]]
                candidate = following[last]
            else:
                return None
        return names

    def _fits(self, node: str, label: str, names: dict[str, str]) -> bool:
        """Whether `node` may be called that, as far as the names given so far can tell; if so, it is."""
        self._steps -= 1
        names[node] = label
        whole = [q for q in self._places[node] if all(not t.startswith("_:") or t in names for t in q)]
        if self._steps >= 0 and self._expected.issuperset(renamed_lines(whole, names)):
            return True
        del names[node]
        return self._steps < 0


def _first_round(quads: Sequence[Quad], algorithm: Algorithm, ambiguous_work: int) -> tuple[dict[str, str], set[str]]:
    """The names that follow from the first hashes alone, and the blank nodes that share their hash with another one."""
    places = _places(quads)
    hashes = {node: _first_degree(node, found, algorithm) for node, found in places.items()}
    by_hash: defaultdict[str, list[str]] = defaultdict(list)
    for node, digest in hashes.items():
        by_hash[digest].append(node)
    single = [nodes[0] for _, nodes in sorted(by_hash.items()) if len(nodes) == 1]
    alike = {node for nodes in by_hash.values() if len(nodes) > 1 for node in nodes}
    if alike and work_bound(quads, alike, hashes) > ambiguous_work:
        raise _too_ambiguous(ambiguous_work)
    return {node: f"_:c14n{number}" for number, node in enumerate(single)}, alike


def _too_ambiguous(limit: int) -> VerifierError:
    return VerifierError(
        "too_ambiguous",
        "Too many parts of the document look alike to tell them apart in reasonable time.",
        details={"limit": limit},
    )


def renamed_lines(quads: Iterable[Quad], names: Mapping[str, str]) -> list[str]:
    """The statements as sorted N-Quads lines, with blank nodes named by `names`."""
    rename = names.get
    found = {
        f"{rename(s, s)} {p} {rename(o, o)} {rename(g, g)} .\n" if g else f"{rename(s, s)} {p} {rename(o, o)} .\n"
        for s, p, o, g in quads
    }
    return sorted(found)


def _places(quads: Iterable[Quad]) -> dict[str, set[Quad]]:
    """The statements that each blank node occurs in."""
    found: dict[str, set[Quad]] = {}
    for quad in quads:
        for position in (0, 2, 3):
            term = quad[position]
            if term.startswith("_:"):
                found.setdefault(term, set()).add(quad)
    return found


def _first_degree(node: str, quads: Iterable[Quad], algorithm: Algorithm) -> str:
    """RDFC-1.0, section 4.6.3."""
    lines = []
    for s, p, o, g in quads:
        if s.startswith("_:"):
            s = "_:a" if s == node else "_:z"
        if o.startswith("_:"):
            o = "_:a" if o == node else "_:z"
        if g.startswith("_:"):
            g = "_:a" if g == node else "_:z"
        lines.append(f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n")
    lines.sort()
    return _HASHES[algorithm]("".join(lines).encode()).hexdigest()


def work_bound(quads: Iterable[Quad], ambiguous: set[str], hashes: dict[str, str]) -> int:
    """An upper bound of the steps that Hash N-Degree Quads (RDFC-1.0, section 4.8) may take.

    That algorithm walks from every look-alike to its look-alike neighbours, and at each one tries every order of those
    neighbours that it cannot tell apart (same predicate, same direction, same first hash). So for each connected group
    of look-alikes: starting points, times steps of one walk, times the orders multiplied over the whole group.
    """
    neighbours: defaultdict[str, defaultdict[tuple[str, str, str], set[str]]] = defaultdict(lambda: defaultdict(set))
    for s, p, o, g in quads:
        ends = [(letter, term) for letter, term in (("s", s), ("o", o), ("g", g)) if term in ambiguous]
        for _, term in ends:
            for letter, other in ends:
                if other != term:
                    neighbours[term][letter, p, hashes[other]].add(other)
    total, seen = 0, set[str]()
    for start in ambiguous:
        if start in seen:
            continue
        group, waiting = set[str](), [start]
        while waiting:
            node = waiting.pop()
            if node not in group:
                group.add(node)
                waiting.extend(other for others in neighbours[node].values() for other in others)
        seen |= group
        orders, steps = 1, len(group)
        for node in group:
            for others in neighbours[node].values():
                steps += len(others)
                # A factorial of more than 20 is beyond any limit; Python would spend time on its digits.
                orders = min(orders * math.factorial(min(len(others), 20)), 10**20)
        total += len(group) * steps * orders
    return total


def _by_pyoxigraph(lines: Iterable[str], algorithm: Algorithm) -> list[str]:
    try:
        parsed = pyoxigraph.parse("".join(lines), format=pyoxigraph.RdfFormat.N_QUADS, lenient=True)
        dataset = pyoxigraph.Dataset(parsed)
    except (SyntaxError, ValueError) as cause:
        raise VerifierError("invalid_iri", "An address in the document is malformed.") from cause
    dataset.canonicalize(_PYOXIGRAPH[algorithm])
    text = (pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS) or b"").decode()
    return sorted(f"{line}\n" for line in text.split("\n") if line)
