"""The policy of this installation's own verifications; see `issuer.recognition`."""

from __future__ import annotations

from sqlalchemy.orm import Session

from issuer.queries.credentials import organisation_names
from issuer.web.current import looking, runtime
from verifier.policy import Policy, TrustedIssuer


def policy(session: Session) -> Policy:
    tools = runtime()
    own = (
        TrustedIssuer(tools.addresses.organisation_did(slug), name)
        for slug, name in organisation_names(session).items()
    )
    return tools.recognition.policy(own, tools.clock())


def current_policy() -> Policy:
    """The same for callers without a session of their own."""
    with looking() as session:
        return policy(session)
