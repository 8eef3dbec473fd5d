"""The district's record by the API: changed with a scope of its own, and asked about by agencies' programs."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from issuer.services import sharing
from issuer.services.access import Actor
from tests.factories import NOW
from tests.integration.api.conftest import Ask, body
from tests.integration.conftest import District


def test_a_key_that_gives_roles_cannot_choose_what_the_district_signs(
    client: FlaskClient, new_key: Callable[..., str], ask: Ask, district: District
) -> None:
    path, change = f"/api/v1/members/{district.teacher.email}/record", {"name": "Dr. Jane Smith"}
    members_only = {"Authorization": f"Bearer {new_key('members:write', 'members:read')}"}
    refused = client.put(path, json=change, headers=members_only)
    assert (refused.status_code, body(refused)["code"]) == (403, "scope_missing")
    changed = ask("PUT", path.removeprefix("/api/v1"), json={"name": "Tara  Bell", "educatorId": "T-4711"})
    assert changed.status_code == 200
    assert (body(changed)["name"], body(changed)["educatorId"]) == ("Tara Bell", "T-4711")
    for unknown in ("nobody@lakeside.example", district.stranger.email):
        assert ask("PUT", f"/members/{unknown}/record", json=change).status_code == 404
    assert ask("PUT", path.removeprefix("/api/v1"), json={"name": " "}).status_code == 422


def test_a_program_of_an_agency_gets_yes_no_or_nothing(
    ask: Ask, session: Session, district: District, credential_number: str
) -> None:
    path = f"/credentials/{credential_number}/holder"
    assert ask("POST", path, json={"name": "Tara"}).status_code == 404
    sharing.share(session, credential_number, Actor.of(district.teacher), NOW)
    session.commit()
    yes = ask("POST", path, json={"name": " TARA", "educatorId": "T-4711"})
    assert (yes.status_code, body(yes)) == (200, {"name": True, "educatorId": None})
    assert body(ask("POST", path, json={"name": "Jane"})) == {"name": False, "educatorId": None}
    nothing = ask("POST", path, json={})
    assert (nothing.status_code, body(nothing)["code"]) == (422, "nothing_to_compare")
    # Keys do not sign in: nobody revokes a signing key or has awards signed again by the API.
    assert ask("POST", "/signing-keys").status_code == 404
