"""Attacks that need more than one file: keys that outlive their revocation, proofs that cost more than they say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.simulator import ISSUED, NOW, OPEN_BADGES, Issuer, TestSigner, World
from verifier import ExpectedRecipient, TrustedIssuers, Verdict, Verifier, canonical, proofs
from verifier.canonical import rdfc
from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Fetched
from verifier.formats import multikey
from verifier.limits import DEFAULT_LIMITS
from verifier.proofs.jwt import secure_jwt
from verifier.report import CheckId, report_to_json

HOST = "https://college.example"
JWKS = f"{HOST}/.well-known/jwks.json"


def codes(world: World, data: bytes, *trusted: str) -> set[str]:
    """ "verified", or the codes of all that is wrong."""
    report = Verifier(world).verify(data, TrustedIssuers(*trusted), now=NOW)
    return {"verified"} if report.verdict is Verdict.VERIFIED else {problem.code for problem in report.problems}


class TestKeySetOfAHost:
    """`/.well-known/jwks.json` speaks for a host; the issuer's document speaks for the issuer."""

    def publish(self, world: World, signer: TestSigner, key_id: str, **changes: Any) -> None:
        world.publish(JWKS, {"keys": [{**multikey.to_jwk(signer.public), "kid": key_id}], **changes})

    def test_a_key_that_the_document_calls_revoked(self) -> None:
        world = World()
        issuer = world.issuer(f"{HOST}/issuer")
        token = secure_jwt(issuer.badge(), issuer.signer, key_id="k1")
        self.publish(world, issuer.signer, "k1", iss=issuer.id)
        assert codes(world, token, issuer.id) == {"verified"}
        document = issuer.document()
        document["verificationMethod"][0]["revoked"] = "2026-02-01T00:00:00Z"
        world.publish(issuer.url, document)
        assert "key_revoked" in codes(world, token, issuer.id)

    def test_a_key_of_another_issuer_on_the_same_host(self) -> None:
        world = World()
        issuer, neighbour = world.issuer(f"{HOST}/issuers/1"), TestSigner("neighbour")
        self.publish(world, neighbour, "k2")
        token = secure_jwt(issuer.badge(), neighbour, key_id="k2")
        assert "key_not_listed" in codes(world, token, issuer.id)
        self.publish(world, neighbour, "k2", iss=issuer.id)  # a set for this issuer alone
        assert codes(world, token, issuer.id) == {"verified"}

    @pytest.mark.parametrize("issuer", ["https://[", "https://[::1", "https://", "https://a:b:c"])
    def test_an_issuer_that_is_no_address(self, issuer: str) -> None:
        badge = Issuer(World(), f"{HOST}/issuer").badge(issuer={"id": issuer, "type": ["Profile"], "name": "x"})
        assert "verified" not in codes(World(), secure_jwt(badge, TestSigner("x")), issuer)


def test_proofs_that_build_on_each_other_are_checked_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each proof names all before it: by walking every path these are 2 to the power of their number."""
    issuer = World().issuer("did:key")
    document: dict[str, Any] = issuer.badge()
    for number in range(DEFAULT_LIMITS.proofs):
        earlier = {"previousProof": [f"urn:proof:{n}" for n in range(number)]} if number else {}
        document = proofs.secure(document, issuer.signer, ISSUED, options={"id": f"urn:proof:{number}", **earlier})
    document["proof"].reverse()
    checked: list[object] = []
    really = proofs.verify

    def counted(*args: Any, **kwargs: Any) -> None:
        checked.append(args)
        really(*args, **kwargs)

    monkeypatch.setattr(proofs, "verify", counted)
    assert codes(World(), json.dumps(document).encode(), issuer.id) == {"verified"}
    assert len(checked) == DEFAULT_LIMITS.proofs


def test_thousands_of_look_alikes_are_named_without_recursion() -> None:
    quads = [("<urn:a>", "<urn:p>", f"_:b{n}", "") for n in range(4_000)]
    names = rdfc.canonical_labels(quads, "sha256", 5_000)
    assert len(set(names.values())) == 4_000


def test_an_older_badge_is_not_what_a_redirect_of_its_host_leads_to() -> None:
    """`https://host/leave?to=` of a recognised issuer must not make the badge of anybody else its own."""
    context = "https://w3id.org/openbadges/v2"
    address = f"{HOST}/leave?to=https%3A%2F%2Fevil.example%2Fa"
    badge = {
        "@context": context,
        "type": "Assertion",
        "id": address,
        "recipient": {"type": "email", "hashed": False, "identity": "x@school.example"},
        "badge": f"{HOST}/leave?to=https%3A%2F%2Fevil.example%2Fb",
        "verification": {"type": "HostedBadge"},
        "issuedOn": "2026-01-01T00:00:00Z",
    }
    documents: dict[str, dict[str, Any]] = {
        address: badge,
        badge["badge"]: {"type": "BadgeClass", "id": badge["badge"], "name": "Master", "issuer": f"{HOST}/issuer"},
        f"{HOST}/issuer": {"type": "Profile", "id": f"{HOST}/issuer", "name": "College"},
    }

    class Redirecting:
        def __init__(self, site: str) -> None:
            self.site = site

        def get(self, url: str, *, max_bytes: int) -> Fetched:
            if url not in documents:
                raise CouldNotCheck("fetch_failed", "away")
            end = url if "leave" not in url else f"{self.site}/page"
            return Fetched(url=end, body=json.dumps(documents[url]).encode())

    def verdict(site: str) -> Verdict:
        report = Verifier(Redirecting(site)).verify(
            json.dumps(badge).encode(), TrustedIssuers(f"{HOST}/issuer"), now=NOW
        )
        return report.verdict

    assert verdict("https://www.college.example") is Verdict.VERIFIED
    for site in ("https://evil.example", "https://college.example.evil.example", "https://notcollege.example"):
        assert verdict(site) is Verdict.UNDETERMINED


def test_contexts_are_counted_over_the_whole_document() -> None:
    """Each order of contexts is processed anew: a few kB of nested credentials must not cost minutes."""
    issuer = World().issuer("did:key")
    inner = {"@context": issuer.badge()["@context"], "type": ["VerifiableCredential"]}
    badge = issuer.badge(endorsement=[inner] * 2_100)
    with pytest.raises(VerifierError) as caught:
        canonical.canonicalize(badge)
    assert caught.value.code == "too_many_contexts"


def test_a_report_does_not_grow_with_the_faults() -> None:
    issuer = World().issuer("did:key")
    data = json.dumps({**issuer.badge(), "evidence": [0] * 40_000}).encode()
    report = Verifier().verify(data, TrustedIssuers(issuer.id), now=NOW)
    assert report.verdict is Verdict.FAILED
    assert max(len(result.findings) for result in report.results) == 200
    assert report.results[0].findings[-1].code == "findings_not_listed"
    assert len(json.dumps(report_to_json(report))) < 200_000


def test_an_identity_of_any_shape() -> None:
    """Found by fuzzing: a list as the type of an identity ended in an error of Python."""
    issuer = World().issuer("did:key")
    badge = issuer.badge()
    badge["credentialSubject"]["identifier"][0]["identityType"] = ["emailAddress"]
    report = Verifier().verify(
        issuer.sign(badge), TrustedIssuers(issuer.id), now=NOW, recipient=ExpectedRecipient(email="x@school.example")
    )
    recipient = report.result(CheckId.RECIPIENT)
    assert recipient is not None
    assert recipient.code == "recipient_mismatch"


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({}, "verified"),
        ({"validUntil": "2026-02-01T00:00:00Z"}, "expired"),
        ({"validFrom": "2027-02-01T00:00:00Z"}, "not_yet_valid"),
        ({"expirationDate": "2030-01-01T00:00:00Z", "validUntil": "2026-02-01T00:00:00Z"}, "expired"),
        ({"expirationDate": "2026-02-01T00:00:00Z", "validUntil": "2030-01-01T00:00:00Z"}, "expired"),
    ],
)
def test_every_date_that_a_credential_of_data_model_1_states_counts(dates: dict[str, str], code: str) -> None:
    """Its contexts define `validUntil` too, so that an issuer can sign an end that nobody would look at."""
    issuer = World().issuer("did:key")
    contexts = ["https://www.w3.org/2018/credentials/v1", OPEN_BADGES, "https://w3id.org/security/data-integrity/v2"]
    badge = issuer.badge(**{"@context": contexts, "validFrom": None, "validUntil": None, "evidence": None})
    badge |= {"issuanceDate": "2026-01-01T00:00:00Z", **dates}
    assert code in codes(World(), issuer.sign(badge), issuer.id)
