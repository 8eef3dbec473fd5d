"""One pass here, the whole of PyLD and pyoxigraph there: the same canonical form."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from tests.unit.verifier.canonical.conftest import CONTEXTS
from verifier import canonical
from verifier.canonical import contexts, rdfc
from verifier.errors import VerifierError
from verifier.limits import Limits

# PyLD writes a literal with an escaped control character wrongly, so those are left to the comparison with pyoxigraph.
plain_text = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
any_text = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
# pyoxigraph writes doubles with as many digits as they need, JSON-LD with 16; on these the two agree.
quarters = st.integers(-4000, 4000).map(lambda n: n / 4)
ids = st.builds("https://example.org/{}".format, st.integers(0, 5)) | st.builds("urn:x:{}".format, st.integers(0, 5))


def node(text: st.SearchStrategy[str], number: st.SearchStrategy[float]) -> st.SearchStrategy[dict[str, Any]]:
    """Open Badges documents: every kind of term (typed, list, set, type-scoped), lists with nulls, repeated ids."""
    alignment = st.fixed_dictionaries(
        {"type": st.sampled_from(["Alignment", ["Alignment"]]), "targetName": text, "targetUrl": ids},
        optional={"targetCode": text, "targetDescription": text | st.none(), "targetType": st.just("CFItem")},
    )
    level = st.fixed_dictionaries(
        {"id": ids, "type": st.just(["RubricCriterionLevel"]), "name": text},
        optional={"level": text, "points": text, "alignment": st.lists(alignment, max_size=2)},
    )
    result_description = st.fixed_dictionaries(
        {
            "id": ids,
            "type": st.just(["ResultDescription"]),
            "name": text,
            "resultType": st.just("RubricCriterionLevel"),
        },
        optional={
            "allowedValue": st.none() | st.lists(text | st.none(), max_size=4),
            "requiredLevel": ids,
            "rubricCriterionLevel": st.lists(level, max_size=3),
        },
    )
    achievement = st.fixed_dictionaries(
        {
            "id": ids,
            "type": st.just(["Achievement"]),
            "name": text,
            "criteria": st.fixed_dictionaries({"narrative": text}),
        },
        optional={
            "alignment": st.lists(alignment, max_size=3) | alignment,
            "creditsAvailable": number | st.integers(-(2**53), 2**53),
            "resultDescription": st.lists(result_description, max_size=2),
            "tag": st.lists(text, max_size=3),
            "inLanguage": text,
        },
    )
    result = st.fixed_dictionaries(
        {"type": st.just(["Result"])}, optional={"achievedLevel": ids, "resultDescription": ids, "value": text}
    )
    value_object = st.fixed_dictionaries(
        {"@value": text},
        optional={"@language": st.sampled_from(["en", "EN-us"]), "@direction": st.sampled_from(["ltr", "rtl"])},
    )
    subject = st.fixed_dictionaries(
        {"type": st.just(["AchievementSubject"]), "achievement": achievement},
        optional={
            "id": ids,
            "result": st.lists(result, max_size=3),
            "narrative": text,
            "creditsEarned": number,
        },
    )
    return st.fixed_dictionaries(
        {
            "@context": st.just(CONTEXTS),
            "id": ids,
            "type": st.permutations(["VerifiableCredential", "OpenBadgeCredential"]),
            "issuer": ids | st.fixed_dictionaries({"id": ids, "type": st.just(["Profile"])}, optional={"name": text}),
            "credentialSubject": subject,
        },
        optional={
            "name": text | value_object,
            "description": value_object | text | st.none(),
            "validFrom": st.just("2026-01-01T00:00:00Z"),
            "evidence": st.lists(
                st.fixed_dictionaries({"type": st.just(["Evidence"])}, optional={"id": ids, "name": text}), max_size=3
            ),
            "proof": st.fixed_dictionaries(
                {"type": st.just("DataIntegrityProof"), "proofPurpose": st.just("assertionMethod"), "proofValue": text}
            ),
        },
    )


def unless_too_ambiguous(document: dict[str, Any], algorithm: rdfc.Algorithm) -> str:
    try:
        return canonical.canonicalize(document, algorithm=algorithm)
    except VerifierError as refused:
        assume(refused.code != "too_ambiguous")
        raise


OPTIONS = {
    "algorithm": "URDNA2015",
    "format": "application/n-quads",
    "documentLoader": contexts.document_loader(),
    "rdfDirection": "i18n-datatype",
}


def by_pyld(document: dict[str, Any]) -> str:
    found: str = jsonld.normalize(document, dict(OPTIONS))
    # A dataset is a set; PyLD writes an empty list twice if one node has it in two places.
    return "".join(dict.fromkeys(found.splitlines(keepends=True)))


slow = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@slow
@given(node(plain_text, st.floats(-1e6, 1e6)))
def test_the_same_as_pyld(document: dict[str, Any]) -> None:
    found = unless_too_ambiguous(document, "sha256")
    assert found == by_pyld(document)


@slow
@given(node(any_text, quarters))
def test_the_same_as_pyld_and_pyoxigraph_from_the_expanded_form(document: dict[str, Any]) -> None:
    for key in ("name", "description"):  # pyoxigraph leaves base directions out
        if isinstance(document.get(key), dict):
            document[key].pop("@direction", None)
    found = unless_too_ambiguous(document, "sha384")
    expanded = json.dumps(canonical.expand(document)).encode()
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(expanded, format=pyoxigraph.RdfFormat.JSON_LD))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384)
    text = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS).decode()
    assert found.split("\n") == [*sorted(text.split("\n"))[1:], ""]


terms = st.sampled_from(["<urn:a>", "<urn:b>", "_:b0", "_:b1", "_:b2", "_:b3"])
datasets = st.lists(
    st.tuples(
        terms,
        st.sampled_from(["<urn:p>", "<urn:q>"]),
        terms | st.just('"x"'),
        st.sampled_from(["", "", "<urn:a>", "_:b1"]),
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(datasets, st.sampled_from(["sha256", "sha384"]))
def test_naming_blank_nodes_is_the_same_as_pyoxigraph(quads: list[rdfc.Quad], algorithm: rdfc.Algorithm) -> None:
    found = rdfc.canonical_lines(quads, algorithm, 10**30)
    assert found == rdfc._by_pyoxigraph(rdfc.renamed_lines(quads, {}), algorithm)


@settings(max_examples=200, deadline=None)
@given(datasets)
def test_the_canonical_names_lead_to_the_canonical_text(quads: list[rdfc.Quad]) -> None:
    try:
        names = rdfc.canonical_labels(quads, "sha256", 5000)
    except VerifierError as refused:
        assume(refused.code != "too_ambiguous")
        raise
    assert rdfc.renamed_lines(quads, names) == rdfc.canonical_lines(quads, "sha256", 5000)
    assert len(set(names.values())) == len(names)


def complete_graph(size: int) -> list[rdfc.Quad]:
    """Every blank node linked to every other one, as in the poison test of the RDFC-1.0 suite."""
    return [(f"_:b{a}", "<urn:p>", f"_:b{b}", "") for a in range(size) for b in range(size) if a != b]


@pytest.mark.parametrize(
    "quads",
    [
        complete_graph(10),
        complete_graph(6),
        [(f"_:b{n}", "<urn:p>", f"_:b{(n + 1) % 400}", "") for n in range(400)],
        [(f"_:b{n % 40}", "<urn:p>", f"_:b{(n * 7 + n // 40 * 13) % 40}", "") for n in range(160)],
        [("_:c", "<urn:p>", f"_:b{n}", "") for n in range(40)] + [("_:d", "<urn:p>", f"_:b{n}", "") for n in range(40)],
    ],
    ids=["ten", "six", "ring", "woven", "two stars"],
)
def test_poison_is_refused_before_it_is_swallowed(quads: list[rdfc.Quad]) -> None:
    with pytest.raises(VerifierError) as caught:
        rdfc.canonical_lines(quads, "sha256", Limits().ambiguous_work)
    assert caught.value.code == "too_ambiguous"


def test_look_alikes_of_real_badges_are_no_poison(badge: dict[str, Any]) -> None:
    achievement = badge["credentialSubject"]["achievement"]
    achievement["alignment"] = [dict(achievement["alignment"][0]) for _ in range(8)]
    badge["credentialSubject"]["result"] *= 6
    achievement["resultDescription"][0]["allowedValue"] = ["again"] * 20
    assert canonical.canonicalize(badge) == by_pyld(badge)


def test_threads_do_not_disturb_each_other(badge: dict[str, Any]) -> None:
    expected = canonical.canonicalize(badge)
    with contexts._LOCK:
        contexts._ROOTS.clear()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: canonical.canonicalize(badge), range(64))) == {expected}
