"""People, the organisations they belong to, and what is asked of a person before either changes."""

from __future__ import annotations

from datetime import datetime

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint, text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from issuer.db import Base

#: What a member does in an organisation; one person may have several roles, one row each.
MEMBER_ROLES = ("teacher", "coach", "admin", "agency")

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Organisation(Base):
    """A district (or other issuer). `slug` is part of its DID and never changes."""

    __tablename__ = "organisations"
    __table_args__ = (CheckConstraint("slug = lower(slug) AND length(slug) BETWEEN 2 AND 63", name="slug_form"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(63), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(2000), default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    #: Badges carry a hash of the educator id of the organisation's record.
    educator_id_signed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Role(Base, RoleMixin):
    """Flask-Security's global roles. Only `operator` (of the installation) is used; work is done by `Membership`."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))
    permissions: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))


class User(Base, UserMixin):
    """A person who signs in. `email` is kept as `issuer.services.accounts.normalise_email` gives it."""

    __tablename__ = "users"
    # Two accounts that differ in the case of a letter would be one person to every mail server and two to us.
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        # A DID that is proved belongs to one account; what was never proved blocks nobody.
        Index(
            "uq_users_proved_did",
            "did",
            unique=True,
            sqlite_where=text("did_proved_at IS NOT NULL"),
            postgresql_where=text("did_proved_at IS NOT NULL"),
        ),
        CheckConstraint("did <> '' OR did_proved_at IS NULL", name="no_proof_without_did"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    #: A DID the teacher gave. Used as credentialSubject.id instead of the hashed e-mail once `did_proved_at` is set.
    did: Mapped[str] = mapped_column(String(500), default="")
    #: When the teacher proved to control it.
    did_proved_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # narrower than the mixin, which never writes
        secondary=roles_users, lazy="selectin"
    )
    memberships: Mapped[list[Membership]] = relationship(back_populates="user", lazy="selectin")


class Membership(Base):
    """A person's role in an organisation."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("user_id", "organisation_id", "role"),
        CheckConstraint("role IN ('teacher', 'coach', 'admin', 'agency')", name="role_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    user: Mapped[User] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class UserSession(Base):
    """A browser in which somebody is signed in. Only a SHA-256 of its cookie's random id is kept, and no address.

    Ended means gone: the row is deleted, and with it the cookie and the “stay signed in” cookie are worth nothing.
    """

    __tablename__ = "user_sessions"
    __table_args__ = (CheckConstraint("(confirmed_at IS NULL) = (proof_sha256 IS NULL)", name="confirmed_has_proof"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What the account page calls it by; it opens nothing.
    number: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    #: Such as "Firefox on Windows".
    client: Mapped[str] = mapped_column(String(60))
    #: The person chose to stay signed in: it ends with its days, not when it is idle.
    remembered: Mapped[bool]
    begun_at: Mapped[datetime]
    #: To five minutes.
    seen_at: Mapped[datetime]
    #: When the password was typed last.
    confirmed_at: Mapped[datetime | None]
    #: SHA-256 of what the browser got in return. It is in the session cookie alone, not in “stay signed in”.
    proof_sha256: Mapped[str | None] = mapped_column(String(64))


class MemberInvitation(Base):
    """A role that waits for a person to accept it. `name` is what the admin typed, never what the account says."""

    __tablename__ = "member_invitations"
    __table_args__ = (
        CheckConstraint("role IN ('teacher', 'coach', 'admin', 'agency')", name="role_known"),
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'withdrawn')", name="state_known"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_has_moment"),
        Index(
            "uq_member_invitations_open",
            "organisation_id",
            "user_id",
            "role",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    #: `name` becomes the organisation's record of the person once they accept.
    names_record: Mapped[bool]
    #: It made the account: choosing the first password accepts it.
    made_account: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20), default="open")
    invited_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class DidChallenge(Base):
    """What a person has to sign to show that a DID is theirs. One for each person; a new one replaces it."""

    __tablename__ = "did_challenges"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    did: Mapped[str] = mapped_column(String(500))
    challenge: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
