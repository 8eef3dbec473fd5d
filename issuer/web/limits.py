"""How often a stranger may ask for verification and embedded badges. Passwords are counted in `guessing`."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

#: Requests a minute and an hour from one address. Each has a name, so that an operator finds it.
VERIFY = "60 per minute; 1000 per hour"
#: A whole school may look at the same page from one address.
EMBED = "600 per minute; 6000 per hour"

limiter = Limiter(key_func=get_remote_address, headers_enabled=True)


def install(app: Flask) -> None:
    limiter.init_app(app)
