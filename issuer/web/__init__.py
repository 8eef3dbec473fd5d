"""Pages: HTML by role. A view parses the request, calls one service or query, and renders."""

from __future__ import annotations

from flask import Flask

from issuer.web import (
    accounts,
    admin,
    agency,
    api_keys,
    coach,
    consents,
    credentials,
    definitions,
    dids,
    documents,
    embed,
    members,
    public,
    records,
    resuming,
    signing_keys,
    teacher,
    verifications,
    verify,
)


def register(app: Flask) -> None:
    """Register the blueprints of all pages."""
    rooms = (
        public,
        accounts,
        resuming,
        teacher,
        coach,
        admin,
        definitions,
        signing_keys,
        records,
        members,
        api_keys,
        consents,
        dids,
        agency,
        verifications,
        credentials,
        documents,
        verify,
        embed,
    )
    for room in rooms:
        app.register_blueprint(room.pages)
