"""What people are written to about keys and roles: recipient, subject, text. Sent by the edge, after the commit."""

from __future__ import annotations

from typing import NamedTuple

from issuer.credentials.addresses import Addresses
from issuer.models import KeyConsent, MemberInvitation
from issuer.services.consents import MEMBER_SCOPES


class Notice(NamedTuple):
    """A mail, in the order in which `issuer.mail.Mailer.send` takes it."""

    recipient: str
    subject: str
    text: str


def consent_asked(consent: KeyConsent, organisation: str, addresses: Addresses) -> Notice:
    """A key asks to act for this member."""
    allowed = "\n".join(f"- {MEMBER_SCOPES[scope]}" for scope in consent.key.scopes if scope in MEMBER_SCOPES)
    return Notice(
        consent.user.email,
        f"A program asks to act for you at {organisation}",
        f"""Hello {consent.user.name or consent.user.email},

the program “{consent.key.name}” of {organisation} asks to act for you on Badgewright.
If you agree, it may do this in your name:

{allowed}

Nothing happens unless you agree. Sign in to answer, and to take it back at any time:

{addresses.base_url}/account#keys
""",
    )


def invited(invitation: MemberInvitation, addresses: Addresses, password_link: str) -> Notice:
    """Somebody is invited to a role. `password_link`: for an account without a password; "" where there is one."""
    organisation, role = invitation.organisation.name, invitation.role
    until = f"{invitation.expires_at:%-d %B %Y}"
    if invitation.made_account:
        what = f"""{organisation} has made an account for you on Badgewright, where microcredentials
for educators are earned, reviewed and issued, and invites you as {role}.

Choose your password here. That accepts the invitation:

{password_link}

The link works for one day, and the invitation is open until {until}. If the link
has ended by then, "I forgot my password" on the sign-in page sends you a new one."""
    else:
        first = f"Choose a password first (the link works for one day):\n\n{password_link}\n\n" if password_link else ""
        what = f"""{organisation} invites you as {role} on Badgewright, where microcredentials
for educators are earned, reviewed and issued.

{first}Sign in to accept or decline, until {until}:

{addresses.base_url}/account#invitations"""
    return Notice(
        invitation.email,
        f"Your invitation to {organisation}",
        f"""Hello {invitation.name},

{what}

If you do not know {organisation}, ignore this mail: nothing happens then.
""",
    )
