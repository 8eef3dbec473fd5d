"""With a memory the answers are the same as without: over every asset, in any order, and where it would matter most."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build_assets import FOLDER
from tests.simulator import NOW, World
from verifier import Memory, TrustedIssuers, UnsafeAnyIssuer, Verifier
from verifier.memory import Bounded
from verifier.report import report_to_json

ASSETS = sorted(path.name for path in FOLDER.iterdir() if path.name not in ("pages.json", "expected.json"))
PAGES = {url: text.encode() for url, text in json.loads((FOLDER / "pages.json").read_bytes()).items()}


@settings(max_examples=25, deadline=None)
@given(names=st.lists(st.sampled_from(ASSETS), min_size=2, max_size=12), trusting=st.booleans())
def test_the_same_answers_in_any_order(names: list[str], trusting: bool) -> None:
    policy = UnsafeAnyIssuer() if trusting else TrustedIssuers("did:web:school.example")
    verifier, memory = Verifier(World(pages=dict(PAGES))), Memory()
    for name in names:
        data = (FOLDER / name).read_bytes()
        alone = verifier.verify(data, policy, now=NOW)
        with_memory = verifier.verify(data, policy, now=NOW, memory=memory)
        assert report_to_json(with_memory) == report_to_json(alone), name


def test_every_asset_once_and_once_more() -> None:
    policy = TrustedIssuers("did:web:school.example")
    verifier, memory = Verifier(World(pages=dict(PAGES))), Memory()
    for name in ASSETS * 2:
        data = (FOLDER / name).read_bytes()
        alone = report_to_json(verifier.verify(data, policy, now=NOW))
        assert report_to_json(verifier.verify(data, policy, now=NOW, memory=memory)) == alone, name


def test_a_list_that_served_its_issuer_does_not_serve_a_stranger() -> None:
    world = World()
    school, other = world.issuer("did:web:school.example"), world.issuer("did:web:other.example")
    url = school.publish_list()
    own = school.sign(school.badge(credentialStatus=school.status_entry(3, url)))
    strange = other.sign(other.badge(credentialStatus=school.status_entry(3, url)))
    verifier, memory, policy = Verifier(world), Memory(), TrustedIssuers(other.id)
    assert verifier.verify(own, policy, now=NOW, memory=memory).verdict == "unrecognised"
    report = verifier.verify(strange, policy, now=NOW, memory=memory)
    assert (report.verdict, report.problems[0].code) == ("undetermined", "status_list_by_stranger")


def test_a_new_list_at_the_old_address_counts_at_once() -> None:
    world = World()
    school = world.issuer("did:web:school.example")
    url = school.publish_list()
    data = school.sign(school.badge(credentialStatus=school.status_entry(3, url)))
    verifier, memory, policy = Verifier(world), Memory(), TrustedIssuers(school.id)
    assert verifier.verify(data, policy, now=NOW, memory=memory).verified
    school.publish_list({3}, url)
    assert verifier.verify(data, policy, now=NOW, memory=memory).problems[0].code == "revoked"


def test_a_list_is_judged_once_and_an_issuer_asked_once() -> None:
    world = World()
    school = world.issuer("did:web:school.example")
    url = school.publish_list()
    verifier, memory, policy = Verifier(world), Memory(), TrustedIssuers(school.id)
    for index in range(5):
        data = school.sign(school.badge(credentialStatus=school.status_entry(index, url)))
        assert verifier.verify(data, policy, now=NOW, memory=memory).verified
    assert world.asked.count(school.url) == 1
    assert len(memory._lists) == 1


def test_it_belongs_to_one_question() -> None:
    verifier, memory, policy = Verifier(), Memory(), UnsafeAnyIssuer()
    verifier.verify(b"{}", policy, now=NOW, memory=memory)
    with pytest.raises(RuntimeError):
        verifier.verify(b"{}", UnsafeAnyIssuer(), now=NOW, memory=memory)
    with pytest.raises(RuntimeError):
        Verifier().verify(b"{}", policy, now=NOW, memory=memory)


def test_what_was_not_used_for_longest_is_forgotten_first() -> None:
    kept: Bounded[str, int] = Bounded(10, weigh=lambda value: value)
    kept["a"], kept["b"], kept["c"] = 4, 4, 2
    assert kept["a"] == 4
    kept["d"] = 3
    assert list(kept) == ["c", "a", "d"]
    kept["huge"] = 11
    assert list(kept) == []
