"""The application factory: puts the parts together and decides nothing."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from issuer import api, ceilings, web
from issuer.api import vcapi
from issuer.config import Config
from issuer.runtime import Runtime, build_runtime
from issuer.web import counters, failures, headers, hosts, limits, navigation, security, trust, unsent, words
from issuer.web.own_documents import OwnFirst
from verifier.endpoint import create_blueprint
from verifier.fetch import HttpsFetcher
from verifier.verifier import Verifier


def create_app(config: Config | None = None, *, runtime: Runtime | None = None) -> Flask:
    """The service as a WSGI application.

    Args:
        config: settings; read from the environment when left out.
        runtime: ready-made tools, for tests and for a process that shares them with a worker.

    Raises:
        ConfigError: a setting is missing or wrong.
    """
    runtime = runtime or build_runtime(config or Config.from_environ())
    app = Flask(__name__)
    app.url_map.converters["int"] = ceilings.Number
    fetcher = OwnFirst(app, runtime.addresses, HttpsFetcher())
    verifier = Verifier(fetcher)
    app.extensions["badgewright"] = replace(runtime, verifier=verifier)
    app.extensions["badgewright_fetcher"] = fetcher
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    hosts.install(app, runtime.addresses)
    # Around the look at the host: with proxies of ours in front it is they who say which name was asked for.
    if runtime.config.proxies:
        count = runtime.config.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # Flask's own recipe
    security.install(app, runtime)
    headers.install(app, runtime.config)
    words.install(app)
    navigation.install(app)
    unsent.install(app)
    failures.install(app)
    web.register(app)
    endpoint = create_blueprint(
        lambda: verifier, trust.current_policy, fetcher=fetcher, told=lambda report: counters.count("api", report)
    )
    security.csrf.exempt(endpoint)
    app.register_blueprint(endpoint)
    app.config["RATELIMIT_STORAGE_URI"] = runtime.config.rate_limit_storage
    limits.install(app)
    api.register(app)
    vcapi.install(app, runtime.config)
    app.extensions["badgewright_ceilings"] = ceilings.install(app, runtime.config)
    return app
