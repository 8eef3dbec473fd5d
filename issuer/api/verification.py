"""`POST /api/v1/verify` in the OpenAPI document. The endpoint itself is `verifier.endpoint`."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from flask import Flask

from schemas.report import ReportShape, VerificationRequest


def describe(spec: APISpec, app: Flask, endpoint: str) -> None:
    """Adds the operation behind `endpoint` to the document."""
    problem = "DEFAULT_ERROR"
    binary = {"schema": {"type": "string", "format": "binary"}}
    operation: dict[str, Any] = {
        "tags": ["verification"],
        "summary": "Verify a credential",
        "description": (
            "Needs no key. The body is a credential as it is (JSON, compact JWS, PNG, SVG), a form with a `file`, or an"
            " object with `credential` or `url`. Without `issuer` this installation's own organisations and its trust"
            " file are recognised. A credential that is not good is an answer too: 200 with `verified` false. So is a"
            " presentation whose `holder` is not the person that the credentials inside are about; each of them has its"
            " own answer under `contents`."
        ),
        "security": [],
        "parameters": [
            {
                "in": "query",
                "name": "issuer",
                "description": "A DID or https address that you recognise; may be given several times.",
                "schema": {"type": "array", "items": {"type": "string"}, "maxItems": 100},
            },
            {
                "in": "query",
                "name": "recipient",
                "description": "E-mail address, DID or `identityType=value` that it must be about.",
                "schema": {"type": "string"},
            },
            {
                "in": "query",
                "name": "challenge",
                "description": "A presentation must answer this challenge of yours.",
                "schema": {"type": "string"},
            },
            {
                "in": "query",
                "name": "domain",
                "description": "A presentation must have been made for this domain.",
                "schema": {"type": "string"},
            },
            {
                "in": "query",
                "name": "holder_is_subject",
                "description": "It must be a presentation, shown with the key of the person its credentials are about.",
                "schema": {"type": "boolean", "default": False},
            },
            {
                "in": "query",
                "name": "at",
                "description": "Judge for this moment.",
                "schema": {"type": "string", "format": "date-time"},
            },
            {
                "in": "query",
                "name": "lint",
                "description": "Say as well, under `lint`, what the official 1EdTech validator would say.",
                "schema": {"type": "boolean", "default": False},
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": VerificationRequest},
                "application/vc+ld+json": {"schema": {"type": "object"}},
                "image/png": binary,
                "image/svg+xml": binary,
                "multipart/form-data": {
                    "schema": {"type": "object", "properties": {"file": binary["schema"]}, "required": ["file"]}
                },
            },
        },
        "responses": {
            "200": {"description": "The report", "content": {"application/json": {"schema": ReportShape}}},
            "400": problem,
            "413": problem,
            "429": problem,
            "502": problem,
        },
    }
    spec.tag({"name": "verification", "description": "Verify what anybody issued."})
    spec.path(rule=next(app.url_map.iter_rules(endpoint)), operations={"post": operation})
