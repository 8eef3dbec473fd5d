"""The policy of this installation's own verifications; see `issuer.recognition`."""

from __future__ import annotations

from sqlalchemy.orm import Session

from issuer.queries.credentials import organisation_slugs
from issuer.web.current import looking, runtime
from verifier.policy import Policy


def policy(session: Session) -> Policy:
    tools = runtime()
    own = (tools.addresses.organisation_did(slug) for slug in organisation_slugs(session))
    return tools.recognition.policy(own, tools.clock())


def current_policy() -> Policy:
    """The same for callers without a session of their own."""
    with looking() as session:
        return policy(session)
