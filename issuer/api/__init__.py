"""JSON over the same services as the pages, under /api/v1. `register` puts it into the application."""

from __future__ import annotations

from importlib.metadata import version

from flask import Flask
from flask_smorest import Api
from marshmallow import INCLUDE

from issuer.api import (
    catalogue,
    credentials,
    documentation,
    keys,
    limits,
    members,
    operations,
    reviews,
    submissions,
    verification,
    verifications,
)
from issuer.api.resource import answer_unknown_addresses
from schemas.problem import MEDIA_TYPE, ProblemShape

DESCRIPTION = """\
Every request but `POST /api/v1/verify` carries an API key of an organisation: `Authorization: Bearer bw_...`. A key has
scopes; each operation names the one it needs. Work that a person does (submitting, reviewing, sharing) also names that
person: `Badgewright-Member: e-mail address`, who has to have agreed to that key. Whatever writes takes an
`Idempotency-Key`. Lists come in pages (`page`, `pageSize`). Errors are problem details
(RFC 9457) with a stable `code`; times are RFC 3339 in UTC."""

#: The endpoint of `verifier.endpoint`.
VERIFY = "verifier.verify"
RESOURCES = (
    catalogue.resource,
    submissions.resource,
    reviews.resource,
    credentials.resource,
    members.resource,
    keys.resource,
    verifications.resource,
)


class Problem(ProblemShape):
    """Problem details (RFC 9457). Further members belong to the code (section 3.2)."""

    class Meta(ProblemShape.Meta):
        unknown = INCLUDE


class DocumentedApi(Api):
    """flask-smorest, with our problems and our own page in place of its error handlers and scripts."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Each resource has its own; the pages' errors are not ours to answer."""

    def _register_doc_blueprint(self) -> None:
        """See `issuer.api.documentation`."""

    def _register_responses(self) -> None:
        default: str = Api.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = MEDIA_TYPE
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = default


def register(app: Flask) -> None:
    """Adds the API, its documentation and the operator's addresses.

    Call it last: it needs the runtime in `app.extensions["badgewright"]`, CSRF protection and the verifier's endpoint.
    """
    api = DocumentedApi(
        app,
        spec_kwargs={
            "title": "Badgewright",
            "version": version("badgewright"),
            "openapi_version": "3.1.0",
            "info": {"description": DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
            "servers": [{"url": app.extensions["badgewright"].addresses.base_url}],
        },
    )
    api.spec.components.security_scheme(
        "apiKey", {"type": "http", "scheme": "bearer", "description": "An API key of an organisation."}
    )
    for resource in RESOURCES:
        api.register_blueprint(resource)
        app.extensions["csrf"].exempt(resource)
    verification.describe(api.spec, app, VERIFY)
    limits.install(app, list(RESOURCES), VERIFY)
    answer_unknown_addresses(app)
    operations.register(app)
    app.register_blueprint(documentation.blueprint(api.spec))
