"""What every answer carries, and what no page contains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from issuer.app import create_app
from issuer.config import Config
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser

#: Anything that the policy would block, so that it is found here and not by a person.
_INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:|https?://[^\"' ]+\.(?:css|js)\b")
TEMPLATES = sorted(Path("issuer/templates").rglob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to("issuer/templates")))
def test_no_page_has_anything_inline(template: Path) -> None:
    assert not _INLINE.search(template.read_text())


def test_the_policy_lets_in_nothing_but_our_own(stranger: Browser, district: District) -> None:
    for path in ("/", "/catalogue", "/verify", "/sign-in", "/nowhere"):
        headers = stranger.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_pages_of_a_person_are_kept_by_nobody_else(teacher: Browser) -> None:
    assert teacher.get("/teacher").headers["Cache-Control"] == "private, no-cache"


def test_behind_https_cookies_are_bound_to_it(config: Config, app: Flask) -> None:
    made = Config(
        base_url="https://badges.example.org",
        var=config.var,
        database_url=config.database_url,
        secret_key=config.secret_key,
        key_secret=config.key_secret,
    )
    client = create_app(made).test_client()
    assert client.get("/verify", base_url="http://badges.example.org").location == "https://badges.example.org/verify"
    answer = client.get("/verify", base_url="https://badges.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-badgewright=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]
