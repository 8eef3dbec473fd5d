"""Every public address and identifier of an installation, built in this one place.

What is signed holds these URLs for good, so their form never changes; a page that moves leaves a redirect behind.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses below `base_url`, such as `https://badges.example.org` or `http://localhost:8000`.

    Numbers are the public, random ones of the rows; slugs and keys are those of organisations and achievements.

    Raises:
        ValueError: `base_url` is not a bare http(s) origin with a host name. An IP address is refused because did:web
            has no form for it (did:web method specification, section 3.1).
    """

    base_url: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http or https address: {self.base_url}")
        if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError(f"the base address may hold only scheme, host and port: {self.base_url}")
        try:
            ipaddress.ip_address(parts.hostname)
        except ValueError:
            pass
        else:
            raise ValueError(f"did:web allows no IP address; use a host name instead of {parts.hostname}")
        object.__setattr__(self, "base_url", f"{parts.scheme}://{parts.netloc.lower()}")

    # -- identities ------------------------------------------------------------------------------------------------

    @property
    def site_did(self) -> str:
        """did:web of the installation; the colon of a port is percent-encoded."""
        return "did:web:" + urlsplit(self.base_url).netloc.replace(":", "%3A")

    def organisation_did(self, slug: str) -> str:
        return f"{self.site_did}:orgs:{quote(slug, safe='')}"

    @staticmethod
    def verification_method(did: str, public_multibase: str) -> str:
        return f"{did}#{public_multibase}"

    def site_did_document(self) -> str:
        return self._at(".well-known", "did.json")

    def organisation_did_document(self, slug: str) -> str:
        return self._at("orgs", slug, "did.json")

    def organisation(self, slug: str) -> str:
        """The organisation's own page here."""
        return self._at("orgs", slug)

    # -- credentials and their status ------------------------------------------------------------------------------

    def credential(self, number: str) -> str:
        """The id of the credential, and its page."""
        return self._at("credentials", number)

    def credential_json(self, number: str) -> str:
        return self.credential(number) + ".json"

    def credential_png(self, number: str) -> str:
        return self.credential(number) + ".png"

    def credential_svg(self, number: str) -> str:
        return self.credential(number) + ".svg"

    def credential_qr(self, number: str) -> str:
        return self.credential(number) + "/qr.svg"

    def status_list(self, number: str) -> str:
        return self._at("status", number)

    def status_entry(self, number: str, index: int) -> str:
        """The id of one entry: the list's address with the index as fragment."""
        return f"{self.status_list(number)}#{index}"

    # -- achievements and evidence ---------------------------------------------------------------------------------

    def achievement(self, organisation_slug: str, key: str, version: int) -> str:
        """The id of one published version of an achievement."""
        return self._at("achievements", organisation_slug, key, f"v{version}")

    def achievement_json(self, organisation_slug: str, key: str, version: int) -> str:
        return self.achievement(organisation_slug, key, version) + ".json"

    def criteria(self, organisation_slug: str, key: str, version: int) -> str:
        return self.achievement(organisation_slug, key, version) + "/criteria"

    def achievement_png(self, organisation_slug: str, key: str, version: int) -> str:
        return self.achievement(organisation_slug, key, version) + "/image.png"

    def achievement_svg(self, organisation_slug: str, key: str, version: int) -> str:
        return self.achievement(organisation_slug, key, version) + "/image.svg"

    def evidence(self, number: str) -> str:
        """A piece of evidence that its teacher shares."""
        return self._at("evidence", number)

    def verify(self, url: str = "") -> str:
        """The verify page, filled in with the address of a credential if one is given."""
        return self._at("verify") + (f"?url={quote(url, safe='')}" if url else "")

    def verification(self, number: str) -> str:
        """A bulk verification, in the API."""
        return self._at("api", "v1", "verifications", number)

    def verification_receipt(self, number: str) -> str:
        return self.verification(number) + "/receipt"

    # -- accounts ---------------------------------------------------------------------------------------------------

    def new_password(self, token: str) -> str:
        """The page to which a mail leads, where a person chooses a password."""
        return self._at("reset-password", token)

    # -- both ways -------------------------------------------------------------------------------------------------

    def owns(self, url: str) -> bool:
        """Whether `url` lies below this installation's base address."""
        return url == self.base_url or url.startswith(self.base_url + "/")

    def path(self, url: str) -> str:
        """The part of one of our own addresses after the host, for links inside pages. ValueError for foreign ones."""
        if not self.owns(url):
            raise ValueError(f"not an address of this installation: {url}")
        return url.removeprefix(self.base_url) or "/"

    def _at(self, *segments: str) -> str:
        return "/".join((self.base_url, *(quote(segment, safe="") for segment in segments)))
