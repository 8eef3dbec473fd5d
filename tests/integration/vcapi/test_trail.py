"""What was signed through the VC API stands in the audit trail; what was refused leaves nothing behind."""

from __future__ import annotations

from sqlalchemy import func, select

from issuer.models import AuditEvent, StatusEntry
from tests.integration.vcapi.conftest import DIDS, WITH_STATUS, Server, Suite, plain


def test_the_trail(suite: Suite, server: Server) -> None:
    suite.issue(plain(issuer=DIDS["Ed25519"]))
    suite.issue(plain(issuer=suite.did), token=suite.key)
    with server.runtime.sessions() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.action == "credential.sign")).all()
    found = {event.details["issuer"]: event for event in events}
    assert found.keys() == {DIDS["Ed25519"], suite.did}
    assert found[DIDS["Ed25519"]].organisation_id is None
    assert found[suite.did].organisation_id is not None
    assert found[suite.did].actor_kind == "api_key"
    assert all(event.subject.startswith("sha256:") for event in events)


def test_a_refusal_takes_no_place_in_a_list(suite: Suite, server: Server) -> None:
    def taken() -> int:
        with server.runtime.sessions() as session:
            return session.scalar(select(func.count()).select_from(StatusEntry)) or 0

    suite.issue(plain(issuer=WITH_STATUS))
    before = taken()
    assert suite.issue(plain(issuer=WITH_STATUS), previousProof="urn:uuid:nowhere").code == "previous_proof_missing"
    assert taken() == before
