"""What this installation publishes, for the verifier in its workers: the bytes that a stranger gets at the address.

The web server asks its own routes (`issuer.web.own_documents`); a worker has none. Only documents that decide a
verification are here; everything else below the address of this installation is not found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urldefrag, urlsplit

from sqlalchemy.orm import Session, sessionmaker

from issuer.credentials.addresses import Addresses
from issuer.db import reading
from issuer.errors import NotFound
from issuer.queries import credentials as queries
from issuer.services import publishing, sharing
from verifier.fetch import Fetched, Fetcher, FetchFailed, FetchRefused, split


class Published:
    """Answers addresses of DID documents, status lists and shared credentials of this installation.

    Args:
        otherwise: gets what is not below our own address.
    """

    def __init__(self, sessions: sessionmaker[Session], addresses: Addresses, otherwise: Fetcher) -> None:
        self._sessions = sessions
        self._addresses = addresses
        self._scheme, self._host = urlsplit(addresses.base_url)[:2]
        self._otherwise = otherwise

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        """Raises: FetchRefused, FetchFailed."""
        bare = urldefrag(url).url
        parts = split(bare)
        # did:web names no scheme and means https, even where a test installation is reached by http.
        if parts.netloc.lower() != self._host or parts.scheme not in ("https", self._scheme):
            return self._otherwise.get(url, max_bytes=max_bytes)
        try:
            with reading(self._sessions) as session:
                body = self._body(session, [unquote(each) for each in parts.path.split("/")[1:]])
        except NotFound as error:
            raise FetchFailed(
                "http_status",
                f"{url} could not be fetched: this server answered 404.",
                details={"url": url, "status": 404},
            ) from error
        if len(body) > max_bytes:
            raise FetchRefused("response_too_large", f"The document at {url} is larger than {max_bytes} bytes.")
        return Fetched(url=bare, body=body, media_type="application/json")

    def _body(self, session: Session, path: list[str]) -> bytes:
        match path:
            case ["orgs", slug, "did.json"]:
                organisation = queries.organisation_by_slug(session, slug)
                return _json(publishing.organisation_did_document(session, self._addresses, organisation))
            case [".well-known", "did.json"]:
                return _json(publishing.site_did_document(self._addresses))
            case ["status", number]:
                return queries.status_list(session, number)
            case ["credentials", number]:
                return sharing.public_credential(session, number.removesuffix(".json"), None).document
        raise NotFound("There is no such document.")


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
