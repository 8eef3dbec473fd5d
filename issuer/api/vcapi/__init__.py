"""The W3C VC API under /vc-api: verify, issue, derive, resolve. `install` puts it into the application.

    POST /vc-api/credentials/verify, /vc-api/presentations/verify      open to anybody
    POST /vc-api/credentials/issue, /vc-api/credentials/derive         an API key, or an identity of the operator
    GET  /vc-api/identifiers/<DID>                                     open to anybody

It answers as the W3C test suites expect: whatever is not good is 400 with JSON. What it says of a credential is whether
it is authentic, never whether its issuer is to be trusted: the VC API has no word for that.
"""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from issuer.api.vcapi import identifiers, identities, views
from issuer.config import Config

EXTENSION = views.EXTENSION


def install(app: Flask, config: Config) -> None:
    """Adds the endpoints that `config.vc_api` names ("on", "verify" or "off").

    Call it after `issuer.api.register`. It needs the runtime in `app.extensions["badgewright"]`.

    Raises:
        ConfigError: the file of identities cannot be used.
    """
    if config.vc_api == "off":
        return
    known = identities.load(config.vc_api_identities) if config.vc_api_identities and config.vc_api == "on" else ()
    app.extensions[EXTENSION] = known
    blueprint = views.blueprint(issuing=config.vc_api == "on")
    identifiers.add_to(blueprint)
    # One for each application: a limiter remembers the limits of every blueprint of a name.
    limiter = Limiter(key_func=get_remote_address, headers_enabled=True)
    limiter.init_app(app)
    limiter.limit(config.vc_api_rate)(blueprint)
    app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(blueprint)
