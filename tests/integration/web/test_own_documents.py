"""Which addresses are our own: those of the settings, and on one's own machine its other names; nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest

from issuer.credentials.addresses import Addresses
from issuer.web.own_documents import OwnFirst
from verifier.fetch import Fetched, FetchRefused

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Nowhere:
    def get(self, url: str, *, max_bytes: int) -> Fetched:
        raise FetchRefused("address_refused", f"{url} was not fetched.")


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [environ["HTTP_HOST"].encode()]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://localhost:8107", "http://localhost:8107/credentials/1"),
        ("http://localhost:8107", "http://127.0.0.1:8107/credentials/1"),
        ("http://localhost:8107", "https://LOCALHOST:8107/orgs/x/did.json"),
        ("http://localhost", "http://127.0.0.1/x"),
        ("http://localhost:8107", "http://[::1]:8107/credentials/1"),
        ("https://badges.example.org", "https://badges.example.org/x"),
        ("https://badges.example.org", "https://badges.example.org:443/x"),
    ],
)
def test_a_demo_badge_could_not_be_verified_by_the_other_name_of_the_machine(base: str, url: str) -> None:
    found = OwnFirst(application, Addresses(base), Nowhere()).get(url, max_bytes=1000)
    assert found.url == url
    # Asked at the configured address, whatever the name in the question was.
    assert found.body.decode() == base.partition("//")[2]


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://localhost:8107", "http://127.0.0.1:8108/x"),
        ("http://localhost:8107", "http://127.0.0.1/x"),
        ("http://localhost:8107", "http://someone@127.0.0.1:8107/x"),
        ("http://localhost:8107", "http://localhost.evil.example:8107/x"),
        ("https://badges.example.org", "http://badges.example.org/x"),
        ("https://badges.example.org", "https://127.0.0.1/x"),
        ("https://badges.example.org", "https://localhost/x"),
    ],
)
def test_nothing_else_is_ours(base: str, url: str) -> None:
    with pytest.raises(FetchRefused):
        OwnFirst(application, Addresses(base), Nowhere()).get(url, max_bytes=1000)
