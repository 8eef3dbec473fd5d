"""Keys for programs: what they may do, for whom they may act, and the requests that they sent twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from issuer.db import Base
from issuer.models.accounts import User


class ApiKey(Base):
    """A key for a program that acts for an organisation. Only a SHA-256 of the secret is kept."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(16), unique=True)
    secret_sha256: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    #: Addresses from which it may be used, as IP addresses or networks; empty for anywhere.
    networks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    #: Whoever made the present secret has seen it; None for the command line.
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    rotated_at: Mapped[datetime | None]
    #: The secret before the last rotation, which works until `previous_ends_at`, and who has seen it.
    previous_sha256: Mapped[str] = mapped_column(String(64), default="")
    previous_ends_at: Mapped[datetime | None]
    previous_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    previous_used_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    creator: Mapped[User | None] = relationship(foreign_keys=[created_by_id])
    previous_creator: Mapped[User | None] = relationship(foreign_keys=[previous_by_id])


class KeyConsent(Base):
    """A member's answer to a key that asks to act for them: one row for each pair, the trail has what was before."""

    __tablename__ = "key_consents"
    __table_args__ = (UniqueConstraint("api_key_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    #: When the member was last written to about it.
    mailed_at: Mapped[datetime | None]
    given_at: Mapped[datetime | None]
    #: None: for as long as the key works.
    ends_at: Mapped[datetime | None]
    #: Declined or taken back.
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    key: Mapped[ApiKey] = relationship(lazy="joined")
    user: Mapped[User] = relationship(lazy="joined")


class IdempotentRequest(Base):
    """A writing request that carried an Idempotency-Key, and its answer once its effect is committed.

    Neither the header's value nor the request's body is stored, only their SHA-256.
    """

    __tablename__ = "idempotent_requests"
    __table_args__ = (
        UniqueConstraint("api_key_id", "key_sha256"),
        CheckConstraint("status IS NULL OR status BETWEEN 200 AND 299", name="only_what_took_effect"),
        Index("ix_idempotent_requests_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    key_sha256: Mapped[str] = mapped_column(String(64))
    #: SHA-256 over method, address, member and body.
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    #: Whoever works on it holds the lease; after `lease_ends_at` somebody else may take it.
    lease: Mapped[str] = mapped_column(String(32))
    lease_ends_at: Mapped[datetime]
    #: None while it is in progress.
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: The answer's body, compressed; None if it was too large to be stored.
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
