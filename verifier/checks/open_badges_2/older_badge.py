"""The documents that make up one Open Badges 2.0 badge, fetched when asked for and then kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from verifier.checks.open_badges_2.reading import address_of, has_type, is_older_badge
from verifier.checks.run import Run
from verifier.credential import Credential
from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Fetcher
from verifier.formats import json_text
from verifier.limits import Limits


class OlderBadge:
    """Assertion, BadgeClass and issuer Profile of one verification.

    An embedded BadgeClass or Profile is never taken from an assertion that arrived in a file: whoever made the file
    could have written it. Each is fetched from its own address; in a signed badge an embedded one is under the
    signature, but then its address is still what says whose it is.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.assertion: Mapping[str, Any] = run.credential.document

    @property
    def is_signed(self) -> bool:
        """Whether this badge came as a JWS. Decided by its form, not by what it says of itself."""
        return self.run.credential.jws is not None

    def fetch(self, url: str, pointer: str) -> Mapping[str, Any]:
        """The JSON object at `url`, which must say that this is its address.

        Raises:
            CouldNotCheck: it could not be had; `linked_elsewhere`.
            VerifierError: `linked_id_mismatch`, or it is not JSON.
        """
        found = self.run.fetcher.get(url, max_bytes=self.run.limits.controller_document_bytes)
        _refuse_elsewhere(url, found.url)
        document = json_text.load_object(found.body, limits=self.run.limits)
        if document.get("id") != url:
            raise VerifierError(
                "linked_id_mismatch",
                f"The document at {url} says that it is another one.",
                pointer=pointer,
                details={"url": url, "id": str(document.get("id"))[:200]},
            )
        return document

    @cached_property
    def achievement(self) -> Mapping[str, Any]:
        """The BadgeClass. Raises as `fetch`, and `badge_class_missing`."""
        address = address_of(self.assertion.get("badge"))
        if address is None:
            raise VerifierError("badge_class_missing", "The badge does not say what was achieved.", pointer="/badge")
        document = self.fetch(address, "/badge")
        if not has_type(document, "BadgeClass"):
            raise VerifierError(
                "badge_class_missing",
                "What the badge names as its achievement is something else.",
                pointer="/badge",
                details={"url": address},
            )
        return document

    @cached_property
    def issuer(self) -> Mapping[str, Any]:
        """The issuer's Profile. Raises as `fetch`, and `issuer_missing`."""
        address = address_of(self.achievement.get("issuer"))
        if address is None:
            raise VerifierError("issuer_missing", "The achievement does not say who gives it.", pointer="/badge")
        document = self.fetch(address, "/badge")
        if not has_type(document, "Issuer", "Profile"):
            raise VerifierError(
                "issuer_missing",
                "What the achievement names as its issuer is something else.",
                pointer="/badge",
                details={"url": address},
            )
        return document

    @cached_property
    def hosted_copy(self) -> Mapping[str, Any]:
        """The assertion as its issuer hosts it now. Raises as `fetch`, and `id_missing`."""
        address = self.assertion.get("id")
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            raise VerifierError(
                "id_missing", "A hosted badge needs the web address at which it is hosted.", pointer="/id"
            )
        return self.fetch(address, "/id")

    @property
    def issuer_id(self) -> str:
        """The id of the issuer's Profile as it was found, "" if it was not."""
        try:
            return str(self.issuer["id"])
        except VerifierError:
            return ""


def _refuse_elsewhere(asked: str, found: str) -> None:
    """Where a document lies makes it its issuer's. A host that sends anybody anywhere (`/redirect?to=`) must not lend
    its name to what lies there, so a redirect may only lead to a name below or above the one asked for.

    Raises:
        CouldNotCheck: `linked_elsewhere`.
    """
    one, other = (f".{(urlsplit(url).hostname or '').lower()}" for url in (asked, found))
    if not one.endswith(other) and not other.endswith(one):
        raise CouldNotCheck(
            "linked_elsewhere",
            f"{asked} leads to another site, so what was found there is not its own word.",
            details={"url": asked, "found": found[:200]},
        )


def follow(credential: Credential, fetcher: Fetcher, limits: Limits) -> Credential:
    """The badge to which an image without a badge of its own points.

    Raises:
        CouldNotCheck: it could not be had.
        VerifierError: `linked_id_mismatch`, `unknown_format`, or it is not JSON.
    """
    address = str(credential.document["id"])
    found = fetcher.get(address, max_bytes=limits.credential_bytes)
    _refuse_elsewhere(address, found.url)
    document = json_text.load_object(found.body, limits=limits)
    if document.get("id") != address:
        raise VerifierError(
            "linked_id_mismatch", f"The document at {address} says that it is another one.", details={"url": address}
        )
    if not is_older_badge(document):
        raise VerifierError("unknown_format", f"What lies at {address} is not an Open Badges 2.0 badge.")
    return replace(credential, document=document, text=found.body, notes=())
