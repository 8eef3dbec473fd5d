"""Issuers on the web: did:web (W3C CCG) and plain https ids, whose documents are fetched."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Fetcher
from verifier.formats import json_text
from verifier.limits import Limits
from verifier.resolvers.controller import ControllerDocument

_HOST = re.compile(
    r"(?=.{1,253}(?::|$))[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d{1,5})?",
    re.ASCII,
)
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})+", re.ASCII)


def did_web_url(did: str) -> str:
    """The https URL of the document of a did:web.

    Raises:
        VerifierError: `did_malformed`: also for an IP address, `.`, `..` and slashes hidden by percent-encoding.
    """
    host_part, *segments = did.removeprefix("did:web:").split(":")
    host = unquote(host_part)
    name = host.partition(":")[0]
    good = (
        did.startswith("did:web:")
        and _HOST.fullmatch(host) is not None
        and "%" not in host_part.replace("%3A", "").replace("%3a", "")
    )
    try:
        ipaddress.ip_address(name)
        good = False
    except ValueError:
        good = good and not name.rpartition(".")[2].isdigit()
    for segment in segments:
        plain = unquote(segment)
        good = (
            good
            and _SEGMENT.fullmatch(segment) is not None
            and plain not in (".", "..")
            and not set(plain) & set("/\\?#%\0")
        )
    if not good or len(did) > 1024:
        raise VerifierError(
            "did_malformed", "The issuer's did:web cannot be an address on the web.", details={"did": did[:200]}
        )
    path = "/".join(segments) if segments else ".well-known"
    return f"https://{host}/{path}/did.json"


def fetch_object(url: str, fetcher: Fetcher, limits: Limits) -> Mapping[str, Any]:
    """The JSON object at `url`.

    Raises:
        CouldNotCheck: not fetched, or `controller_document_unreadable`.
    """
    fetched = fetcher.get(url, max_bytes=limits.controller_document_bytes)
    try:
        return json_text.load_object(fetched.body, limits=limits, max_bytes=limits.controller_document_bytes)
    except VerifierError as error:
        raise CouldNotCheck(
            "controller_document_unreadable",
            f"What {url} holds is not a document that lists keys.",
            details={"url": url, "cause": error.code},
        ) from error


def resolve(identifier: str, fetcher: Fetcher, limits: Limits) -> ControllerDocument:
    """The document of a did:web or https issuer; its `id` must be the identifier asked for.

    Raises:
        VerifierError: `did_malformed`, `controller_document_id_mismatch`.
        CouldNotCheck: not fetched or not readable.
    """
    url = did_web_url(identifier) if identifier.startswith("did:") else identifier
    document = fetch_object(url, fetcher, limits)
    if document.get("id") != identifier:
        raise VerifierError(
            "controller_document_id_mismatch",
            "The document found under the issuer's address is about somebody else.",
            details={"expected": identifier, "found": str(document.get("id"))[:200], "url": url},
        )
    return ControllerDocument(id=identifier, document=document, source=url)
