"""What a result leads with: the badge, if it is proven; never a forgery in its dress, never a stranger's picture."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from issuer.models import Credential
from issuer.runtime import Runtime
from issuer.web.lead import Lead, lead, public_address
from tests.build_assets import picture_png
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser
from tests.integration.web.test_credential_page import revoke
from tests.simulator import NOW, Issuer, World
from verifier import TrustedIssuer, TrustedIssuers, Verifier
from verifier.report import Report

SEAL = "data:image/png;base64," + base64.b64encode(picture_png()).decode()
STRANGER = "https://tracker.example/seal.png"


@pytest.fixture
def school() -> Issuer:
    return World().issuer("did:key")


def named(badge: dict[str, Any], name: Any, **changes: Any) -> dict[str, Any]:
    identity = {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name", **changes}
    badge["credentialSubject"]["identifier"].append(identity)
    return badge


def report(school: Issuer, badge: dict[str, Any], *, recognised: bool = True, forge: str = "") -> Report:
    data = school.sign(badge)
    if forge:
        data = data.replace(b"Example District", forge.encode())
    policy = TrustedIssuers(TrustedIssuer(school.id, "Recorded Name")) if recognised else TrustedIssuers()
    return Verifier(World()).verify(data, policy, now=NOW)


@pytest.fixture
def shown(app: Flask, school: Issuer) -> Callable[..., Lead | None]:
    def show(badge: dict[str, Any], **how: Any) -> Lead | None:
        with app.test_request_context():
            return lead(report(school, badge, **how))

    return show


def test_picture_title_person_issuer_date_and_levels(stranger: Browser, shared: Credential) -> None:
    page = stranger.post("/verify", {"text": shared.document.decode()}).text
    badge = page.split('<article class="certificate proven"', 1)[1].split("</article>", 1)[0]
    document = json.loads(shared.document)
    assert 'src="/achievements/' in badge
    assert f"<h2>{document['name']}</h2>" in badge
    assert document["issuer"]["name"] in badge
    assert "Issued by" in badge
    assert page.index('class="verdict') < page.index("certificate proven") < page.index("What was checked")
    assert "The level reached for each criterion" in page
    descriptions = document["credentialSubject"]["achievement"]["resultDescription"]
    assert all(each["name"] in page for each in descriptions)


def test_what_passed_is_folded_and_what_did_not_stands_open(
    stranger: Browser, runtime: Runtime, district: District, shared: Credential
) -> None:
    page = stranger.post("/verify", {"text": shared.document.decode()}).text
    assert '<ol class="checks">' not in page.split("What was checked", 1)[1].split("<details", 1)[0]
    assert "checks passed" in page
    revoke(runtime, district, shared)
    page = stranger.post("/verify", {"text": shared.document.decode()}).text
    stands_open = page.split("What was checked", 1)[1].split('<details class="folded"', 1)[0]
    assert "The issuer has revoked this credential" in stands_open
    assert "exactly what the issuer signed" not in stands_open


def test_a_forgery_is_not_dressed_up_as_a_badge(stranger: Browser, shared: Credential) -> None:
    forged = json.loads(shared.document)
    forged["credentialSubject"]["achievement"]["name"] = "Superintendent Licence"
    page = stranger.post("/verify", {"text": json.dumps(forged)}).text
    assert "certificate" not in page.split("</head>", 1)[1]
    assert "<img" not in page
    assert "<dt>Title</dt><dd>Superintendent Licence</dd>" in page
    assert ">Superintendent Licence</h" not in page
    assert "These lines are what the file says of itself" in page


def test_only_a_signed_name_is_shown_as_the_person(school: Issuer, shown: Callable[..., Lead | None]) -> None:
    found = shown(named(school.badge(), "Tara Teacher"))
    assert found is not None
    assert (found.person, found.issuer) == ("Tara Teacher", "Recorded Name")
    assert shown(named(school.badge(), "Tara Teacher"), forge="State Board") is None
    for changes in ({"hashed": True}, {"identityType": "userName"}):
        other = shown(named(school.badge(), "Tara Teacher", **changes))
        assert other is not None
        assert other.person == ""


def test_two_people_are_not_one(school: Issuer, shown: Callable[..., Lead | None]) -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": school.id,
        "credentialSubject": [{"id": "did:example:1"}, {"id": "did:example:2"}],
    }
    found = shown(document)
    assert found is not None
    assert found.recipient == "2 people"


def test_an_unrecognised_issuer_gets_no_seal(school: Issuer, shown: Callable[..., Lead | None]) -> None:
    badge = school.badge(image={"id": SEAL, "type": "Image"})
    found = shown(badge, recognised=False)
    assert found is not None
    assert (found.recognised, found.picture, found.issuer) == (False, "", "Example District")


PICTURES: dict[str, tuple[Any, bool]] = {
    "signed": (SEAL, True),
    "a stranger's server": (STRANGER, False),
    "svg": ("data:image/svg+xml;base64,PHN2Zy8+", False),
    "html": ("data:text/html;base64,PGI+", False),
    "no png": ("data:image/png;base64,PGI+", False),
    "not base64": ("data:image/png;base64,iVBORw0KGgo*", False),
    "too large": (SEAL + "A" * 600_000, False),
    "huge": (
        "data:image/png;base64," + base64.b64encode(picture_png()[:16] + b"\x7f\xff\xff\xff" * 2).decode(),
        False,
    ),
    "our page": ("http://localhost:8000/account", False),
    "our name in front": ("http://localhost:8000.tracker.example/achievements/a/b/v1/image.svg", False),
}


@pytest.mark.parametrize("name", PICTURES)
def test_where_a_picture_may_come_from(school: Issuer, shown: Callable[..., Lead | None], name: str) -> None:
    address, allowed = PICTURES[name]
    found = shown(school.badge(image={"id": address, "type": "Image"}))
    assert found is not None
    assert found.picture == (address if allowed else "")


def test_a_readers_browser_is_never_sent_elsewhere(
    stranger: Browser, school: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuer.web.verify.current_policy", lambda: TrustedIssuers(school.id))
    at = {"at": "2026-06-01"}
    badge = named(school.badge(image={"id": STRANGER, "type": "Image"}), "<script>alert(1)</script>")
    answer = stranger.post("/verify", {"text": school.sign(badge).decode(), **at})
    assert "certificate proven" in answer.text
    assert "<img" not in answer.text
    assert "<script>alert" not in answer.text
    assert "img-src 'self';" in answer.headers["Content-Security-Policy"]
    signed = school.badge(image={"id": SEAL, "type": "Image"})
    answer = stranger.post("/verify", {"text": school.sign(signed).decode(), **at})
    assert f'src="{SEAL}"' in answer.text
    assert "img-src 'self' data:;" in answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]


def test_the_address_of_another_badge_is_not_lent(app: Flask, school: Issuer, shared: Credential) -> None:
    """A badge by somebody else that calls itself by an address of ours."""
    own = f"http://localhost:8000/credentials/{shared.number}"
    with app.test_request_context():
        assert public_address(report(school, school.badge(id=own)), "") == ""
        badge = school.badge()
        address = str(badge["id"])
        assert public_address(report(school, badge), "") == ""
        assert public_address(report(school, badge), address) == address
        assert public_address(report(school, badge), "https://tracker.example/copy-of-it") == ""
        assert public_address(report(school, badge, recognised=False), address) == ""
        assert public_address(report(school, badge, forge="State Board"), address) == ""
