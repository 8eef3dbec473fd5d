from __future__ import annotations

import json

import pytest

from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import Credential
from issuer.services import keys, publishing, status
from issuer.signing import OwnOutput, OwnOutputNotVerified, encode
from tests import factories
from tests.integration.issuing.conftest import LATER, World
from verifier.fetch import Documents
from verifier.policy import TrustedIssuers
from verifier.report import CheckId, Outcome, Report, Verdict
from verifier.resolvers.web import did_web_url
from verifier.verifier import Verifier


def revoke(world: World, credential: Credential, reason: str = "Awarded by mistake", actor=None) -> Credential:
    return status.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        credential.id,
        reason,
        actor or factories.actor(world.admin),
        LATER,
    )


def look_up(world: World, credential: Credential) -> Report:
    """What a stranger sees today: the credential with the list and the DID document as they are published."""
    did = world.addresses.organisation_did("lakeside")
    did_document = publishing.organisation_did_document(world.session, world.addresses, world.organisation)
    listed = credential.status_entry.list
    documents = {did_web_url(did): encode(did_document), world.addresses.status_list(listed.number): listed.document}
    return Verifier(Documents(documents)).verify(credential.document, TrustedIssuers(did), now=LATER)


def test_a_revoked_credential_is_seen_as_revoked_and_its_neighbour_is_not(world: World) -> None:
    first, second = world.issue(world.approved("one")), world.issue(world.approved("two"))
    before = first.document
    assert look_up(world, first).verified
    revoke(world, first)
    report = look_up(world, first)
    assert report.verdict is Verdict.FAILED
    found = report.result(CheckId.STATUS)
    assert found is not None
    assert (found.outcome, found.code) == (Outcome.FAILED, "revoked")
    assert look_up(world, second).verified
    assert first.document == before
    assert first.status_entry.reason == "Awarded by mistake"
    assert first.status_entry.changed_by_id == world.admin.id


def test_later_revocations_keep_the_earlier_ones(world: World) -> None:
    credentials = [world.issue(world.approved(key)) for key in ("one", "two", "three")]
    revoke(world, credentials[0])
    revoke(world, credentials[2])
    assert [look_up(world, credential).verified for credential in credentials] == [False, True, False]


def test_only_an_admin_may_and_only_with_a_reason_and_only_once(world: World) -> None:
    credential = world.issue(world.approved())
    with pytest.raises(Forbidden):
        revoke(world, credential, actor=factories.actor(world.coach))
    with pytest.raises(Invalid) as caught:
        revoke(world, credential, "   ")
    assert caught.value.code == "reason_missing"
    with pytest.raises(Invalid):
        revoke(world, credential, "x" * 3000)
    revoke(world, credential)
    with pytest.raises(Conflict) as again:
        revoke(world, credential)
    assert again.value.code == "already_revoked"


def test_an_admin_of_another_organisation_does_not_even_find_it(world: World) -> None:
    credential = world.issue(world.approved())
    elsewhere = factories.organisation(world.session, "hilltop", "Hilltop Schools")
    stranger = factories.person(world.session, elsewhere, "admin@hilltop.example", "admin")
    with pytest.raises(NotFound):
        revoke(world, credential, actor=factories.actor(stranger))


def test_a_list_that_does_not_show_the_revocation_is_not_published(world: World, monkeypatch) -> None:
    credential = world.issue(world.approved())
    monkeypatch.setattr(status, "status_list", lambda *_, **__: json.loads(credential.status_entry.list.document))
    with pytest.raises(OwnOutputNotVerified):
        revoke(world, credential)


def test_revoking_works_after_the_key_was_replaced(world: World) -> None:
    credential = world.issue(world.approved())
    old = credential.key
    new = keys.rotate(world.session, world.keyring, world.organisation.id, factories.actor(world.admin), LATER)
    assert (old.active, old.retired_at, new.active) == (False, LATER, True)
    assert look_up(world, credential).verified
    after = world.issue(world.approved("after"))
    assert after.key is new
    assert new.public_multibase in json.loads(after.document)["proof"][0]["verificationMethod"]
    revoke(world, credential)
    assert json.loads(credential.status_entry.list.document)["proof"][0]["verificationMethod"].endswith(
        new.public_multibase
    )
    assert look_up(world, credential).verdict is Verdict.FAILED


def test_keys_are_made_once_and_replaced_by_admins_alone(world: World) -> None:
    admin = factories.actor(world.admin)
    with pytest.raises(Conflict) as caught:
        keys.create_key(world.session, world.keyring, world.organisation.id, admin, LATER)
    assert caught.value.code == "key_exists"
    with pytest.raises(Forbidden):
        keys.rotate(world.session, world.keyring, world.organisation.id, factories.actor(world.coach), LATER)
    bare = factories.organisation(world.session, "hilltop", "Hilltop Schools")
    with pytest.raises(Conflict) as none:
        keys.rotate(world.session, world.keyring, bare.id, factories.COMMAND, LATER)
    assert none.value.code == "no_signing_key"


def test_own_output_by_a_key_that_is_not_published_is_refused(world: World) -> None:
    credential = world.issue(world.approved())
    did = world.addresses.organisation_did("lakeside")
    listed = credential.status_entry.list
    bare = {
        did: encode({"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "assertionMethod": []}),
        world.addresses.status_list(listed.number): listed.document,
    }
    with pytest.raises(OwnOutputNotVerified):
        OwnOutput().require(credential.document, bare, did, LATER)
