"""What all CASE objects share: identity, links, and addresses that nobody else can reach."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from achievements.fields import Fields
from achievements.identifiers import derived_uri, is_uri
from achievements.problems import Notes


@dataclass(frozen=True, slots=True)
class Link:
    """A LinkURI or LinkGenURI; each part "" where it is not given."""

    uri: str
    identifier: str = ""
    title: str = ""


def read_link(value: Any) -> Link | None:
    """An object with uri, identifier and title, or a bare URI as CASE 1.0 servers write it; None for anything else."""
    if isinstance(value, str) and value:
        return Link(value)
    if not isinstance(value, dict):
        return None
    parts = [value.get(name) for name in ("uri", "identifier", "title")]
    uri, identifier, title = (part if isinstance(part, str) else "" for part in parts)
    return Link(uri, identifier, title) if uri or identifier else None


def uri_of(fields: Fields, identifier: str) -> str:
    """The URI of an object; made from its identifier where the file leaves it out; "" (and an error) without both."""
    uri = fields.text("uri")
    if uri:
        if not is_uri(uri):
            fields.notes.error("uri_invalid", "“uri” must be an absolute URI.", fields.at("uri"))
        return uri
    if not identifier:
        fields.notes.error("field_missing", "Both “uri” and “identifier” are missing.", fields.at("uri"))
        return ""
    fields.notes.warning("case_uri_missing", "“uri” is missing; one was made from “identifier”.", fields.at("uri"))
    try:
        return f"urn:uuid:{uuid.UUID(identifier)}"
    except ValueError:
        return derived_uri("case", identifier)


def warn_private_addresses(uris: Iterable[str], notes: Notes) -> None:
    """A URI is an identity and may point anywhere, but readers of a badge will try to open it."""
    private = [uri for uri in uris if _is_private(uri)]
    if private:
        message = (
            f"{len(private)} URIs lead to a machine that nobody else can reach, like {private[0][:100]}. "
            "Badges aligned to them verify, but their links do not open."
        )
        notes.warning("case_uri_not_public", message)


def _is_private(uri: str) -> bool:
    try:
        host = urlsplit(uri).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False
