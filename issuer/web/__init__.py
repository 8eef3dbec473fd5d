"""Pages: HTML by role. A view parses the request, calls one service or query, and renders."""

from __future__ import annotations

from flask import Flask

from issuer.web import accounts, admin, agency, coach, credentials, documents, embed, public, teacher, verify


def register(app: Flask) -> None:
    """Hang every page into the application."""
    for room in (public, accounts, teacher, coach, admin, agency, credentials, documents, verify, embed):
        app.register_blueprint(room.pages)
