"""One small file must not send us around the world."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator import NOW, Issuer, World
from verifier import Limits, TrustedIssuers, Verdict, Verifier
from verifier import fetch as fetching
from verifier.fetch import Budgeted, BudgetUsed, Fetched
from verifier.memory import Memory

DID = "did:web:school.example"


def endorsement(issuer: Issuer, number: int) -> dict[str, Any]:
    """Signed by nobody who could be found, so that somebody has to be asked."""
    return {
        "@context": issuer.badge()["@context"],
        "id": f"urn:endorsement:{number}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsement",
        "issuer": {"id": f"https://n{number}.example/issuer", "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "https://badges.example.org/achievements/questions",
            "type": ["EndorsementSubject"],
        },
        "proof": [
            {
                "type": "DataIntegrityProof",
                "cryptosuite": "eddsa-rdfc-2022",
                "verificationMethod": f"https://n{number}.example/issuer#k",
                "proofPurpose": "assertionMethod",
                "proofValue": "z1",
            }
        ],
    }


def greedy(school: Issuer, count: int) -> bytes:
    badge = school.badge()
    badge["credentialSubject"]["achievement"]["endorsement"] = [endorsement(school, n) for n in range(count)]
    return school.sign(badge)


def test_a_credential_gets_so_many_documents_and_no_more() -> None:
    world = World()
    school = world.issuer(DID)
    verifier = Verifier(world, limits=Limits(fetches=10))
    report = verifier.verify(greedy(school, 40), TrustedIssuers(DID), now=NOW)
    assert len(world.asked) == 10
    assert len(report.contents) == 40
    assert report.verdict is Verdict.VERIFIED, "endorsements that cannot be checked never sink the badge"


def test_a_greedy_credential_spoils_nothing_for_the_next_one() -> None:
    world = World()
    school, other = world.issuer(DID), world.issuer("https://n39.example/issuer")
    other.publish_list([])
    verifier, memory = Verifier(world, limits=Limits(fetches=10)), Memory()
    policy = TrustedIssuers(DID, other.id)
    verifier.verify(greedy(school, 40), policy, now=NOW, memory=memory)
    badge = other.sign(other.badge(credentialStatus=other.status_entry(1)))
    assert verifier.verify(badge, policy, now=NOW, memory=memory).verdict is Verdict.VERIFIED


def test_slow_documents_use_the_time_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(fetching.time, "monotonic", lambda: clock[0])

    class Slow:
        def get(self, url: str, *, max_bytes: int) -> Fetched:
            clock[0] += 9.0
            return Fetched(url, b"")

    budgeted = Budgeted(Slow(), Limits(all_fetches_seconds=30.0))
    for _ in range(4):
        budgeted.get("https://a.example/", max_bytes=1)
    with pytest.raises(BudgetUsed) as caught:
        budgeted.get("https://a.example/", max_bytes=1)
    assert caught.value.code == "too_many_fetches"
    budgeted.begin()
    assert budgeted.get("https://a.example/", max_bytes=1).body == b""
