"""Whether this installation's key secret is the one under which its signing keys are stored."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from issuer.models import SigningKey
from issuer.signing import Keyring
from issuer.signing.signer import KeyUnavailable


def require_key_secret(session: Session, keyring: Keyring) -> None:
    """Go on only if the stored keys can be opened. With a wrong secret everything would run and nothing be signed.

    Opens the oldest and the newest active key: each costs a key derivation, and a secret that was changed shows at one
    of the two. Without keys there is nothing to go wrong.

    Raises:
        KeyUnavailable: `key_secret_wrong`.
    """
    encrypted = (SigningKey.active.is_(True), SigningKey.private_encrypted.is_not(None))
    ends = select(func.min(SigningKey.id), func.max(SigningKey.id)).where(*encrypted)
    oldest, newest = session.execute(ends).one()
    found = select(SigningKey).where(or_(SigningKey.id == oldest, SigningKey.id == newest)).order_by(SigningKey.id)
    for key in session.scalars(found):
        try:
            keyring.signer(key, f"#{key.public_multibase}")
        except KeyUnavailable as error:
            raise KeyUnavailable(
                f"BADGEWRIGHT_KEY_SECRET does not open the signing key of {key.organisation.name}, made on"
                f" {key.created_at:%Y-%m-%d}. Set it to the secret under which the keys were stored, or bring back"
                " secrets.json from your backup of it.",
                code="key_secret_wrong",
            ) from error
