"""What one request may bring and hold, route by route."""

from __future__ import annotations

from flask import Flask

from issuer import ceilings
from issuer.ceilings import Ceilings
from tests.integration.web.conftest import Browser, upload
from verifier.allowance import seconds_left
from verifier.limits import DEFAULT_LIMITS

MEGABYTE = 1024 * 1024


def test_every_route_that_is_named_exists(app: Flask) -> None:
    named = {*ceilings._SLOW, ceilings._SLOW_WITH_ADDRESS, *ceilings._UPLOADS, *ceilings._IMPORTS, *ceilings._BULK}
    assert named - app.view_functions.keys() == set()


def test_routes_that_take_files_take_more_than_others(app: Flask) -> None:
    found: Ceilings = app.extensions["badgewright_ceilings"]
    for path in ("/admin/x/import", "/verify", "/verifications", "/submissions/1"):
        assert found.of("POST", path).body > 20 * MEGABYTE, path
    for path in ("/sign-in", "/nowhere", "/admin/x/members", "/reviews/1"):
        assert found.of("POST", path).body == 4 * MEGABYTE, path


def test_what_may_wait_for_the_outside_world_is_known_by_its_first_line(app: Flask) -> None:
    found: Ceilings = app.extensions["badgewright_ceilings"]
    assert found.of("GET", "/verify", "url=https%3A%2F%2Fa.example").slow
    assert found.of("POST", "/verify").slow
    assert found.of("POST", "/api/v1/verify").slow
    for method, path in (("GET", "/verify"), ("GET", "/"), ("POST", "/sign-in"), ("GET", "/reset-password")):
        assert not found.of(method, path).slow, path


def test_fetching_and_lint_share_the_time_of_one_verification(app: Flask, stranger: Browser, monkeypatch) -> None:
    left: list[float] = []
    monkeypatch.setattr("issuer.web.verify.lint", lambda *_, **__: left.append(seconds_left()))
    stranger.post("/verify", {"file": upload(b"{}", "badge.json"), "lint": "1"})
    assert left
    assert left[0] <= DEFAULT_LIMITS.verification_seconds
