from __future__ import annotations

import pytest

from issuer.credentials.addresses import Addresses


def test_the_identities_of_a_site_with_a_port() -> None:
    here = Addresses("http://localhost:8000/")
    assert here.site_did == "did:web:localhost%3A8000"
    assert here.organisation_did("maple") == "did:web:localhost%3A8000:orgs:maple"
    assert here.organisation_did_document("maple") == "http://localhost:8000/orgs/maple/did.json"
    assert here.site_did_document() == "http://localhost:8000/.well-known/did.json"


def test_public_addresses() -> None:
    here = Addresses("https://Badges.example.org")
    assert here.credential("n1") == "https://badges.example.org/credentials/n1"
    assert here.status_entry("s1", 7) == "https://badges.example.org/status/s1#7"
    assert here.achievement("maple", "wait-time", 2) == "https://badges.example.org/achievements/maple/wait-time/v2"
    assert here.criteria("maple", "a b", 1) == "https://badges.example.org/achievements/maple/a%20b/v1/criteria"
    assert here.verify("https://x.example/a?b=1") == (
        "https://badges.example.org/verify?url=https%3A%2F%2Fx.example%2Fa%3Fb%3D1"
    )


def test_own_addresses_are_told_from_foreign_ones() -> None:
    here = Addresses("https://badges.example.org")
    assert here.path(here.evidence("e1")) == "/evidence/e1"
    assert here.path("https://badges.example.org") == "/"
    assert not here.owns("https://badges.example.org.evil.example/status/1")
    with pytest.raises(ValueError, match="not an address"):
        here.path("https://badges.example.org@evil.example/")


@pytest.mark.parametrize(
    "base",
    ["http://127.0.0.1:8000", "http://[::1]:8000", "ftp://x.example", "https://x.example/path", "https://a@b.example"],
)
def test_a_base_that_no_did_can_be_made_of_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="address"):
        Addresses(base)
