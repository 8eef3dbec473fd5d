"""Cases of W3C's RDFC-1.0 suite: graphs made of look-alikes, the change of hash, and the poison graph."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from verifier.canonical import rdfc
from verifier.errors import VerifierError
from verifier.limits import DEFAULT_LIMITS

ENDLESS = 10**40


def quads(text: str) -> list[rdfc.Quad]:
    found = (line.removesuffix(" .").split(" ", 2) for line in text.splitlines())
    return [(s, p, o, "") for s, p, o in found]


def relabelled(text: str) -> str:
    """The same graph with other labels, in another order."""
    names = sorted(set(re.findall(r"_:\w+", text)))
    others = [f"_:n{number}" for number in range(len(names))]
    random.Random(7).shuffle(others)  # noqa: S311  # a test that is the same every time
    mapping = dict(zip(names, others, strict=True))
    lines = re.sub(r"_:\w+", lambda match: mapping[match[0]], text).splitlines()
    random.Random(8).shuffle(lines)  # noqa: S311  # likewise
    return "\n".join(lines)


@pytest.mark.parametrize("case", ["test045", "test046", "test047"])
def test_published_results(vector: Callable[[str], str], case: str) -> None:
    expected = vector(f"rdfc10/{case}-rdfc10.nq")
    for text in (vector(f"rdfc10/{case}-in.nq"), relabelled(expected)):
        assert "".join(rdfc.canonical_lines(quads(text), "sha256", ENDLESS)) == expected


def test_names_depend_on_the_hash(vector: Callable[[str], str]) -> None:
    expected = vector("rdfc10/test075-rdfc10.nq")
    text = relabelled(expected)
    assert "".join(rdfc.canonical_lines(quads(text), "sha384", ENDLESS)) == expected
    assert "".join(rdfc.canonical_lines(quads(text), "sha256", ENDLESS)) != expected


@pytest.mark.parametrize("case", ["test045", "test046", "test074"])
def test_poison_is_refused_under_the_usual_limit(vector: Callable[[str], str], case: str) -> None:
    """The first two have an answer; they are far beyond what any credential needs."""
    with pytest.raises(VerifierError) as caught:
        rdfc.canonical_lines(quads(vector(f"rdfc10/{case}-in.nq")), "sha256", DEFAULT_LIMITS.ambiguous_work)
    assert caught.value.code == "too_ambiguous"
