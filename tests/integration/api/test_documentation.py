"""The OpenAPI document is whole, and its page is made from it without a script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient

from issuer.services.api_keys import SCOPES
from tests.integration.api.conftest import body
from tests.integration.conftest import District


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_document_is_openapi_3_1_and_every_reference_leads_somewhere(
    client: FlaskClient, district: District
) -> None:
    spec = body(client.get("/api/openapi.json"))
    assert spec["openapi"] == "3.1.0"
    assert len(spec["paths"]) > 20
    for reference in set(references(spec)):
        found: Any = spec
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    operations = [op for item in spec["paths"].values() for m, op in item.items() if m != "parameters"]
    assert all(operation["summary"] for operation in operations)
    used = {scope for op in operations for each in op["security"] for scopes in each.values() for scope in scopes}
    # This one opens /vc-api, which W3C describes and this document does not.
    assert used == set(SCOPES) - {"credentials:issue"}
    assert spec["paths"]["/api/v1/verify"]["post"]["security"] == []


def test_the_page_names_every_operation_and_needs_no_script_of_anybody(client: FlaskClient, district: District) -> None:
    spec = body(client.get("/api/openapi.json"))
    page = client.get("/api/docs").text
    for path, item in spec["paths"].items():
        for method in item:
            if method != "parameters":
                assert f"<code>{method.upper()} {path}</code>" in page.replace("&lt;", "<")
    assert page.count("<script") == 1  # the pages' own
    assert "http://" not in page.replace("http://localhost", "").replace("http://www.w3.org", "")
    for name in spec["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
