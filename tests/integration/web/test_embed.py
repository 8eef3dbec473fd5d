"""The badge on other sites: framed there and nowhere else, by strangers alone, without a trace."""

from __future__ import annotations

import pytest

from issuer.models import Credential
from issuer.runtime import Runtime
from issuer.web.limits import limiter
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser
from tests.integration.web.test_credential_page import revoke


def test_the_status_is_live(stranger: Browser, runtime: Runtime, district: District, shared: Credential) -> None:
    page = stranger.get(f"/embed/{shared.number}")
    assert page.status_code == 200
    assert "framed-verified" in page.text
    assert district.organisation.name in page.text
    assert f'href="/credentials/{shared.number}"' in page.text
    revoke(runtime, district, shared)
    page = stranger.get(f"/embed/{shared.number}")
    assert "framed-failed" in page.text
    assert "Revoked by its issuer" in page.text


def test_only_what_is_shared(stranger: Browser, teacher: Browser, admin: Browser, credential: Credential) -> None:
    """Not even for those who may see it here: in a frame everybody is a stranger."""
    absent = stranger.get("/embed/00000000-0000-4000-8000-000000000000")
    for browser in (stranger, teacher, admin):
        answer = browser.get(f"/embed/{credential.number}")
        assert answer.status_code == 404
        assert answer.text == absent.text
    assert "Nothing to show" in absent.text


def test_it_may_be_framed_and_nothing_else_may(stranger: Browser, shared: Credential) -> None:
    answer = stranger.get(f"/embed/{shared.number}")
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    for path in (f"/credentials/{shared.number}", "/verify", "/embed.js", "/embed/", "/embed/a/b"):
        with stranger.get(path) as other:
            headers = other.headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"


def test_no_cookie_and_no_script(stranger: Browser, shared: Credential) -> None:
    for path in (f"/embed/{shared.number}", "/embed/nothing", "/embed.js"):
        with stranger.get(path) as answer:
            assert answer.data
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "public" in answer.headers["Cache-Control"]
    assert "<script" not in stranger.get(f"/embed/{shared.number}").text


def test_the_script(stranger: Browser) -> None:
    with stranger.get("/embed.js") as answer:
        text = answer.text
    assert answer.mimetype == "text/javascript"
    assert "document.cookie" not in text


@pytest.mark.parametrize("path", ["/embed/nothing", "/embed/%00", "/embed/" + "a" * 5000])
def test_any_number_is_answered(stranger: Browser, path: str) -> None:
    assert stranger.get(path).status_code == 404


def test_too_many_are_slowed_down(stranger: Browser) -> None:
    limiter.enabled = True
    assert {stranger.get("/embed/nothing").status_code for _ in range(601)} == {404, 429}
