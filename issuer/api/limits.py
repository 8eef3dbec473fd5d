"""How much a program may ask: by key, by address where a key is refused, and for verification by address."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from issuer.api.authentication import bearer

#: Each has a name, so that an operator finds it.
REQUESTS = "600 per minute"
REFUSED_KEYS = "30 per minute"
VERIFY = "60 per minute; 1000 per hour"

limiter = Limiter(key_func=get_remote_address, headers_enabled=True)


def _key() -> str:
    # The public part of the key: a wrong secret behind it must not use up the owner's share, see REFUSED_KEYS.
    token = bearer(request.headers)
    return token[:15] + get_remote_address()


def _refused(response: Response) -> bool:
    return response.status_code == 401


def install(app: Flask, blueprints: list[Any], verify_endpoint: str) -> None:
    """Puts the limits on the resources and on the verification endpoint."""
    limiter.init_app(app)
    for blueprint in blueprints:
        limiter.limit(REQUESTS, key_func=_key)(blueprint)
        limiter.limit(REFUSED_KEYS, deduct_when=_refused)(blueprint)
    view: Any = app.view_functions[verify_endpoint]
    app.view_functions[verify_endpoint] = limiter.limit(VERIFY)(view)
