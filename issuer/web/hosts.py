"""Which names this installation answers to. What a client writes into `Host` never becomes part of a link.

`TrustedHosts` looks at the name before Flask does. Under a foreign name every address is answered by 400, and nothing
about the request's name is passed on: what comes after sees the installation's own address, so that no redirect, mail
or page can repeat a forged one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, request

from issuer.credentials.addresses import Addresses
from issuer.errors import ServiceError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Asked by load balancers and monitoring, by address or by an internal name. They build no link and read no cookie.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
#: Set for a request whose name is not ours; the application then answers nothing but the refusal.
_REFUSED = "badgewright.host_refused"
_DEFAULT_PORTS = {"http": "80", "https": "443"}
# A name with a trailing dot is the same name, written in full.
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^][:@/]+?)\.?(?::([0-9]*))?", re.ASCII)


class HostUnknown(ServiceError):
    """The request names a host that is not this installation."""

    status = 400
    code = "host_unknown"


def with_port(netloc: str, default: str) -> str:
    """`host:port` of the network part of an address or of a header, in lower case; `default` where it names no port.

    Empty for what is no host at all, several hosts and user names among it.
    """
    found = _HOST.fullmatch(netloc.lower())
    return f"{found[1]}:{found[2] or default}" if found else ""


def default_port(scheme: str) -> str:
    return _DEFAULT_PORTS[scheme]


def trusted(addresses: Addresses) -> frozenset[str]:
    """`host:port` of every name under which this installation may be reached, in lower case, with a port always.

    The base address, and on a machine of one's own (a base address on localhost) the other names of that machine.
    Custom domains of organisations belong here as soon as control of them can be proved, and nowhere else.
    """
    parts = urlsplit(addresses.base_url)
    host, port = parts.hostname or "", str(parts.port or default_port(parts.scheme))
    names = {host}
    if host == "localhost" or host.endswith((".localhost", ".localdomain")):
        names |= {"localhost", "127.0.0.1", "[::1]"}
    return frozenset(f"{name}:{port}" for name in names)


class TrustedHosts:
    """WSGI middleware that lets through what is addressed to one of our names.

    Args:
        application: what answers.
        addresses: the installation's own address, which stands in for a name that is not ours.
        names: as `trusted` gives them.
    """

    def __init__(self, application: WSGIApplication, addresses: Addresses, names: Iterable[str]) -> None:
        self._application = application
        self._scheme, self._host = urlsplit(addresses.base_url)[:2]
        self._names = frozenset(names)
        # Clients leave out a port that is the scheme's own, and some proxies every port.
        self._port = str(urlsplit(addresses.base_url).port or default_port(self._scheme))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = with_port(environ.get("HTTP_HOST", ""), self._port)
        if environ.get("PATH_INFO") in PROBES:
            # As if asked at the public address: the redirect to https, too, would send a load balancer away.
            environ["HTTP_HOST"], environ["wsgi.url_scheme"] = self._host, self._scheme
            environ.pop("HTTP_COOKIE", None)
        elif name in self._names and self._target_is_ours(environ):
            host, _, port = name.rpartition(":")
            environ["HTTP_HOST"] = host if port == default_port(self._scheme) else name
            if host.startswith("["):
                # Flask's own look at the name does not know how to read it.
                environ["HTTP_HOST"] = self._host
        else:
            environ["HTTP_HOST"] = self._host
            environ.pop("HTTP_COOKIE", None)
            environ[_REFUSED] = True
        return self._application(environ, start_response)

    def _target_is_ours(self, environ: WSGIEnvironment) -> bool:
        """False for `GET http://elsewhere/path`: of the two names in such a request, the target's counts (RFC 9112
        section 3.2.2)."""
        target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
        if not target.lower().startswith(("http://", "https://")):
            return True
        try:
            return with_port(urlsplit(target).netloc, self._port) in self._names
        except ValueError:
            return False


def install(app: Flask, addresses: Addresses) -> None:
    """Answer to our own names only. Call it before whatever else looks at requests."""
    names = trusted(addresses)
    app.wsgi_app = TrustedHosts(app.wsgi_app, addresses, names)  # type: ignore[method-assign]  # Flask's own recipe
    # Flask looks again, at what the middleware let through.
    app.config["TRUSTED_HOSTS"] = sorted({name.rpartition(":")[0] for name in names if not name.startswith("[")})

    def refuse() -> None:
        if _REFUSED in request.environ:
            raise HostUnknown(f"This server does not answer to that name. Its address is {addresses.base_url}.")

    app.before_request_funcs.setdefault(None, []).insert(0, refuse)
