"""A teacher's badge out in the world: who sees its page, and the forms in which it can be taken along."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements import serialise
from issuer.credentials.artwork import Design, badge_png, badge_svg, card_png
from issuer.errors import NotFound
from issuer.models import AchievementVersion, Credential, Submission
from issuer.queries import credentials as queries
from issuer.services.access import Actor, note, require_person, roles_of
from verifier.formats import png, svg


def share(session: Session, number: str, actor: Actor, now: datetime) -> Credential:
    """Let strangers see the page of the actor's own credential. Sharing what is shared changes nothing.

    Of an award with several credentials the current one is meant, whichever is named.

    Raises:
        NotFound: no such credential, or another teacher's. Forbidden: `person_needed`.
    """
    credential = _own(session, number, actor)
    if credential.shared_at is None:
        credential.shared_at = now
        note(session, actor, credential.organisation_id, "credential.share", f"credential:{credential.number}", now)
    return credential


def unshare(session: Session, number: str, actor: Actor, now: datetime) -> Credential:
    """Hide the page again. Files that others have taken go on verifying; the address on a printed copy leads nowhere.

    Raises:
        NotFound: no such credential, or another teacher's. Forbidden: `person_needed`.
    """
    credential = _own(session, number, actor)
    if credential.shared_at is not None:
        credential.shared_at = None
        note(session, actor, credential.organisation_id, "credential.unshare", f"credential:{credential.number}", now)
    return credential


def public_credential(session: Session, number: str, viewer: Actor | None) -> Credential:
    """The credential as `viewer` (None: a stranger) may see it: shared, or their own, or their organisation's.

    One that was replaced is shared as long as the one that took its place is, so that old links lead there.

    Raises:
        NotFound: there is none, or it is not for this viewer: the two are never told apart.
    """
    credential = session.scalars(select(Credential).where(Credential.number == number)).one_or_none()
    if credential is None or not (
        queries.current_of(session, credential).shared_at is not None or _belongs_to(session, credential, viewer)
    ):
        raise NotFound("There is no such credential, or it is not shared.")
    return credential


def baked_png(credential: Credential) -> bytes:
    """The badge's picture with the signed bytes in it (Open Badges 3.0, section 5.3.1)."""
    return png.bake(picture_png(credential.submission.version), credential.document)


def baked_svg(credential: Credential) -> bytes:
    """The badge's drawing with the signed bytes in it (Open Badges 3.0, section 5.3.2)."""
    return svg.bake(picture_svg(credential.submission.version), credential.document)


def social_card(credential: Credential) -> bytes:
    """What a social network shows beside a link to the credential's page: a PNG of 1200 by 627 pixels."""
    issued = credential.awarded_at
    return card_png(_design(credential.submission.version), credential.recipient_name, f"{issued.day} {issued:%B %Y}")


def picture_png(version: AchievementVersion) -> bytes:
    """The picture of a microcredential, without any credential in it."""
    return badge_png(_design(version))


def picture_svg(version: AchievementVersion) -> bytes:
    return badge_svg(_design(version))


def _design(version: AchievementVersion) -> Design:
    organisation = version.achievement.organisation
    return Design(
        title=serialise.load(version.body).name,
        organisation=organisation.name,
        organisation_key=organisation.slug,
        key=version.achievement.key,
    )


def _own(session: Session, number: str, actor: Actor) -> Credential:
    teacher_id = require_person(actor, scope="credentials:write")
    credential = session.scalars(
        select(Credential).where(Credential.number == number, Credential.teacher_id == teacher_id)
    ).one_or_none()
    if credential is None:
        raise NotFound("There is no such credential.")
    # Whoever signs the award again just now ends first: or the one that was replaced would be shared, or hidden.
    session.execute(
        select(Submission.id).where(Submission.id == credential.submission_id).with_for_update(key_share=True)
    )
    session.refresh(credential)
    return queries.current_of(session, credential)


def _belongs_to(session: Session, credential: Credential, viewer: Actor | None) -> bool:
    if viewer is None:
        return False
    if viewer.kind == "user" and viewer.user_id == credential.teacher_id:
        return True
    return "admin" in roles_of(session, viewer, credential.organisation_id)
