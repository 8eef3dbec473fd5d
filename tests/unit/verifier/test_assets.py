"""The corpus: each file gets the verdict it is named for, and the files are what `build_assets` makes."""

import json
from collections.abc import Iterator
from functools import cache

import pytest

from tests import build_assets
from tests.simulator import NOW, World
from verifier import Outcome, Report, TrustedIssuers, Verdict, Verifier
from verifier.report import CheckResult

EXPECTED: dict[str, dict[str, str]] = json.loads((build_assets.FOLDER / "expected.json").read_bytes())
#: Issuers the caller names; `stranger.example` is not among them.
NAMED = TrustedIssuers(
    "did:web:school.example",
    "https://college.example/issuer",
    "https://away.example/issuer",
    World().issuer("did:key").id,
    "https://older.example/issuer",
)


@cache
def world() -> World:
    pages = json.loads((build_assets.FOLDER / "pages.json").read_bytes())
    return World({url: body.encode() for url, body in pages.items()})


def verify(name: str) -> Report:
    return Verifier(world()).verify((build_assets.FOLDER / name).read_bytes(), NAMED, now=NOW)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_file_gets_the_answer_it_is_named_for(name: str) -> None:
    expected = EXPECTED[name]
    report = verify(name)
    problems = [(str(r.check), r.code) for r in report.problems] + [
        (str(r.check), r.code) for r in report.results if r.check == "policy" and r.outcome is Outcome.FAILED
    ]
    assert str(report.verdict) == expected["verdict"], problems
    if expected["code"]:
        assert (expected["check"], expected["code"]) in problems
    else:
        assert problems == []


def results(report: Report) -> Iterator[CheckResult]:
    yield from report.results
    for inner in report.contents:
        yield from results(inner)


def test_every_check_explains_itself() -> None:
    silent = {
        (name, str(result.check), result.code)
        for name in EXPECTED
        for result in results(verify(name))
        if not (result.looked_at and result.code and result.message and result.specification)
    }
    assert not silent


def test_the_files_are_what_build_assets_makes() -> None:
    made = build_assets.files()
    there = {path.name: path.read_bytes() for path in build_assets.FOLDER.iterdir()}
    assert sorted(there) == sorted(made)
    assert [name for name in made if there[name] != made[name]] == []


def test_nothing_in_the_corpus_verifies_by_surprise() -> None:
    verified = {name for name in EXPECTED if verify(name).verdict is Verdict.VERIFIED}
    assert verified == {name for name, expected in EXPECTED.items() if expected["verdict"] == "verified"}


@pytest.mark.parametrize("name", sorted(name for name in EXPECTED if EXPECTED[name]["verdict"] == "verified"))
def test_without_policy_network_or_proof_nothing_is_verified(name: str) -> None:
    data = (build_assets.FOLDER / name).read_bytes()
    assert Verifier(world()).verify(data, TrustedIssuers(), now=NOW).verdict is Verdict.UNRECOGNISED
    offline = Verifier().verify(data, NAMED, now=NOW).verdict
    assert offline is (Verdict.VERIFIED if name == "good_did_key_issuer.json" else Verdict.UNDETERMINED)
