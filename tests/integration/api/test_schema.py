"""Whatever is sent, the API keeps to its own document: no 5xx, every answer in the shape that was promised."""

from __future__ import annotations

from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from issuer.api.limits import limiter
from tests.integration.api.conftest import Ask, body
from tests.integration.conftest import District

#: For each operation. Enough to meet every kind of nonsense over time, few enough to be run each time.
EXAMPLES = 6
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_answers_are_those_of_the_document(app: Flask, ask: Ask, district: District, new_key: Any) -> None:
    app.testing = False  # a fault of ours must be answered as outside, and be found by its 500
    app.config["PROPAGATE_EXCEPTIONS"] = False
    limiter.enabled = False
    started = body(ask("POST", "/submissions", member=district.teacher.email, json={"key": "check-understanding"}))
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    headers = {"Authorization": f"Bearer {new_key()}"}
    met = set()
    try:
        for found in schema.get_all_operations():
            operation = found.ok()
            coach = operation.path.startswith("/api/v1/queue")
            headers["Badgewright-Member"] = district.coach.email if coach else district.teacher.email

            _keep_to(operation, dict(headers), started["number"])
            met.add(operation.label)
    finally:
        limiter.enabled = True
    assert len(met) > 25


def _keep_to(operation: Any, headers: dict[str, str], number: str) -> None:
    @QUICK
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        # Of random numbers none exists: half of the work would never be reached.
        if isinstance(case.path_parameters.get("number"), str):
            case.path_parameters["number"] = number
        case.headers = {**(case.headers or {}), **headers}
        case.call_and_validate(checks=CHECKS)

    each()
