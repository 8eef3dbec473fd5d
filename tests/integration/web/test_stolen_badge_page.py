"""A stolen badge on the verify page: the presenter's words are nowhere, and the warning comes before the badge."""

from __future__ import annotations

import json
from typing import Any

import pytest
from prometheus_client import REGISTRY

from issuer.models import Credential
from issuer.runtime import Runtime
from schemas.report import ReportShape
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, upload
from tests.integration.web.test_credential_page import revoke
from tests.integration.web.test_verify_page import headline
from tests.simulator import ISSUED, VCDM, TestSigner
from verifier import proofs
from verifier.formats import png

THIEF = TestSigner("thief")
WORDS = ("issuer", "credentialSubject", "achievement")


def presented(credential: Credential, **claims: Any) -> bytes:
    contexts = [VCDM, {name: f"https://words.example/#{name}" for name in WORDS}] if claims else [VCDM]
    document = {
        "@context": contexts,
        "type": ["VerifiablePresentation"],
        "holder": THIEF.did,
        "verifiableCredential": [json.loads(credential.document)],
        **claims,
    }
    signed = proofs.secure(document, THIEF, ISSUED, purpose="authentication", inline_contexts_allowed=True)
    return json.dumps(signed).encode()


def licence(credential: Credential) -> bytes:
    return presented(
        credential,
        name="Superintendent Licence",
        issuer={"id": "did:web:state.example", "name": "State Board"},
        credentialSubject={"achievement": {"name": "Superintendent Licence"}},
    )


def above_the_badge(page: str) -> str:
    return page.split('<main id="main"', 1)[1].split("The credentials inside", 1)[0]


def test_a_stolen_badge_on_the_page(stranger: Browser, shared: Credential) -> None:
    page = stranger.post("/verify", {"text": presented(shared).decode()}).text
    assert headline(page) == "Shown by an unknown person"
    top = above_the_badge(page)
    assert "These may be somebody else’s" in top
    assert THIEF.did in top
    assert "/verifiableCredential" not in top, "a path in JSON is no word for the person at the counter"
    for word in ("verified", "Verified", "recognised"):
        assert word not in top
    assert page.count("inner-verified") == 1
    assert "is recognised by this service" in page.split("The credentials inside", 1)[1]


@pytest.mark.parametrize("baked", [False, True])
def test_a_licence_that_the_presenter_wrote(stranger: Browser, shared: Credential, baked: bool) -> None:
    """A picture with a seal on it and one's own words around somebody's badge."""
    data = licence(shared)
    if baked:
        picture = stranger.get(f"/credentials/{shared.number}.png").data
        data = png.bake(picture, data, replace=True)
    page = stranger.post("/verify", {"file": upload(data, "licence.png" if baked else "licence.json")}).text
    assert headline(page) == "Not valid"
    assert "Not a proper presentation" in page
    assert "Superintendent Licence" not in page
    assert "State Board" not in page
    found = stranger.client.post("/api/v1/verify", data=data).get_json()
    assert ReportShape().validate(found) == {}
    assert (found["verdict"], found["issuer"], found["credentialId"]) == ("failed", None, None)


def test_a_stolen_badge_is_counted_as_no_verified_one(stranger: Browser, shared: Credential) -> None:
    def counted(verdict: str) -> float:
        labels = {"door": "page", "verdict": verdict}
        return REGISTRY.get_sample_value("badgewright_verifications_total", labels) or 0

    before = counted("verified"), counted("undetermined")
    stranger.post("/verify", {"text": presented(shared).decode()})
    assert (counted("verified"), counted("undetermined")) == (before[0], before[1] + 1)


def test_only_the_person_it_is_about_will_do(stranger: Browser, shared: Credential) -> None:
    asked = {"holder_is_subject": "true"}
    page = stranger.post("/verify", {"text": presented(shared).decode(), **asked}).text
    assert headline(page) == "Not valid"
    assert "Not shown by the person it is about" in page
    bare = stranger.post("/verify", {"text": shared.document.decode(), **asked}).text
    assert headline(bare) == "Not valid"
    assert "This is no presentation, which was asked for" in bare
    refused = stranger.post("/verify", {"text": "", **asked})
    assert 'name="holder_is_subject" value="true" checked' in refused.text


def test_a_revoked_badge_that_is_shown(
    stranger: Browser, runtime: Runtime, district: District, shared: Credential
) -> None:
    revoke(runtime, district, shared)
    page = stranger.post("/verify", {"text": presented(shared).decode()}).text
    assert headline(page) == "Not valid"
    assert "These may be somebody else’s" in above_the_badge(page)


def test_the_presenters_own_word_and_a_forgery_get_no_title(stranger: Browser, shared: Credential) -> None:
    """Inside a presentation too: a licence that its holder wrote, unsigned, and a badge that was changed."""
    forged = json.loads(shared.document)
    forged["credentialSubject"]["achievement"]["name"] = "Head Teacher Licence"
    own = {
        "@context": [VCDM],
        "type": ["VerifiableCredential"],
        "name": "Superintendent Licence",
        "issuer": {"id": THIEF.did, "name": "State Board"},
        "credentialSubject": {"id": THIEF.did},
    }
    for inner in (own, forged):
        document = {
            "@context": [VCDM],
            "type": ["VerifiablePresentation"],
            "holder": THIEF.did,
            "verifiableCredential": [inner],
        }
        signed = proofs.secure(document, THIEF, ISSUED, purpose="authentication")
        page = stranger.post("/verify", {"text": json.dumps(signed)}).text
        assert "The credentials inside" in page
        assert "Licence</h" not in page
        assert "inner-verified" not in page
