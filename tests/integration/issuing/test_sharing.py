from __future__ import annotations

import pytest

from issuer.errors import NotFound
from issuer.queries import credentials as queries
from issuer.services import publishing, sharing
from schemas import validation
from tests import factories
from tests.integration.issuing.conftest import LATER, World
from verifier.formats import png, svg


def test_strangers_see_a_credential_only_while_it_is_shared(world: World) -> None:
    credential = world.issue(world.approved())
    number, teacher = credential.number, factories.actor(world.teacher)
    with pytest.raises(NotFound):
        sharing.public_credential(world.session, number, None)
    with pytest.raises(NotFound):
        sharing.public_credential(world.session, number, factories.actor(world.coach))
    for viewer in (teacher, factories.actor(world.admin)):
        assert sharing.public_credential(world.session, number, viewer) is credential
    sharing.share(world.session, number, teacher, LATER)
    assert sharing.public_credential(world.session, number, None) is credential
    sharing.unshare(world.session, number, teacher, LATER)
    with pytest.raises(NotFound):
        sharing.public_credential(world.session, number, None)


def test_only_its_teacher_shares_it(world: World) -> None:
    credential = world.issue(world.approved())
    with pytest.raises(NotFound):
        sharing.share(world.session, credential.number, factories.actor(world.admin), LATER)


def test_baked_images_hold_the_stored_bytes(world: World) -> None:
    credential = world.issue(world.approved())
    assert png.extract(sharing.baked_png(credential)).text == credential.document
    assert svg.extract(sharing.baked_svg(credential)).text.strip() == credential.document


def test_the_published_achievement_stands_alone_and_passes_the_schema(world: World) -> None:
    version = world.approved().version
    document = publishing.public_achievement(version, world.addresses)
    assert document["id"] == "https://badges.example.org/achievements/lakeside/check-understanding/v1"
    body = {name: value for name, value in document.items() if name != "@context"}
    assert validation.validate(body, "Achievement", strict=True) == []


def test_questions_about_credentials(world: World) -> None:
    first, second = world.issue(world.approved("one")), world.issue(world.approved("two"))
    assert set(queries.of_teacher(world.session, world.teacher.id)) == {first, second}
    assert queries.of_teacher(world.session, world.coach.id) == ()
    assert len(queries.of_organisation(world.session, world.organisation.id, words="TEACHER")) == 2
    assert queries.of_organisation(world.session, world.organisation.id, words="%") != ()
    assert queries.of_organisation(world.session, world.organisation.id, words="nobody") == ()
    assert queries.status_list(world.session, first.status_entry.list.number) == first.status_entry.list.document
    assert queries.published_version(world.session, "lakeside", "one", 1) is first.submission.version
    with pytest.raises(NotFound):
        queries.published_version(world.session, "lakeside", "one", 2)
    assert queries.awaiting_issue(world.session) == ()
