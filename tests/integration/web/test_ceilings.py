"""What one request may bring and hold, route by route."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from issuer import ceilings
from issuer.app import create_app
from issuer.ceilings import Ceilings
from issuer.runtime import Runtime
from tests.integration.web.conftest import Browser, upload
from verifier.allowance import seconds_left
from verifier.limits import DEFAULT_LIMITS

MEGABYTE = 1024 * 1024


def test_a_route_that_was_renamed_does_not_lose_its_ceiling_in_silence(runtime: Runtime, monkeypatch) -> None:
    """Imports by the browser were cut at 4 MB, because they had moved to another blueprint."""
    monkeypatch.setattr(ceilings, "_IMPORTS", ("admin.plan_import",))
    with pytest.raises(LookupError, match=r"not there: admin\.plan_import"):
        create_app(runtime=runtime)


def test_a_part_that_is_switched_off_needs_no_ceiling(runtime: Runtime) -> None:
    app = create_app(runtime=replace(runtime, config=replace(runtime.config, vc_api="off")))
    assert not any(each.startswith("vc_api.") for each in app.view_functions)


def test_resetting_a_password_does_not_queue_behind_verifications(app: Flask) -> None:
    """Nor does adding a member: their mails are sent in the background."""
    found: Ceilings = app.extensions["badgewright_ceilings"]
    for path in ("/reset-password", "/admin/lakeside/members", "/api/v1/members"):
        assert not found.of("POST", path).slow, path


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
