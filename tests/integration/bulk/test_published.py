"""A worker's verifier is given the very bytes that a stranger gets at the public address."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from issuer.app import create_app
from issuer.services import sharing
from issuer.services.published import Published
from tests.factories import NOW, actor
from tests.integration.issuing.conftest import World, keyring, world
from tests.simulator import World as Elsewhere
from verifier.errors import CouldNotCheck

__all__ = ["keyring", "world"]  # fixtures


@pytest.fixture
def runtime(world: World, config):
    from issuer.runtime import build_runtime

    made = replace(build_runtime(config), addresses=world.addresses, keyring=world.keyring)
    yield made
    made.close()


def test_the_same_bytes_as_the_web_server(world: World, runtime) -> None:
    credential = world.issue(world.approved())
    sharing.share(world.session, credential.number, actor(world.teacher), NOW)
    world.session.commit()
    client = create_app(runtime=runtime).test_client()
    published = Published(runtime.sessions, world.addresses, Elsewhere())
    base = world.addresses
    for url in (
        base.organisation_did_document(world.organisation.slug),
        base.site_did_document(),
        base.status_list(credential.status_entry.list.number),
        base.credential(credential.number),
        base.credential_json(credential.number),
    ):
        answer = client.get(urlsplit(url).path, base_url=base.base_url, headers={"Accept": "application/vc+ld+json"})
        assert answer.status_code == 200, url
        assert published.get(url, max_bytes=10**6).body == answer.data, url
    sharing.unshare(world.session, credential.number, actor(world.teacher), NOW)
    world.session.commit()
    for url in (base.credential(credential.number), base.status_list("none"), f"{base.base_url}/account"):
        with pytest.raises(CouldNotCheck) as caught:
            published.get(url, max_bytes=10**6)
        assert caught.value.code == "http_status"
    with pytest.raises(CouldNotCheck) as caught:
        published.get(base.site_did_document(), max_bytes=10)
    assert caught.value.code == "response_too_large"


def test_everything_else_is_asked_elsewhere(world: World, runtime) -> None:
    elsewhere = Elsewhere(pages={"https://school.example/x": b"{}"})
    published = Published(runtime.sessions, world.addresses, elsewhere)
    assert published.get("https://school.example/x", max_bytes=10).body == b"{}"
    assert elsewhere.asked == ["https://school.example/x"]
