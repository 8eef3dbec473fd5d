"""What this installation publishes, for its own verifier: asked of our own public routes, exactly as a stranger would.

Without this a server behind a firewall, or on a laptop, could not verify what it issued: the verifier goes out only to
public https addresses. Nothing is passed on but the path, so that nobody's session is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.test import Client

from issuer.credentials.addresses import Addresses
from issuer.web.hosts import default_port, trusted, with_port
from verifier.fetch import Fetched, Fetcher, FetchFailed, FetchRefused, split

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_ACCEPT = "application/vc+ld+json, application/did+ld+json, application/ld+json, application/json"


class OwnFirst:
    """Answers addresses of this installation from `application`; everything else goes to `otherwise`.

    Ours is what `hosts.trusted` says: the base address, and on a machine of one's own its other names, since whoever
    tries the demo at 127.0.0.1 copies addresses from there. The names come from the settings, never from a request.

    Args:
        application: the WSGI application as the outside sees it.
        otherwise: gets every other address.
    """

    def __init__(self, application: WSGIApplication, addresses: Addresses, otherwise: Fetcher) -> None:
        self._application = application
        base = urlsplit(addresses.base_url)
        self._scheme, self._host = base.scheme, base.netloc
        self._names = trusted(addresses)
        self._otherwise = otherwise

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        """Raises: FetchRefused, FetchFailed."""
        parts = split(url)
        # did:web names no scheme and means https, even where a test installation is reached by http.
        if not self._is_ours(parts.netloc) or parts.scheme not in ("https", self._scheme):
            return self._otherwise.get(url, max_bytes=max_bytes)
        answer = Client(self._application, use_cookies=False).get(
            parts.path or "/",
            query_string=parts.query,
            base_url=f"{self._scheme}://{self._host}",
            headers={"Accept": _ACCEPT},
        )
        if answer.status_code != 200:
            closed = answer.status_code == 404 and parts.path.startswith("/credentials/")
            raise FetchFailed(
                "http_status",
                f"{url} could not be fetched: this server answered {answer.status_code}."
                + (" Its owner may have stopped sharing it." if closed else ""),
                details={"url": url, "status": answer.status_code},
            )
        body = answer.get_data()
        if len(body) > max_bytes:
            raise FetchRefused("response_too_large", f"The document at {url} is larger than {max_bytes} bytes.")
        return Fetched(url=url, body=body, media_type=answer.mimetype or "")

    def _is_ours(self, netloc: str) -> bool:
        return with_port(netloc, default_port(self._scheme)) in self._names
