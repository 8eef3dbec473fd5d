"""How often a stranger may try: sign-in, password mails, verification and embedded badges."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

#: Tries a minute and an hour from one address. Each has a name, so that an operator finds it.
SIGN_IN = "10 per minute; 100 per hour"
PASSWORD_MAIL = "5 per minute; 20 per hour"  # noqa: S105 - a rate, not a password
VERIFY = "60 per minute; 1000 per hour"
#: A whole school may look at the same page from one address.
EMBED = "600 per minute; 6000 per hour"

limiter = Limiter(key_func=get_remote_address, headers_enabled=True)


def install(app: Flask) -> None:
    limiter.init_app(app)
    for endpoint, rate in (("security.login", SIGN_IN), ("security.forgot_password", PASSWORD_MAIL)):
        view: Any = app.view_functions[endpoint]
        app.view_functions[endpoint] = limiter.limit(rate, exempt_when=_only_looks)(view)


def _only_looks() -> bool:
    """Showing the form is free; sending it counts."""
    return request.method in ("GET", "HEAD")
